"""A change touches what it must and nothing else."""

from __future__ import annotations

import random
from typing import Any

import pytest

from assay.errors import AssayError
from assay.model.codec import Document, EditError, dump, load
from assay.model.codec.edit import remove_edit, set_edit
from assay.model.codec.rename import rename_edit

TEXT = """\
# head
assay: 1   # version
name: "demo"
x-owner: {team: ct}
params:
  epochs: {type: int, default: 8}   # eight
steps:
  # the first
  scans: {use: input/ct, with: {x: 1, y: 'q', z: "w"}}
  p:
    use: transform/predict   # what
    in:
      images: scans.images
    with:   # params
      epochs: $params.epochs
      text: |
        one
        two

      list:
      - 1
      - [a, b]
      - k: v   # deep
        w: 2
    unknown: 3
  q: {use: t/p, in: {images: [p.images, scans.images]}, after: [scans], if: "scans.n > 1 and params.scans == 'scans.x'"}
  z:
    use: a/b
    after:
    - scans
    - p
    with:
layout:
  scans: [0, 0]
# end"""

VARIANTS = {
    "plain": TEXT,
    "crlf": TEXT.replace("\n", "\r\n"),
    "bom": "\ufeff" + TEXT + "\n",
    "blank end": TEXT + "\n\n\n",
}


def lines_changed(before: Document, after: Document) -> tuple[list[str], list[str]]:
    old, new = before.text.split("\n"), after.text.split("\n")
    return [line for line in old if line not in new], [line for line in new if line not in old]


@pytest.mark.parametrize("text", VARIANTS.values(), ids=VARIANTS)
def test_an_untouched_document_keeps_its_bytes(text: str) -> None:
    document = load(text)
    assert document.text == text
    assert document.faults == load(text).faults
    assert document.pipeline is not None


SETS: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("steps", "scans", "with", "x"), 2, "  scans: {use: input/ct, with: {x: 2, y: 'q', z: \"w\"}}"),
    (("steps", "scans", "with", "y"), "it's", "  scans: {use: input/ct, with: {x: 1, y: 'it''s', z: \"w\"}}"),
    (("steps", "scans", "with", "z"), "v", "  scans: {use: input/ct, with: {x: 1, y: 'q', z: \"v\"}}"),
    (("steps", "scans", "with", "new"), [1], "  scans: {use: input/ct, with: {x: 1, y: 'q', z: \"w\", new: [1]}}"),
    (("params", "epochs", "default"), 9, "  epochs: {type: int, default: 9}   # eight"),
    (("steps", "p", "use"), "./s.py:clean", "    use: ./s.py:clean   # what"),
    (("steps", "p", "with", "epochs"), 12, "      epochs: 12"),
    (("steps", "p", "with", "list", 2, "k"), True, "      - k: true   # deep"),
    (("name",), "yes", 'name: "yes"'),
    (("layout", "scans"), [1, 2], "  scans: [1, 2]"),
    (("layout", "scans", 1), 4, "  scans: [0, 4]"),
]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(("path", "value", "line"), SETS)
def test_set_changes_exactly_one_line(path: tuple[str | int, ...], value: Any, line: str, ending: str) -> None:
    document = load(TEXT.replace("\n", ending))
    removed, added = lines_changed(document, document.set(path, value))
    assert [text.rstrip("\r") for text in added] == [line]
    assert len(removed) == 1


ADDS: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("steps", "p", "with", "more"), "a b", "      more: a b"),
    (("steps", "p", "retry", "limit"), 3, "    retry: {limit: 3}"),
    (("steps", "new"), {"use": "a/b", "in": {"x": "p.y"}}, "  new: {use: a/b, in: {x: p.y}}"),
    (("steps", "z", "after", 2), "q", "    - q"),
    (("layout", "p"), [1, 0], "  p: [1, 0]"),
    (("finally", "r"), {"use": "a/b"}, "finally: {r: {use: a/b}}"),
]


@pytest.mark.parametrize(("path", "value", "line"), ADDS)
def test_set_of_a_missing_key_adds_one_line_in_the_block_s_indentation(
    path: tuple[str | int, ...], value: Any, line: str
) -> None:
    document = load(TEXT)
    removed, added = lines_changed(document, document.set(path, value))
    assert (removed, added) == ([], [line])
    assert document.set(path, value).remove(path).text == TEXT


