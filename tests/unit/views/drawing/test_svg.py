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
from assay.views.drawing import Box, Line, Mark, Sketch, Slip, draw, draw_outline
from assay.views.drawing.layout import laid_out, placed
from assay.views.drawing.sketch import GAP, SLIP_MOST, WIDTH
from assay.views.drawing.words import wrapped
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


def hold_to_bounded_text(svg):
    """Whatever somebody called something: shapes and text, no characters that turn or end it, and not without end."""
    shapes = {"svg", "title", "desc", "style", "rect", "g", "text", "circle", "path"}
    assert {node.tag.removeprefix(SVG) for node in ET.fromstring(svg).iter()} <= shapes
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08]", svg)
    assert len(svg) < 30_000


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text(name):
    quoted = json.dumps(name)
    text = f"assay: 1\nname: {json.dumps(name[:90])}\nsteps:\n  a: {{use: x/y}}\n  ? {quoted}\n  : {{use: {quoted}, in: {{? {quoted} : a.b}}}}\n"
    svg = picture(text)
    hold_to_bounded_text(svg)


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


NOTED = (
    PIPELINE
    + """layout: {read: [0, 0], grown: [1, 0], tell: [2, 0], late: [3, 0]}
notes:
  why:
    text: |
      # Why

      Children are *not* asked.
    at: [0, 2]
  wide: {text: short, at: [2, 2], size: [2, 0.5]}
groups:
  people: {steps: [read, grown], title: People, colour: green}
  closed: {steps: [late], collapsed: true}
  empty: {steps: [nobody]}
"""
)


def rects(svg, kind):
    return [node for node in ET.fromstring(svg).iter(f"{SVG}rect") if node.get("class", "").split()[0] == kind]


def test_groups_are_frames_round_their_steps_closed_ones_too_and_behind_them():
    svg = picture(NOTED)
    assert [node.get("class") for node in rects(svg, "frame")] == ["frame f-green", "frame f-grey"]
    assert svg.index(">People</text>") < svg.index('class="wire') < svg.index(">read</text>")
    assert ">closed</text>" in svg
    assert "empty</text>" not in svg
    frame = rects(svg, "frame")[0]
    assert (frame.get("width"), frame.get("height")) == (str(260 + WIDTH + 2 * 18), str(34 + 52 + 2 * 17 + 18))
    desc = ET.fromstring(svg).find(f"{SVG}desc").text
    assert "Group People: read, grown. Group closed: late." in desc
    assert "Note: # Why Children are *not* asked." in desc


def test_notes_are_wrapped_text_as_it_was_written_and_a_note_widens_the_picture():
    svg = picture(NOTED)
    assert [text for text in texts(svg) if text in {"# Why", "Children are *not* asked.", "short"}] == [
        "# Why",
        "Children are *not* asked.",
        "short",
    ]
    assert (rects(svg, "slip")[1].get("width"), rects(svg, "slip")[1].get("height")) == ("520", "65")
    assert picture(NOTED.replace("at: [2, 2]", "at: [9, 2]")) != svg
    _, _, width, _ = map(
        float, ET.fromstring(picture(NOTED.replace("at: [2, 2]", "at: [9, 2]"))).get("viewBox").split()
    )
    assert width > 9 * 260


def test_notes_stand_below_steps_that_are_laid_out_anew():
    text = re.sub(r"layout: .*\n", "", NOTED)
    below = max(y + height for _, y, height in boxes_of_text(text).values())
    svg = picture(text)
    tops = [float(y) for y in re.findall(r'translate\([-\d.]+ ([-\d.]+)\)"><title>(?:# Why|short)', svg)]
    assert len(tops) == 2
    assert min(tops) > below


def boxes_of_text(text):
    from assay.views.drawing.pipeline import sketch_of

    return boxes_of(sketch_of(outline(load(text))))


def test_in_a_comparison_a_note_hides_no_step():
    boxes = {"a": Box("a", wish=(0, 0)), "b": Box("b", wish=(0, 0.1))}
    slips = {"n": Slip("hm", (0.5, 0.2)), "m": Slip("hm", (0.6, 0.3)), "far": Slip("hm", (5, 5))}
    places, at, _ = laid_out(Sketch("t", "", boxes, keep=False, slips=slips))
    taken = [(x, y, x + WIDTH, y + boxes[key].height) for key, (x, y) in places.items()]
    taken += [(x, y, x + slips[key].width, y + slips[key].height) for key, (x, y) in at.items()]
    for place, one in enumerate(taken):
        for other in taken[:place]:
            assert one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
    assert at["far"] == (5 * 260, 5 * 130)


@pytest.mark.parametrize("text", [*HOSTILE, "שלום עולם " * 200, "a\n" * 5000, "word " * 2000, ""])
def test_hostile_notes_and_titles_are_bounded_text(text):
    svg = picture(
        f"assay: 1\nname: p\nsteps: {{a: {{use: x/y}}}}\nlayout: {{a: [0, 0]}}\n"
        f"notes: {{n: {{text: {json.dumps(text)}, at: [1, 1]}}}}\ngroups: {{g: {{steps: [a], title: {json.dumps(text)}}}}}\n"
    )
    hold_to_bounded_text(svg)
    assert float(rects(svg, "slip")[0].get("height")) <= SLIP_MOST


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three", ["one two", "three"]),
        ("one\n\n  two", ["one", "", "  two"]),
        ("abcdefghijklmno", ["abcdefgh", "ijklmno"]),
        ("漢字漢字漢字", ["漢字漢字", "漢字"]),
        ("a b c d e f g h i j k l m n o p", ["a b c d", "e f g h", "i j k …"]),
        ("", []),
    ],
)
def test_text_is_wrapped_between_words(text, lines):
    assert wrapped(text, 8, 3) == lines
