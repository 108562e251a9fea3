"""What a picture must be on every machine, and what it must never hold."""

import json
import os
import re
import subprocess
import sys
import time
from xml.etree import ElementTree as ET

import pytest

from assay.model.codec import load
from assay.views.drawing import Box, Line, Mark, Sketch, draw, draw_outline
from assay.views.drawing.layout import placed
from assay.views.drawing.sketch import GAP, WIDTH
from assay.views.outline import outline

SVG = "{http://www.w3.org/2000/svg}"
PIPELINE = """assay: 1
name: people
description: Who is grown up.
steps:
  read: {use: ./steps.py:people}
  grown: {use: filter/adults@1, in: {table: read.dataset}}
  tell: {use: evaluate/tell, in: {table: grown.dataset}, with: {n: $read.count}}
  late: {use: evaluate/tell, after: [tell]}
"""


def picture(text):
    return draw_outline(outline(load(text)))


def texts(svg):
    return [node.text for node in ET.fromstring(svg).iter(f"{SVG}text")]


def chain(count, more=""):
    wired = "".join(f"  s{n}: {{use: x/y, in: {{a: s{max(0, n - 1 - n % 5)}.out}}}}\n" for n in range(count))
    return f"assay: 1\nname: big\nsteps:\n{wired}{more}"


def test_it_is_well_formed_and_says_what_it_shows():
    root = ET.fromstring(picture(PIPELINE))
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == "people"
    assert root.find(f"{SVG}desc").text == (
        "Who is grown up. 4 steps, 4 wires: read (./steps.py:people); grown (filter/adults@1) after read.dataset; "
        "tell (evaluate/tell) after grown.dataset, read.count; late (evaluate/tell) after the end of tell."
    )
    assert texts(picture(PIPELINE))[:3] == ["read", "./steps.py:people", "dataset"]


def test_the_same_bytes_in_another_process_whatever_its_hash_seed():
    code = "import sys; from assay.model.codec import load; from assay.views.outline import outline; from assay.views.drawing import draw_outline; sys.stdout.buffer.write(draw_outline(outline(load(sys.stdin.read()))).encode())"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            input=chain(60).encode(),
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        assert done.stdout.decode() == picture(chain(60))


def test_a_comment_changes_no_byte_and_a_moved_step_does():
    assert picture(PIPELINE + "# a word\n") == picture(PIPELINE)
    placed_all = PIPELINE + "layout: {read: [0, 0], grown: [1, 0], tell: [2, 0], late: [3, 0]}\n"
    assert picture(placed_all) != picture(placed_all.replace("[3, 0]", "[3, 1]"))


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "&lt;",
    "a\u202egnp.exe",
    "x" * 10_000,
    "\u0007bell",
    "]]>",
    "漢字" * 30,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text(name):
    quoted = json.dumps(name)
    text = f"assay: 1\nname: {json.dumps(name[:90])}\nsteps:\n  a: {{use: x/y}}\n  ? {quoted}\n  : {{use: {quoted}, in: {{? {quoted} : a.b}}}}\n"
    svg = picture(text)
    root = ET.fromstring(svg)
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "style",
        "rect",
        "g",
        "text",
        "circle",
        "path",
    }
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08]", svg)
    assert len(svg) < 30_000


def test_it_loads_nothing_and_runs_nothing():
    svg = picture(PIPELINE)
    assert not re.search(r"<script|<image|<use|<foreignObject|href|url\(|@import|@font-face|\son\w+=", svg)
    assert re.findall(r"https?://[^\"]+", svg) == ["http://www.w3.org/2000/svg"]
    assert "prefers-color-scheme:dark" in svg
    assert "font-family:system-ui" in svg


def boxes_of(sketch):
    return {key: (x, y, sketch.boxes[key].height) for key, (x, y) in placed(sketch).items()}


def overlapping(boxes):
    listed = sorted(boxes.items(), key=lambda item: item[1])
    return [
        (one, other)
        for place, (one, (x1, y1, h1)) in enumerate(listed)
        for other, (x2, y2, h2) in listed[place + 1 : place + 400]
        if abs(x1 - x2) < WIDTH and y1 < y2 + h2 and y2 < y1 + h1
    ]


def sketch(names, lines, wishes=None, *, keep=True):
    boxes = {name: Box(name, wish=(wishes or {}).get(name), notes=("a", "b")) for name in names}
    return Sketch("t", "", boxes, tuple(Line(a, "", b, "") for a, b in lines), keep=keep)


def test_steps_without_a_place_stand_behind_what_they_need_and_apart():
    found = sketch("abcde", [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")])
    boxes = boxes_of(found)
    assert boxes["a"][0] < boxes["b"][0] == boxes["c"][0] < boxes["d"][0]
    assert overlapping(boxes) == []


def test_a_step_that_was_never_placed_does_not_hide_one_that_was():
    found = sketch("abcd", [("a", "b"), ("a", "c"), ("a", "d")], {"a": (0, 0), "b": (1, 0), "c": (1, 1)})
    boxes = boxes_of(found)
    assert boxes["b"][:2] == (260, 0)
    assert boxes["d"][1] >= boxes["c"][1] + boxes["c"][2] + GAP
    assert overlapping(boxes) == []


def test_wishes_are_kept_or_moved_apart():
    wishes = {"a": (0, 0), "b": (0.1, 0.1), "c": (0, 0.2)}
    assert overlapping(boxes_of(sketch("abc", [], wishes)))
    assert overlapping(boxes_of(sketch("abc", [], wishes, keep=False))) == []


def test_a_circle_and_a_wire_to_itself_are_drawn():
    assert len(placed(sketch("abc", [("a", "b"), ("b", "c"), ("c", "a"), ("a", "a")]))) == 3


def test_wires_cross_less_after_untangling():
    """Two columns wired crosswise: the second is turned round."""
    names = [f"a{n}" for n in range(6)] + [f"b{n}" for n in range(6)]
    boxes = boxes_of(sketch(names, [(f"a{n}", f"b{5 - n}") for n in range(6)]))
    assert sorted((f"b{n}" for n in range(6)), key=lambda name: boxes[name][1]) == [f"b{n}" for n in reversed(range(6))]


def test_an_empty_pipeline_is_an_empty_picture():
    root = ET.fromstring(picture("assay: 1\nname: none\nsteps: {}\n"))
    assert root.get("viewBox") == "-24 -24 48 48"


def test_five_thousand_steps():
    began = time.process_time()
    svg = picture(chain(5000))
    assert time.process_time() - began < 5
    assert sum(1 for node in ET.fromstring(svg).iter(f"{SVG}g")) == 5000


def test_a_mark_is_a_sign_as_well_as_a_colour():
    boxes = {mark: Box(mark, mark=mark) for mark in Mark}
    svg = draw(Sketch("t", "", boxes, (Line("same", "", "added", "", mark=Mark.REMOVED),), legend=(Mark.ADDED,)))
    assert {text for text in texts(svg) if text and len(text) == 1} == {"+", "\N{MINUS SIGN}", "~", "→"}
    assert all(mark.sign for mark in Mark)