def test_a_literal_block_stays_a_literal_block() -> None:
    changed = load(TEXT).set(("steps", "p", "with", "text"), "other\nlines\n")
    assert "      text: |\n        other\n        lines\n" in changed.text


def test_a_block_becomes_one_line_and_keeps_the_comment_of_its_key() -> None:
    changed = load(TEXT).set(("steps", "p", "with"), {"a": 1})
    assert "    with: {a: 1}   # params\n    unknown: 3\n" in changed.text


@pytest.mark.parametrize(
    ("text", "path", "value", "expected"),
    [
        ("", ("name",), "x", "name: x\n"),
        ("# only\n", ("name",), "x", "# only\nname: x\n"),
        ("a: {}", ("a", "b"), 1, "a: {b: 1}"),
        ("a: {b: }", ("a", "b"), 1, "a: {b: 1}"),
        ("a: {b}", ("a", "b"), 1, "a: {b: 1}"),
        ("a: [1]", ("a", 1), 2, "a: [1, 2]"),
        ("a:", ("a", "b"), 1, "a: {b: 1}"),
        ("a: {\n  b: 1, # c\n}\n", ("a", "d"), 2, "a: {\n  b: 1, d: 2, # c\n}\n"),
        ("a: 'x'", ("a",), "two\nlines", 'a: "two\\nlines"'),
        ("a: 0x10", ("a",), 16, "a: 0x10"),
        ("a: x", ("a",), "012", 'a: "012"'),
        ("a: x", ("a",), "$params.b", "a: $params.b"),
        ("a: x", ("a",), 0.5, "a: 0.5"),
        ("a: >-\n  x\n  y\nb: 1\n", ("a",), "z", "a: z\nb: 1\n"),
    ],
)
def test_small_texts(text: str, path: tuple[str | int, ...], value: Any, expected: str) -> None:
    assert load(text).set(path, value).text == expected


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        (("steps", "scans", "with", "y"), "y: 'q', "),
        (("steps", "scans", "with", "z"), ', z: "w"'),
        (("steps", "p", "in", "images"), "    in:\n      images: scans.images\n"),
        (("steps", "p", "with", "list", 0), "      - 1\n"),
        (("steps", "p", "with", "list", 2, "k"), "k: v   # deep\n        "),
        (("steps", "p", "with", "list", 1, 0), "a, "),
        (("steps", "q", "after", 0), ", after: [scans]"),
        (("params", "epochs"), "params:\n  epochs: {type: int, default: 8}   # eight\n"),
    ],
)
def test_remove_takes_only_the_entry(path: tuple[str | int, ...], gone: str) -> None:
    assert load(TEXT).remove(path).text == TEXT.replace(gone, "", 1)


def test_the_last_step_leaves_an_empty_map() -> None:
    assert load("assay: 1\nname: a\nsteps:\n  b: {use: c/d}\n").remove(("steps", "b")).text == (
        "assay: 1\nname: a\nsteps: {}\n"
    )


def test_a_rename_reaches_every_reference() -> None:
    changed = load(TEXT).rename_step("scans", "ct")
    removed, added = lines_changed(load(TEXT), changed)
    assert added == [
        "  ct: {use: input/ct, with: {x: 1, y: 'q', z: \"w\"}}",
        "      images: ct.images",
        (
            "  q: {use: t/p, in: {images: [p.images, ct.images]}, after: [ct],"
            " if: \"ct.n > 1 and params.scans == 'scans.x'\"}"
        ),
        "    - ct",
        "  ct: [0, 0]",
    ]
    assert len(removed) == len(added)
    assert changed.rename_step("ct", "scans").text == TEXT


def test_a_rename_reaches_the_step_s_group() -> None:
    text = "assay: 1\nname: a\nsteps:\n  b: {use: c/d}\ngroups: {b: [b, bb], g: {title: b, steps: [b]}}\n"
    expected = "assay: 1\nname: a\nsteps:\n  new: {use: c/d}\ngroups: {b: [new, bb], g: {title: b, steps: [new]}}\n"
    assert load(text).rename_step("b", "new").text == expected


