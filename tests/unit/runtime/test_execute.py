"""One step from its folder: arguments in, outputs out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from assay.runtime.failures import StepFailure
from assay.runtime.results import RawArtifact, RawList, RawValue

TWO = """
    from typing import NamedTuple
    from assay import Images, Predictions, component, step

    class Out(NamedTuple):
        images: Images
        table: Predictions
        count: int

    @component
    def main(count: int = 1) -> Out:
        images = step.output("images", Images)
        (images / "index.csv").write_text("file")
        table = step.output("table", Predictions)
        table.path.write_text("score")
        return Out(images, table, count)
"""


def test_a_named_tuple_feeds_its_ports(run, step_folder):
    found = run(TWO, {"images": "Images", "table": "Predictions", "count": "Value"}, {"count": 5})
    outputs = step_folder.folder / "outputs"
    assert found == {
        "images": RawArtifact("Images", outputs / "images"),
        "table": RawArtifact("Predictions", outputs / "table.csv"),
        "count": RawValue(5),
    }
    assert json.loads((outputs / "count.json").read_text()) == 5


def test_inputs_are_handles_of_the_port_type(run, step_folder):
    for name in ("a.csv", "b.csv"):
        (step_folder.folder / "inputs" / name).write_text(name)
    source = """
        from assay import Dataset, component, step
        @component
        def main(one: Dataset, many: list[Dataset], none: Dataset | None = None) -> list[str]:
            assert isinstance(one, Dataset) and none is None and step.inputs["one"] == one
            return [one.path.read_text(), *(item.path.read_text() for item in many)]
    """
    one = {"type": "Dataset", "many": False, "paths": ["inputs/a.csv"]}
    many = {"type": "Dataset", "many": True, "paths": ["inputs/b.csv", "inputs/a.csv"]}
    assert run(source, {"value": "Value"}, inputs={"one": one, "many": many}) == {
        "value": RawValue(["a.csv", "b.csv", "a.csv"])
    }


@pytest.mark.parametrize("future", ["from __future__ import annotations", ""])
@pytest.mark.parametrize(
    ("annotation", "value", "seen"),
    [
        ("Path", "/a", "PosixPath"),
        ("pathlib.Path | None", "/a", "PosixPath"),
        ("P | None", None, "NoneType"),
        ("P", "/a", "PosixPath"),
        ("Table", "/a", "PosixPath"),
        ("list[Path]", ["/a"], "list of PosixPath"),
        ("dict[str, Path]", {"k": "/a"}, "dict of PosixPath"),
        ("str", "/a", "str"),
        ('Literal["Path"]', "Path", "str"),
        ("list[str]", ["/a"], "list of str"),
        ("int", 3, "int"),
    ],
)
def test_text_becomes_a_path_only_where_annotated(run, future, annotation, value, seen):
    source = f"""
        {future}
        import pathlib
        from pathlib import Path
        from pathlib import Path as P
        from typing import Annotated, Literal
        from assay import Param
        Table = Annotated[Path | None, Param(help="a table")]
        def main(*, x: {annotation}) -> str:
            inner = list(x.values()) if isinstance(x, dict) else x if isinstance(x, list) else []
            return type(x).__name__ + "".join(f" of {{type(item).__name__}}" for item in inner)
    """
    assert run(source, {"value": "Value"}, {"x": value}) == {"value": RawValue(seen)}


def test_a_secret_comes_from_the_environment_and_nowhere_else(run, monkeypatch):
    monkeypatch.setenv("ASSAY_PARAM_TOKEN", "hush")
    source = """
        from assay import step
        def main(*, token: str, other: str = "") -> list[str]:
            return [token, other, *step.params]
    """
    assert run(source, {"value": "Value"}) == {"value": RawValue(["hush", ""])}


def test_the_step_works_in_its_scratch_folder_and_leaves_it(run, step_folder):
    before = Path.cwd()
    source = """
        import os
        def main() -> str:
            return os.getcwd()
    """
    assert run(source, {"value": "Value"}) == {"value": RawValue(str(step_folder.folder / "scratch"))}
    assert Path.cwd() == before


def test_a_file_finds_its_siblings_and_keeps_its_classes(run, step_folder):
    step_folder.write("FACTOR = 3", "beside_steps.py")
    source = """
        from __future__ import annotations
        import dataclasses, pickle
        import beside_steps
        @dataclasses.dataclass
        class Point:
            x: int
        def main() -> int:
            return pickle.loads(pickle.dumps(Point(beside_steps.FACTOR))).x
    """
    assert run(source, {"value": "Value"}) == {"value": RawValue(3)}


def test_a_module_is_imported_by_name(run, step_folder, monkeypatch):
    step_folder.write("def main() -> int:\n    return 7", "importable_steps.py")
    monkeypatch.syspath_prepend(str(step_folder.root))
    implementation = {"kind": "function", "module": "importable_steps", "file": "", "function": "main"}
    assert run("", {"value": "Value"}, implementation=implementation) == {"value": RawValue(7)}


def test_an_unknown_format_is_refused(run):
    with pytest.raises(StepFailure, match="format 99"):
        run("def main(): ...", format=99)


# What may be returned, and what becomes of it


def outcome(run, body: str, outputs: dict[str, str]):
    source = f"""
        import os, sys
        from pathlib import Path
        from assay import File, Folder, Metrics, step
        OUT = Path("../outputs")
        def main():
            {body}
    """
    return run(source, outputs)


def test_what_lies_elsewhere_is_copied_under_its_port(run, step_folder):
    body = "Path('there.txt').write_text('x'); return File('there.txt')"
    found = outcome(run, body, {"file": "File"})
    assert found == {"file": RawArtifact("File", step_folder.folder / "outputs" / "file.txt")}
    assert (step_folder.folder / "outputs" / "file.txt").read_text() == "x"
    assert (step_folder.folder / "scratch" / "there.txt").exists()


def test_a_read_only_input_is_passed_on_as_a_writable_copy(run, step_folder):
    kept = step_folder.root / "kept"
    kept.mkdir()
    (kept / "a.txt").write_text("a")
    (kept / "a.txt").chmod(0o444)
    kept.chmod(0o555)
    (step_folder.folder / "inputs" / "all").symlink_to(kept)
    source = """
        from assay import Folder
        def main(all: Folder) -> Folder:
            return all
    """
    found = run(
        source, {"folder": "Folder"}, inputs={"all": {"type": "Folder", "many": False, "paths": ["inputs/all"]}}
    )
    copy = step_folder.folder / "outputs" / "folder"
    assert found == {"folder": RawArtifact("Folder", copy)}
    assert not copy.is_symlink()
    assert (copy / "a.txt").read_text() == "a"
    assert os.access(copy, os.W_OK)
    assert (copy / "a.txt").stat().st_mode & 0o200
    kept.chmod(0o755)


def test_two_ports_never_share_one_file(run, step_folder):
    body = "out = step.output('one', File); out.path.write_text('x'); return (out, out)"
    found = outcome(run, body, {"one": "File", "two": "File"})
    outputs = step_folder.folder / "outputs"
    assert found == {"one": RawArtifact("File", outputs / "one"), "two": RawArtifact("File", outputs / "two")}


def test_a_file_inside_another_ports_folder_is_copied_out(run, step_folder):
    body = """
            folder = step.output('folder', Folder)
            (folder / 'm.json').write_text('{}')
            return folder, Metrics(folder / 'm.json')
    """
    found = outcome(run, body.strip(), {"folder": "Folder", "metrics": "Metrics"})
    assert found["metrics"] == RawArtifact("Metrics", step_folder.folder / "outputs" / "metrics.json")
    assert (step_folder.folder / "outputs" / "folder" / "m.json").exists()


def test_a_list_port_keeps_its_order(run, step_folder):
    body = """
            parts = [step.output('parts', File, suffix='.txt', index=n) for n in range(3)]
            for part in parts: part.path.write_text('x')
            Path('else.txt').write_text('y')
            return [parts[2], parts[0], File('else.txt')]
    """
    found = outcome(run, body.strip(), {"parts": "list[File]"})
    home = step_folder.folder / "outputs" / "parts"
    assert found == {"parts": RawList("File", (home / "0002.txt", home / "0000.txt", home / "0003.txt"))}


def test_an_empty_list_is_an_output(run):
    assert outcome(run, "return []", {"parts": "list[File]"}) == {"parts": RawList("File", ())}


@pytest.mark.parametrize(
    ("body", "outputs", "found"),
    [
        ("return None", {"file": "File?"}, {}),
        ("return None", {"value": "Value?"}, {"value": RawValue(None)}),
        ("return 'not used'", {}, {}),
        ("(OUT / 'value.json').write_text('[1, 2]')", {"value": "Value"}, {"value": RawValue([1, 2])}),
        ("(OUT / 'value.json').write_text('4'); sys.exit(0)", {"value": "Value"}, {"value": RawValue(4)}),
        (
            "return {'a': (1, 2.5), 'b': None, 'c': True}",
            {"value": "Value"},
            {"value": RawValue({"a": [1, 2.5], "b": None, "c": True})},
        ),
    ],
)
def test_values_and_none(run, body, outputs, found):
    assert outcome(run, body, outputs) == found


def test_what_was_written_under_a_ports_name_counts(run, step_folder):
    body = "(OUT / 'file.csv').write_text('x'); (OUT / 'parts').mkdir(); (OUT / 'parts' / '0').write_text('y')"
    found = outcome(run, body, {"file": "File", "parts": "list[File]"})
    outputs = step_folder.folder / "outputs"
    assert found == {
        "file": RawArtifact("File", outputs / "file.csv"),
        "parts": RawList("File", (outputs / "parts" / "0",)),
    }


def test_undeclared_files_are_named_and_left(run, step_folder, capsys):
    outcome(run, "(OUT / 'b.txt').write_text(''); (OUT / 'a').mkdir(); return 1", {"value": "Value"})
    assert capsys.readouterr().out == "assay: not an output of this component, left out: a, b.txt\n"
    assert (step_folder.folder / "outputs" / "b.txt").exists()


def test_numpy_scalars_and_arrays_are_values(run):
    body = (
        "import numpy as np; return {'a': np.float32(0.5), 'b': np.arange(2), 'c': np.bool_(True), 'd': np.float64(2)}"
    )
    found = outcome(run, body, {"value": "Value"})["value"].json
    assert found == {"a": 0.5, "b": [0, 1], "c": True, "d": 2.0}
    assert [type(item) for item in found.values()] == [float, list, bool, float]


@pytest.mark.parametrize(
    ("body", "outputs", "text"),
    [
        ("return None", {"a": "File", "b": "Value", "c": "File?"}, "[missing-output] outputs 'a', 'b': nothing was returned or written"),
        ("sys.exit()", {"a": "File"}, "[missing-output] output 'a': nothing was returned or written"),
        ("return File('gone.txt')", {"a": "File"}, "[missing-output] output 'a': gone.txt was returned but never written"),
        ("return {'x': [1, float('nan')]}", {"a": "Value"}, "[bad-output] output 'a'['x'][1] is nan, which JSON cannot hold"),
        ("return object()", {"a": "Value"}, "[bad-output] output 'a' is object, which is not a JSON value"),
        ("return {1: 2}", {"a": "Value"}, "[bad-output] output 'a' has the key 1; JSON takes only text as a key"),
        ("return '\\ud800'", {"a": "Value"}, "[bad-output] output 'a' holds text that is not Unicode: surrogates not allowed"),
        ("return 'x' * 300_000", {"a": "Value"}, "[bad-output] output 'a' is a value of 300002 bytes, at most 262144"),
        ("x = []; x.append(x); return x", {"a": "Value"}, "[bad-output] output 'a'" + "[0]" * 101 + " is nested too deeply for a value"),
        ("return 3", {"a": "File"}, "[bad-output] output 'a' takes File, got int"),
        ("return 'x'", {"a": "list[File]"}, "[bad-output] output 'a' takes a list of File, got str"),
        ("return 3", {"a": "File", "b": "File"}, "[bad-output] returned int for the outputs 'a', 'b'"),
        ("return OUT", {"a": "Folder"}, "[bad-output] output 'a' is the folder that all outputs are in"),
        ("return Path('..')", {"a": "Folder"}, "[bad-output] output 'a' is the folder that all outputs are in"),
        ("return OUT", {"a": "File"}, "[bad-output] output 'a' is a folder, File is a file"),
        ("Path('f').write_text(''); return 'f'", {"a": "Model"}, "[bad-output] output 'a' is a file, Model is a folder"),
        ("os.mkdir('d'); os.symlink('/etc', 'd/l'); return 'd'", {"a": "Folder"}, "[bad-output] output 'a' holds a link to a folder, 'l'"),
        ("[(OUT / f'a.{s}').touch() for s in 'xy']", {"a": "File"}, "[bad-output] output 'a' is several files: a.x, a.y"),
        ("(OUT / 'a.json').write_text('{')", {"a": "Value"}, "[bad-output] output 'a': a.json is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    ],
)  # fmt: skip
def test_outputs_that_do_not_fit_are_refused_by_name(run, body, outputs, text):
    with pytest.raises(StepFailure) as caught:
        outcome(run, body, outputs)
    assert str(caught.value) == text
    assert caught.value.traceback == ""
