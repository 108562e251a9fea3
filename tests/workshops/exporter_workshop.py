"""Components for the tests of build targets, and what the platforms do to their documents."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from assay.authoring import read_functions
from assay.exporters import Request, export
from assay.exporters.pack import pack
from assay.runtime.packed import load_packed
from assay.runtime.stepwords import read_step_words

ECHO = '''
"""Says what it was given."""

from pathlib import Path
from typing import Any

from assay import component


@component("test/echo", version="1.2.3", licence="MIT")
def echo(
    *,
    text: str,
    number: int,
    share: float,
    flag: bool,
    items: list[Any],
    table: dict[str, Any],
    words: list[str],
    maybe: str | None = None,
) -> dict:
    """Say what was given.

    Args:
        text: A text.
        number: A whole number.
        share: A number.
        flag: Yes or no.
        items: Anything.
        table: Anything by name.
        words: Texts.
        maybe: A text or nothing.

    Returns:
        value: All of it.
    """
    return {
        "text": text, "number": number, "share": share, "flag": flag,
        "items": items, "table": table, "words": words, "maybe": maybe,
    }
'''

EVERYTHING = '''
"""A component with every kind of port."""

from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from assay import ComponentError, Dataset, Images, Model, Param, component, step


class Made(NamedTuple):
    kept: Dataset
    copies: list[Dataset]
    pictures: Images
    share: float
    extra: Dataset | None


@component("filter/work", version="1.0.0", licence="MIT", authors=("A. Nurse",), requires=("pyyaml",), cpu=1.5, memory="2Gi", gpu=1)
def work(
    table: Dataset,
    more: list[Dataset],
    pictures: Images | None = None,
    *,
    word: str = "a",
    how: Literal["well", "badly"] = "well",
    least: Annotated[float, Param(min=0, max=9, unit="mm")] = 0.5,
    strict: bool = True,
    extra: bool = False,
    token: Annotated[str, Param(secret=True)] = "",
) -> Made:
    """Work on a table.

    Args:
        table: A table.
        more: Other tables.
        pictures: Or none.
        word: What to say: 100 % of it.
        how: Well, or not.
        least: The least.
        strict: Whether to be strict.
        extra: Whether to write one more.
        token: Of the door.

    Returns:
        kept: The table.
        copies: The others.
        pictures: A folder.
        share: A number.
        extra: One more, or none.
    """
    print("word", word, "token", len(token), "pictures", pictures is not None, "strict", strict)
    if how == "badly":
        raise ComponentError("the table is empty", hint="fill it")
    step.log_metric("rows", 3)
    kept = step.output("kept", Dataset)
    kept.path.write_bytes(table.path.read_bytes())
    copies = [step.output("copies", Dataset, index=number) for number in range(len(more))]
    for copy, given in zip(copies, more, strict=True):
        copy.path.write_bytes(given.path.read_bytes())
    made = step.output("pictures", Images)
    (made / "index.csv").write_text("file,patient,label\\n")
    one = step.output("extra", Dataset) if extra else None
    if one is not None:
        one.path.write_text("a\\n")
    return Made(kept, copies, made, 0.5, one)
'''


def read(folder: Path, source: str, name: str = "source.py") -> Any:
    """Return the one component in ``source``."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(source)
    (spec,) = read_functions(file)
    return spec


def built(target: str, spec: Any, **asked: Any) -> dict[str, bytes]:
    """Return the files of a target."""
    return {name: document.content for name, document in export(target, Request(spec, **asked)).items()}


def unpacked(folder: Path, spec: Any, **params: Any) -> Path:
    """Write the pack of a component to a folder, as it is in an image."""
    home = folder / "pack"
    for name, content in pack(spec, params).files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(content)
    return home


def ran(program: Path, *words: Any, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program with nothing of ours on its path."""
    return subprocess.run(
        [sys.executable, "-I", str(program), *map(str, words)], capture_output=True, text=True, check=False, **options
    )


def taken(home: Path, words: list[str]) -> Any:
    """Return the parameters that a packed component takes from the words of a platform; no fault may come of it."""
    given = read_step_words(load_packed(str(home)), words)
    assert given.faults == []
    return given.params


def kubelet(text: str, variables: dict[str, str]) -> str:
    """Expand ``$(NAME)`` as Kubernetes does (third_party/forked/golang/expansion/expand.go)."""
    out, at = "", 0
    while at < len(text):
        if text[at] != "$" or at + 1 == len(text):
            out, at = out + text[at], at + 1
        elif text[at + 1] == "$":
            out, at = out + "$", at + 2
        elif text[at + 1] == "(" and ")" in text[at:]:
            end = text.index(")", at)
            name = text[at + 2 : end]
            out, at = out + variables.get(name, f"$({name})"), end + 1
        else:
            out, at = out + text[at : at + 2], at + 2
    return out


def argo(template: Any, values: dict[str, str]) -> Any:
    """Replace ``{{inputs.parameters.NAME}}`` as Argo does: in the JSON of the template, by the text as Go quotes it."""
    text = json.dumps(template)
    for name, value in values.items():
        assert value.isascii()
        assert value.isprintable()
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        text = text.replace(f"{{{{inputs.parameters.{name}}}}}", quoted)
    assert "{{" not in text
    return json.loads(text)


NASTY = (
    "",
    " ",
    "a\nb\r\n\tc",
    "'",
    '"',
    "\\",
    "\\n",
    "$HOME $(ASSAY_PARAMS) ${x} $$ `id`",
    "{{inputs.parameters.text}} {{=1+1}} }}",
    "{{$.inputs.parameters['text']}}",
    "$(inputs.text) $(inputs)",
    "--out",
    "-x",
    "null",
    "true",
    "8",
    "1e3",
    "~",
    "yes",
    "0x1F",
    "[]",
    "2026-11-26",
    "12:30:45",
    "1_000",
    "0o7",
    ".5",
    "=",
    "<<",
    "!!int 3",
    "&a *a",
    "@x",
    "%x",
    "é ü 漢字 🫁 \u202e \u2028 \x7f \x85",
    "%s %d {0}",
    "# no comment",
    ": - ? |",
    "<script>&amp;",
    "x" * 5000,
)

texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=40))
numbers = st.integers(-(2**53), 2**53)
floats = st.floats(allow_nan=False, allow_infinity=False)
plain = st.one_of(st.booleans(), numbers, floats, texts)


def nested(leaves: Any) -> Any:
    """Return values that hold others."""
    holders = lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3))  # noqa: E731
    return st.recursive(leaves, holders, max_leaves=6)


def values_of(inner: Any) -> Any:
    """Return values for the parameters of ``ECHO``."""
    return st.fixed_dictionaries(
        {
            "text": texts,
            "number": numbers,
            "share": floats,
            "flag": st.booleans(),
            "items": st.lists(inner, max_size=3),
            "table": st.dictionaries(texts, inner, max_size=3),
            "words": st.lists(texts, max_size=3),
            "maybe": st.one_of(st.none(), texts),
        }
    )


anything = nested(st.one_of(st.none(), plain))
values = values_of(anything)
without_nulls = values_of(nested(plain))
"""Kubeflow takes no null inside a list or map."""


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A component with every kind of port."""
    return read(tmp_path_factory.mktemp("everything"), EVERYTHING)


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A component that gives back its parameters, and where it is unpacked."""
    folder = tmp_path_factory.mktemp("echo")
    made = read(folder, ECHO)
    return made, unpacked(folder, made)