def test_a_rename_reaches_the_pipeline_s_outputs() -> None:
    text = "assay: 1\nname: a\noutputs: {b: b.x, c: {from: b.b, help: b.x}, d: bb.x}\nsteps:\n  b: {use: c/d}\n  bb: {use: c/d}\n"
    expected = text.replace("b: b.x", "b: n.x").replace("from: b.b", "from: n.b").replace("  b: {", "  n: {")
    assert load(text).rename_step("b", "n").text == expected


def test_a_rename_reaches_foreach_and_values() -> None:
    text = (
        "assay: 1\nname: a\nsteps:\n  b: {use: c/d}\n"
        "  e: {use: c/d, foreach: {files: b.out, parallel: 2}, with: {x: [$b.n, $bb.n, 'b.n']}}\n"
        "  f: {use: c/d, foreach: $b.list}\n  g: {use: c/d, foreach: {items: [$b.x]}}\n"
    )
    expected = text.replace("  b:", "  new:").replace("$b.", "$new.").replace("files: b.", "files: new.")
    assert load(text).rename_step("b", "new").text == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.rename_step("nope", "a"), "there is no step 'nope'"),
        (lambda d: d.rename_step("scans", "p"), "a step cannot be called 'p'"),
        (lambda d: d.rename_step("scans", "params"), "a step cannot be called 'params'"),
        (lambda d: d.rename_step("scans", "a b"), "a step cannot be called 'a b'"),
        (lambda d: d.remove(("steps", "nope")), "there is nothing at steps.nope"),
        (lambda d: d.set((), 1), "a whole document cannot be set"),
        (lambda d: d.set(("name", "a"), 1), "nothing can be put at name.a"),
        (lambda d: d.set(("steps", "z", "after", 7), 1), "nothing can be put at steps.z.after.7"),
        (lambda d: d.set(("name",), float("nan")), "infinite numbers and NaN cannot be written"),
    ],
)
def test_impossible_changes_are_refused(change: Any, message: str) -> None:
    with pytest.raises(EditError) as caught:
        change(load(TEXT))
    assert caught.value.message == message


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of every value inside."""
    found = [path] if path else []
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in entries:
        found += paths(item, (*path, key))
    return found


VALUES = [1, -2.5, True, None, "plain", "two words", "it's", 'a "b" # c: d', "- x", "a: b", "é😀", "", " ", "1", "yes", "\t", "l\nm\n",
          "$params.x", [1, "a, b"], {"k": "v}", "l": []}, "{", "#", "*", "&a", "!t", "%", "@", "`", "null", "a\u2028b", "x" * 200]  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_300_random_commands_undone_give_the_same_bytes(name: str) -> None:
    rng = random.Random(name)
    original = document = load(VARIANTS[name])
    history = []
    done = 0
    while done < 300:
        known = paths(document.json())
        path = max(rng.sample(known, min(2, len(known))), key=len)
        kind = rng.choice(["set", "set", "add", "remove", "rename"])
        try:
            if kind == "set":
                value = rng.choice(VALUES)
                edit, after = set_edit(document, path, value), document.set(path, value)
                assert after.json(path) == value
            elif kind == "add":
                value, path = rng.choice(VALUES), (*path, rng.choice(["new", "a b", "k-1", "12"]))
                edit, after = set_edit(document, path, value), document.set(path, value)
                assert after.json(path) == value
            elif kind == "remove" and len(known) > 25:
                after = document.remove(path)
                edit = remove_edit(document, path)
                if edit.apply(document.text) != after.text:
                    continue
            else:
                names = list(document.pipeline.steps) if document.pipeline else []
                if not names:
                    continue
                old, new = rng.choice(names), f"s{rng.randrange(99)}"
                edit, after = rename_edit(document, old, new), document.rename_step(old, new)
        except AssayError:
            continue
        assert after.text == edit.apply(document.text)
        back = edit.inverse(document.text)
        assert back.apply(after.text) == document.text
        history.append(back)
        document = after
        done += 1
    text = document.text
    for back in reversed(history):
        text = back.apply(text)
    assert text == original.text


def test_after_a_set_the_text_says_what_the_model_says() -> None:
    document = load(TEXT)
    assert document.pipeline is not None
    changed = document.set(("steps", "p", "with", "epochs"), 12)
    assert changed.pipeline == load(dump(document.pipeline)).set(("steps", "p", "with", "epochs"), 12).pipeline
