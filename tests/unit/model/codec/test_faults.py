"""Every fault of a pipeline file: its code, place, words, hint and repair."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assay.errors import Fault
from assay.model.codec import load, load_bytes
from assay.model.codec.codes import CODES

HEAD = "assay: 1\nname: a\nsteps:\n"

CASES = {
    "alias": "assay: 1\nname: a\nx-d: &d 1\nsteps:\n  b: {use: c/d, with: {e: *d}}\n",
    "tag": HEAD + "  b: {use: !!str c/d}\n",
    "documents": HEAD + "  b: {use: c/d}\n---\nassay: 1\n",
    "depth": HEAD + "  b: " + "[" * 70,
    "tab": HEAD + "\tb: {use: c/d}\n",
    "second colon": HEAD + "  b: {use: c/d}\n  c: d: e\n",
    "indentation": HEAD + "  b:\n    use: c/d\n   in: {x: b.y}\n",
    "open brace": HEAD + "  b: {use: c/d\n  c: {use: c/d}\n",
    "open quote": HEAD + '  b: {use: "c/d}\n',
    "at sign": HEAD + "  b: {use: @c}\n",
    "lonely line": HEAD + "  b: {use: c/d}\n  word\n",
    "control character": HEAD + "  b: {use: c/d, title: 'a\x07'}\n",
    "duplicate key": HEAD + "  b: {use: c/d}\n  b: {use: e/f}\n",
    "keys": HEAD + "  b: {use: c/d, with: {e: {1: x, true: y}, ? [f] : z}}\n",
    "numbers": HEAD + "  b: {use: c/d, with: {e: .inf, f: 1e999, g: " + "9" * 400 + "}}\n",
    "empty": "",
    "a list": "- a\n",
    "no head": "steps:\n  b: {use: c/d}\n",
    "nothing": "{}",
    "newer": "assay: 2\nname: a\nsteps: {b: {use: c/d}}\n",
    "text version": "assay: one\nname: [a]\nsteps: {b: {use: c/d}}\n",
    "unknown keys": HEAD + "  b: {use: c/d, timout: 3s, x-mine: 1, zzz: 2}\nlayuot: {b: [0, 0]}\n",
    "step shapes": HEAD + "  b: c/d\n  c: {title: no use}\n  d: {use: 3, title: [1], cache: 1}\n",
    "no steps": "assay: 1\nname: a\n",
    "names": HEAD + "  1b: {use: c/d}\n  params: {use: c/d}\n  c: {use: c/d, in: {a b: c.d}, after: [c d, 1]}\n",
    "sources": HEAD + "  b: {use: c/d}\n  c: {use: c/d, in: {a: b, b: $b.out, c: {d: e}, d: [b.x, 3], e: $params.x}}\n",
    "references": HEAD + "  b: {use: c/d, with: {a: $params, b: $a.b.c, c: $, d: [$x], e: $$fine}}\n",
    "condition": HEAD
    + "  b: {use: c/d, if: a.b = 1}\n  c:\n    use: c/d\n    if: 'lenn(a.b) > 1'\n  d: {use: c/d, if: [1]}\n",
    "foreach": HEAD
    + "  b: {use: c/d, foreach: 3}\n  c: {use: c/d, foreach: {}}\n  d: {use: c/d, foreach: {items: [1], files: x}}\n"
    + "  e: {use: c/d, foreach: {files: $item, paralel: 0, parallel: 0}}\n",
    "retry": HEAD
    + "  b: {use: c/d, retry: -1}\n  c: {use: c/d, retry: {limit: x, delay: soon, backoff: 0.5, limits: 1}}\n",
    "amounts": HEAD
    + "  b: {use: c/d, timeout: 3 weeks, resources: {cpu: 0, memory: big, gpu: 1.5}}\n  c: {use: c/d, timeout: 0}\n",
    "gpu twice": HEAD + "  b: {use: c/d, gpu: 1, resources: {gpu: 2}}\n",
    "isolation": HEAD + "  b: {use: c/d, isolation: spwan}\n  c: {use: c/d, isolation: zebra}\n",
    "env": HEAD + "  b: {use: c/d, env: {1X: y, OK: 3, Z: [1]}}\n",
    "secrets": HEAD
    + "  b: {use: c/d, secrets: {TOKEN: hf_abcdefghijklmnop, k: GOOD}}\n  c: {use: c/d, secrets: [s3cr3t-value, OK]}\n",
    "declarations": "assay: 1\nname: a\nparams:\n  a: {type: itn}\n  b: {}\n  c: {type: int, default: x}\n  d: {type: int, min: 3, max: 1}\n"
    "  e: {type: str, choices: []}\n  f:\n  g: {type: str, secret: true, default: hunter2}\n  h: {type: str, choices: [aa, bb], default: ab}\n"
    "steps: {s: {use: c/d}}\n",
    "ports": 'assay: 1\nname: a\ninputs:\n  a: Imags\n  b: {optional: true}\n  c: {type: "list[Report]", kind: x}\n  d: Value\n  1e: Images\n'
    "outputs: {m: b, n: {help: x}, o: {from: $b.x}, p: [b.x], q: {from: b.x, to: 3}}\nsteps: {inputs: {use: c/d}}\n",
    "notes": HEAD
    + "  b: {use: c/d}\nnotes:\n  n: text\n  m: {text: [1], at: [x, 1], size: [0, 5], colour: red}\n  a b: {text: x, at: 3}\n",
    "groups": HEAD
    + "  b: {use: c/d}\ngroups:\n  g: {title: x}\n  h: 3\n  i: [b, 2]\n  j: {steps: b, colour: bleu, collapsed: yes, member: b}\n",
    "layout": HEAD + "  b: {use: c/d}\nlayout: {b: [1], c: [x, 2], d: 3}\n",
}

SNAPSHOTS = Path(__file__).parent / "faults"


def describe(fault: Fault, text: str) -> str:
    fix = f"\n    fix: {text[fault.fix.start : fault.fix.end]!r} -> {fault.fix.text!r}" if fault.fix else ""
    return f"{fault}{fix}"


@pytest.mark.parametrize("name", CASES)
def test_the_words_of_every_fault(name: str) -> None:
    text = CASES[name]
    found = "\n".join(describe(fault, text) for fault in load(text, "p.yaml").faults) + "\n"
    assert found == (SNAPSHOTS / f"{name.replace(' ', '-')}.txt").read_text(encoding="utf-8")


def test_every_code_is_in_the_table_and_every_entry_is_used() -> None:
    written = "".join(path.read_text(encoding="utf-8") for path in SNAPSHOTS.glob("*.txt"))
    codes = set(re.findall(r"(?:error|warning) \[([a-z-]+)\]", written))
    elsewhere = {"encoding", "too-large", "too-many-faults"}
    assert codes | elsewhere == set(CODES)


def test_a_file_that_is_not_utf8_names_the_byte() -> None:
    (fault,) = load_bytes(b"assay: 1\nname: \xff\n", "p.yaml").faults
    assert str(fault) == "p.yaml:2:7: error [encoding] byte 15 is not UTF-8 (save it as UTF-8)"
    assert load_bytes("assay: 1\nname: é\nsteps: {b: {use: c/d}}\n".encode()).faults == ()


def test_a_huge_file_is_refused_at_once() -> None:
    assert [fault.code for fault in load("a" * 10_000_001).faults] == ["too-large"]
    assert [fault.code for fault in load_bytes(b"a" * 50_000_000).faults] == ["too-large"]


def test_a_file_of_faults_stops_counting() -> None:
    faults = load(HEAD + "".join(f"  b{number}: 1\n" for number in range(5000))).faults
    assert (len(faults), faults[-1].code) == (301, "too-many-faults")


def test_a_secret_s_value_is_never_shown() -> None:
    for fault in load(CASES["secrets"]).faults:
        assert "hf_abc" not in str(fault) + fault.culprit
        assert "s3cr" not in str(fault) + fault.culprit


def test_what_is_right_beside_a_fault_is_in_the_model() -> None:
    pipeline = load(HEAD + "  b: {use: c/d, retry: x, with: {e: 1}}\n  c: 3\n  d: {use: e/f}\n").pipeline
    assert pipeline is not None
    assert [(step.name, step.use, len(step.params)) for step in pipeline.steps.values()] == [
        ("b", "c/d", 1),
        ("d", "e/f", 0),
    ]


def test_places_count_from_one_and_ignore_the_byte_order_mark() -> None:
    document = load("\ufeffassay: 1\r\nname: a\r\nsteps:\r\n  b: {use: c/d, with: {e: 1}}\r\n", "p.yaml")
    assert str(document.locate(("assay",))) == "p.yaml:1:1"
    assert str(document.locate(("steps", "b", "with", "e"))) == "p.yaml:4:24"
    assert str(document.locate_value(("steps", "b", "with", "e"))) == "p.yaml:4:27"
    assert str(document.locate(("steps", "b", "gone", "e"))) == "p.yaml:4:3"
    assert str(document.locate(())) == "p.yaml:1:1"
