"""Reading never raises and always ends, whatever it is given."""

from __future__ import annotations

import random

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assay.errors import Severity
from assay.model.codec import load, load_bytes, nodes

VALID = """\
assay: 1
name: demo  # comment
params:
  epochs: {type: int, default: 8, min: 1}
steps:
  scans: {use: input/ct-phantom, with: {patients: 240, note: "a \\" b"}}
  split:
    use: transform/split
    in: {images: scans.images}
    if: scans.count > 3 and params.epochs < 9
    retry: {limit: 2, delay: 10s}
    secrets: [TOKEN]
  each:
    use: transform/one
    foreach: {files: scans.images, pattern: "*.png", parallel: 2}
    in:
      image: $item
    with:
      text: |
        two
        lines
      list: [1, $params.epochs, {a: $item.name}]
finally:
  report: {use: publish/report}
layout:
  scans: [0, 0]
notes:
  why: {text: "**because**", at: [0, 1], size: [2, 1]}
groups:
  first: {steps: [scans, split], colour: blue}
  second: [each]
"""
PIECES = st.sampled_from(
    ["\t", "\r\n", ":", ": ", "- ", "{", "}", "[", "]", "'", '"', "|", ">", "&a", "*a", "!!int", "$", "#", "\0", "\ufeff", "\u2028", "%",
     "---\n", "...\n", "?", "<<: ", "\ud800", "\x85", ",", "@", "`", "  ", "\n", "é", "😀", "0x", "1e999", ".inf", "~", "9" * 400]
)  # fmt: skip


@given(st.text(max_size=300))
@example("\ufeff")
@example("a: \ufeff b")
@example("{a: 1\x00}")
@example("? [a, b]\n: c\n")
@example("*a")
@example("\ud800: 1")
@settings(max_examples=400, deadline=None)
def test_any_text_is_read_without_a_traceback(text: str) -> None:
    document = load(text)
    assert document.text == text
    assert document.pipeline is not None or document.faults


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_without_a_traceback(data: bytes) -> None:
    load_bytes(data)


@given(st.lists(st.tuples(st.integers(0, len(VALID)), st.integers(0, 12), PIECES), min_size=1, max_size=4))
@settings(max_examples=600, deadline=None)
def test_a_damaged_file_is_read_without_a_traceback(changes: list[tuple[int, int, str]]) -> None:
    text = VALID
    for place, length, piece in changes:
        text = text[:place] + piece + text[place + length :]
    document = load(text)
    lines = text.count("\n") + text.count("\r") + 1
    for fault in document.faults:
        assert fault.location is not None
        assert 1 <= fault.location.line <= lines
        assert fault.location.column >= 1
        if fault.fix is not None:
            load(text[: fault.fix.start] + fault.fix.text + text[fault.fix.end :])


def test_without_libyaml_the_same_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = load(VALID)
    monkeypatch.setattr(nodes, "_EventParser", yaml.SafeLoader)
    slow = load(VALID)
    assert (slow.pipeline, slow.faults) == (fast.pipeline, fast.faults)
    for path in (("steps", "split", "use"), ("steps", "each", "with", "list", 1), ("layout", "scans", 1)):
        assert slow.locate(path) == fast.locate(path)
    rng = random.Random(7)
    for _ in range(150):
        place = rng.randrange(len(VALID))
        text = VALID[:place] + rng.choice(["\t", ":", "{", "'", "\0", "&a ", "]"]) + VALID[place + 1 :]
        assert load(text).pipeline is not None or load(text).faults


def test_the_valid_file_has_no_fault() -> None:
    assert load(VALID).faults == ()


def test_cutting_the_file_anywhere_gives_faults_of_what_is_there() -> None:
    for place in range(0, len(VALID), 7):
        document = load(VALID[:place])
        assert document.pipeline is None or all(fault.severity is Severity.ERROR for fault in document.faults)
