"""Notebooks and scripts of all kinds become specifications, or say what is wrong with them: nothing of them is run."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from assay.authoring import SUFFIXES, read_whole_file
from assay.authoring.cells import LARGEST_NOTEBOOK
from assay.model.command import Each, Group, Item, Role, Slot, Word
from assay.model.component import MISSING, ComponentSpec, ContainerImplementation, Form, ParamType, Resources

SOURCES = Path(__file__).parent / "sources"
FILES = sorted(path for path in SOURCES.iterdir() if path.suffix in SUFFIXES)


def summary(file: Path) -> str:
    """What a source is read as, line by line."""
    reading = read_whole_file(file, f"./{file.name}")
    lines = [f"== {file.name}"]
    for spec in reading.specs:
        lines.append(f"{spec.title!r} {spec.description!r}")
        if isinstance(spec.implementation, ContainerImplementation):
            lines += container_lines(spec)
            continue
        ways = {(variable.role, variable.port): variable for variable in spec.implementation.variables}
        for param in spec.params.values():
            default = "" if param.default is MISSING else f" = {param.default!r}"
            limited = (param.min, param.max) != (None, None)
            marks = (
                " secret" * param.secret
                + " nullable" * param.nullable
                + f" one of {param.choices}" * bool(param.choices)
                + f" from {param.min} to {param.max}" * limited
            )
            way = ways[Role.PARAM, param.name]
            flagged = way.form is Form.FLAG or (param.type is ParamType.BOOL and way.form in (Form.TEXT, Form.OPTION))
            flags = f" {way.true!r}/{way.false!r}" * flagged
            flags += f" {way.name or 'positional'}" * (way.form.typed and way.form is not Form.FLAG)
            forms = "+".join(sorted({str(one.form) for one in spec.implementation.variables if one.port == param.name}))
            items = f"[{param.items}]" if param.items else ""
            lines.append(
                f"param {param.name}: {param.type}{items}{default}{marks} [{forms}{flags}] {param.help}".rstrip()
            )
        for port in spec.inputs.values():
            way = ways[Role.INPUT, port.name]
            mark = "?" * port.optional
            lines.append(f"input {port.name}: {port.type}{mark} [{way.form} {way.name}] {port.help}".rstrip())
        for port in spec.outputs.values():
            way = ways.get((Role.OUTPUT, port.name))
            told = f" [{way.form} {way.name} {way.suffix}]".replace(" ]", "]") if way else ""
            lines.append(f"output {port.name}: {port.type}{told} {port.help}".rstrip())
        if spec.requirements:
            lines.append(f"needs {', '.join(spec.requirements)}")
        if getattr(spec.implementation, "packages", ()):
            lines.append(f"R packages {', '.join(spec.implementation.packages)}")
        if spec.implementation.preload:
            lines.append(f"preload {' '.join(spec.implementation.preload)}")
    lines += [str(fault).replace(f"{SOURCES}/", "") for fault in reading.faults]
    return "\n".join(lines)


def container_lines(spec: ComponentSpec) -> list[str]:
    """What a container component is read as."""
    code = spec.implementation
    lines = []
    for param in spec.params.values():
        default = "" if param.default is MISSING else f" = {param.default!r}"
        items = f"[{param.items}]" if param.items else ""
        marks = (
            " secret" * param.secret + " nullable" * param.nullable + f" one of {param.choices}" * bool(param.choices)
        )
        lines.append(f"param {param.name}: {param.type}{items}{default}{marks} {param.help}".rstrip())
    lines += [
        f"input {port.name}: {port.type}{'?' * port.optional} {port.help}".rstrip() for port in spec.inputs.values()
    ]
    for port in spec.outputs.values():
        place = next(place for place in code.outputs if place.port == port.name)
        way = f"{place.suffix} {place.path} {shown(place.glob) if place.glob else ''}{' stdout' * place.stdout}"
        lines.append(f"output {port.name}: {port.type} [{' '.join(way.split())}] {port.help}".rstrip())
    lines.append(f"image {code.image}{' network' * code.network}{f' in {code.workdir}' * bool(code.workdir)}")
    lines += [f"command {' '.join(map(shown, code.command))}"] * bool(code.command)
    lines += [f"  {shown(item)}" for item in code.args]
    lines += [f"env {name}={shown(word)}" for name, word in code.env.items()]
    if spec.resources != Resources() or not spec.cache or spec.tags:
        lines.append(f"{spec.resources} cache={spec.cache} {spec.version} {spec.licence} {spec.tags} {spec.authors}")
    return lines


def shown(item: Item) -> str:
    """A word, group or list as one line."""
    match item:
        case Word(parts=parts):
            return "".join(part if isinstance(part, str) else slot_shown(part) for part in parts) or "''"
        case Group(items=items, given=given, otherwise=otherwise, truth=truth):
            head = f"if {slot_shown(given)}{' is present' * (not truth)}: " if given else ""
            tail = f" else {' '.join(map(shown, otherwise))}" if otherwise else ""
            return f"[{head}{' '.join(map(shown, items))}{tail}]"
        case Each(slot=slot, before=before, joined=joined):
            return f"<{before}{' ' * bool(before and not joined)}{slot_shown(slot)}...>"


def slot_shown(slot: Slot) -> str:
    more = (
        f" by {slot.separator!r}" * bool(slot.separator)
        + " content" * slot.content
        + " True/False" * (slot.true == "True")
    )
    return f"{{{slot.role} {slot.port}{more}}}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_source_is_read_as_written_down(file):
    expected = {part.split("\n", 1)[0]: part.rstrip() for part in SNAPSHOT.read_text().split("\n\n== ")}
    assert summary(file) == "== " + expected[file.name]


SNAPSHOT = SOURCES / "expected.txt"


def test_there_are_enough_nasty_sources():
    assert len(FILES) >= 75


def notebook(folder: Path, *cells: str, tags: tuple[str, ...] = (), name: str = "n.ipynb") -> Path:
    """Write a notebook: a title, and code cells of which the first is tagged."""
    made = [{"cell_type": "markdown", "metadata": {}, "source": "# N"}]
    for number, source in enumerate(cells):
        metadata = {"tags": list(tags)} if tags and number == 0 else {}
        made.append(
            {"cell_type": "code", "metadata": metadata, "source": source, "outputs": [], "execution_count": None}
        )
    file = folder / name
    file.write_text(json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    return file


def code_of(file: Path) -> str:
    (spec,) = read_whole_file(file, "./x").specs
    return spec.implementation.code


def test_what_counts_in_the_digest_of_a_notebook_and_what_does_not(tmp_path):
    first = code_of(notebook(tmp_path, "x = 1\nprint(x)"))
    assert code_of(notebook(tmp_path, "x = 1  # one\n\n\nprint( x )", name="other.ipynb")) == first
    file = notebook(tmp_path, "x = 1\nprint(x)")
    data = json.loads(file.read_text())
    data["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "1"}]
    data["metadata"] = {"language_info": {"name": "python", "version": "3.99"}}
    file.write_text(json.dumps(data))
    assert code_of(file) == first
    assert code_of(notebook(tmp_path, "x = 2\nprint(x)")) != first
    assert code_of(notebook(tmp_path, "x = 1\nprint(x)\n!ls")) != first
    assert code_of(notebook(tmp_path, "x = 1\nprint(x)", tags=("parameters",))) != first


def test_modules_beside_a_notebook_count(tmp_path):
    (tmp_path / "near.py").write_text("A = 1\n")
    file = notebook(tmp_path, "import near\nprint(near.A)")
    before = code_of(file)
    (tmp_path / "near.py").write_text("A = 22\n")
    assert code_of(file) != before


def test_a_type_in_a_comment_counts(tmp_path):
    one = code_of(notebook(tmp_path, "import os\n# type: Images\nprint(os.environ['input_x'])"))
    assert code_of(notebook(tmp_path, "import os\n# type: Model\nprint(os.environ['input_x'])")) != one


def test_a_notebook_of_100_megabytes_is_refused_in_a_line(tmp_path):
    file = tmp_path / "big.ipynb"
    with file.open("wb") as out:
        out.truncate(100 * 2**20)
    began = time.process_time()
    (fault,) = read_whole_file(file, "./big.ipynb").faults
    assert time.process_time() - began < 0.05
    assert fault.code == "too-large"
    assert fault.message == f"a notebook of 100 MiB, at most {LARGEST_NOTEBOOK // 2**20} MiB"
    assert len(str(fault)) < 300


def test_a_file_that_is_not_there_is_a_fault(tmp_path):
    for name in ("gone.ipynb", "gone.py", "gone.sh"):
        reading = read_whole_file(tmp_path / name, f"./{name}")
        assert [fault.code for fault in reading.faults] == ["not-found"]


def test_reading_takes_at_most_20_ms_and_a_changed_file_is_read_again(tmp_path):
    cells = [f"import os\n# Help {n}\np{n} = int(os.environ.get('p{n}', {n}))\nprint(p{n} * 2)" for n in range(40)]
    file = notebook(tmp_path, *cells)
    began = time.process_time()
    (spec,) = read_whole_file(file, "./n.ipynb").specs
    assert time.process_time() - began < 0.1, "five times the budget: this machine may be slow"
    assert len(spec.params) == 40
    notebook(tmp_path, *cells[:3])
    (again,) = read_whole_file(file, "./n.ipynb").specs
    assert len(again.params) == 3
