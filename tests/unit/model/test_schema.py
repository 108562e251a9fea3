"""The published schema: it takes what the reader takes, and refuses what has the wrong shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from assay.model.codec import load
from assay.model.schema import schema

ROOT = Path(__file__).parents[3]
CHECK = jsonschema.Draft202012Validator(schema())
EXAMPLES = sorted((ROOT / "examples").rglob("*.pipeline.yaml"))


def faults(text: str) -> list[str]:
    value: Any = load(text).json()
    return ["/".join(map(str, error.absolute_path)) for error in CHECK.iter_errors(value)]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_it_takes_every_example(file: Path) -> None:
    assert faults(file.read_text(encoding="utf-8")) == []


def test_it_takes_every_key_of_the_guide() -> None:
    guide = (ROOT / "docs" / "pipeline-file.md").read_text(encoding="utf-8")
    blocks = [block.partition("\n```")[0] for block in guide.split("```yaml\n")[1:]]
    whole = [block for block in blocks if block.startswith("assay:")]
    assert len(whole) == 2
    assert [faults(block) for block in whole] == [[], []]


HEAD = "assay: 1\nname: a\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("assay: 2\nname: a\nsteps: {}\n", "assay"),
        (HEAD, ""),
        (HEAD + "steps: {b: {in: {x: c.y}}}\n", "steps/b"),
        (HEAD + "steps: {inputs: {use: c/d}}\n", "steps"),
        (HEAD + "steps: {1b: {use: c/d}}\n", "steps"),
        (HEAD + "steps: {b: {use: c/d, in: {x: $params.y}}}\n", "steps/b/in/x"),
        (HEAD + "steps: {b: {use: c/d, retry: -1}}\n", "steps/b/retry"),
        (HEAD + "steps: {b: {use: c/d, isolation: none}}\n", "steps/b/isolation"),
        (HEAD + "params: {n: {type: itn}}\nsteps: {}\n", "params/n"),
        (HEAD + "params: {n: {}}\nsteps: {}\n", "params/n"),
        (HEAD + "inputs: {n: Value}\nsteps: {}\n", "inputs/n"),
        (HEAD + "outputs: {n: b}\nsteps: {}\n", "outputs/n"),
        (HEAD + "steps: {}\nnotes: {n: {at: [1]}}\n", "notes/n/at"),
        (HEAD + "steps: {}\ngroups: {g: {title: x}}\n", "groups/g"),
        (HEAD + "steps: {}\nlayout: {b: [x, 1]}\n", "layout/b/0"),
    ],
)
def test_it_refuses_what_the_reader_refuses(text: str, place: str) -> None:
    assert place in faults(text)
    assert any(fault.severity == "error" for fault in load(text).faults)
