"""What counts as a difference, and how it is said."""

import json
import re
from xml.etree import ElementTree as ET

import pytest

from assay.model.codec import load
from assay.views.difference import compare, difference_page, draw_difference
from assay.views.outline import outline

BASE = """assay: 1
name: study
params: {epochs: {type: int, default: 8}}
steps:
  scans: {use: input/ct-phantom, with: {patients: 240, seed: 7}}
  split: {use: transform/split, in: {images: scans.images}}
  train: {use: train/classifier, in: {train: split.train}, with: {epochs: $params.epochs, size: 64}}
  each: {use: transform/each, foreach: {files: train.folder}, in: {file: $item}}
  judge: {use: gate/judge, in: {many: [train.model, split.test]}, if: train.auroc > 0.5, with: {limit: $train.auroc}, after: [scans]}
layout: {scans: [0, 0], split: [1, 0]}
"""


def difference(after, before=BASE):
    return compare(outline(load(before)), outline(load(after)))


def lines(found):
    steps = [f"{step.mark.sign} {step.name}{f' was {step.was}' if step.was else ''}" for step in found.steps]
    changes = [f"{step.name} {change.text()}" for step in found.steps for change in step.changes]
    return [
        *(change.text() for change in found.head),
        *steps,
        *changes,
        *(f"{wire.mark.sign} {wire.wire}" for wire in found.wires),
        *(
            " ".join(
                [f"{one.mark.sign} {one.kind} {one.name} ({one.title})", *(change.text() for change in one.changes)]
            )
            for one in found.annotations
        ),
    ]


@pytest.mark.parametrize(
    "after",
    [
        BASE,
        BASE.replace("[1, 0]", "[9, 9]"),
        BASE.replace("layout: {scans: [0, 0], split: [1, 0]}\n", "# gone\n"),
        BASE.replace("with: {patients: 240, seed: 7}", "with: {seed: 7,   patients: 240}"),
        BASE.replace("{images: scans.images}", "{images: [scans.images]}"),
        BASE.replace("size: 64}}\n", "size: 64}}   # a comment\n"),
    ],
)
def test_places_comments_and_order_are_no_difference(after):
    found = difference(after)
    assert not found
    assert found.summary() == "no difference"
    assert found.json()["same"] is True


def test_a_note_that_was_moved_is_no_difference():
    noted = BASE + "notes: {a: {text: hm, at: [0, 1]}}\n"
    assert not difference(noted.replace("[0, 1]", "[4, 4], size: [1, 1]"), noted)


CASES = [
    ("seed: 7", "seed: 8", ["~ scans", "scans with.seed: 7 → 8"]),
    ("seed: 7", "seed: '7'", ["~ scans", 'scans with.seed: 7 → "7"']),
    ("seed: 7", "seed: null", ["~ scans", "scans with.seed: 7 → null"]),
    (", seed: 7", "", ["~ scans", "scans - with.seed: 7"]),
    (
        "seed: 7",
        "seed: 7, noise: {kind: white, level: 2}",
        ["~ scans", 'scans + with.noise.kind: "white"', "scans + with.noise.level: 2"],
    ),
    ("ct-phantom", "ct-phantom@2", ["~ scans", 'scans use: "input/ct-phantom" → "input/ct-phantom@2"']),
    ("default: 8", "default: 9", ["params.epochs.default: 8 → 9"]),
    ("layout:", "notes: {a: {text: hm, at: [0, 1]}}\nlayout:", ["+ note a (hm)"]),
    ("layout:", "groups: {g: {steps: [scans], title: Pictures}}\nlayout:", ["+ group g (Pictures)"]),
    ("layout:", "groups: {g: [scans]}\nlayout:", ["+ group g (g)"]),
    ("name: study", "name: trial", ['name: "study" → "trial"']),
    ("name: study", "name: study\nmood: good", ['+ mood: "good"']),
    ("train: split.train", "train: split.test", ["+ split.test → train.train", "- split.train → train.train"]),
    (
        "train: split.train",
        "train: lost.out",
        ["~ train", 'train + in.train: "lost.out"', "- split.train → train.train"],
    ),
    ("file: $item", "file: $item.name", ["~ each", 'each in.file: "$item" → "$item.name"']),
    ("after: [scans]", "after: [split]", ["+ split → judge.after", "- scans → judge.after"]),
    (", after: [scans]", "", ["- scans → judge.after"]),
    ("train.auroc > 0.5", "train.auroc > 0.6", ["~ judge", 'judge if: "train.auroc > 0.5" → "train.auroc > 0.6"']),
    ("  judge:", "finally:\n  judge:", ["~ judge", "judge + finally: true"]),
    (
        "layout:",
        "  new: {use: transform/split, in: {images: scans.images}, with: {k: 1}}\nlayout:",
        ["+ new", "+ scans.images → new.images"],
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), CASES)
def test_a_difference_is_said(old, new, said):
    assert lines(difference(BASE.replace(old, new))) == said


def test_a_step_that_went_takes_its_wires_along():
    text = "\n".join(line for line in BASE.splitlines() if not line.startswith("  each:")) + "\n"
    assert lines(difference(text)) == ["- each", "- train.folder → each.foreach"]


def test_a_renamed_step_is_one_step_wherever_it_is_spoken_of():
    after = re.sub(r"\btrain(?=[:.]\s?(\{|folder|model|auroc))", "fit", BASE)
    assert "fit: {use" in after
    assert "fit.auroc > 0.5" in after
    assert "limit: $fit.auroc" in after
    assert lines(difference(after)) == ["→ fit was train"]


def test_two_steps_renamed_in_a_row_with_a_change_in_one():
    after = re.sub(
        r"\bsplit(?=[:.])", "parts", re.sub(r"\btrain(?=[:.]\s?(\{|folder|model|auroc))", "fit", BASE)
    ).replace("size: 64", "size: 96")
    assert lines(difference(after)) == ["→ parts was split", "→ fit was train", "fit with.size: 64 → 96"]


def test_a_step_of_another_component_is_no_rename():
    after = (
        BASE.replace("  scans: {use: input/ct-phantom", "  images: {use: input/other")
        .replace("scans.", "images.")
        .replace("after: [scans]", "after: [images]")
    )
    assert [f"{step.mark} {step.name}" for step in difference(after).steps] == ["added images", "removed scans"]


def test_many_steps_renamed_at_once_end_in_time():
    def text(prefix):
        return "assay: 1\nname: p\nsteps:\n" + "".join(
            f"  {prefix}{n}: {{use: x/y, with: {{n: {n}}}}}\n" for n in range(3000)
        )

    found = difference(text("b"), text("a"))
    assert {(step.name, step.was) for step in found.steps} == {(f"b{n}", f"a{n}") for n in range(3000)}


def test_the_summary_counts():
    after = (
        BASE.replace("seed: 7", "seed: 8")
        .replace("layout:", "  new: {use: x/y, in: {a: scans.images}}\nlayout:")
        .replace("default: 8", "default: 9")
    )
    assert difference(after).summary() == "1 step added, 1 changed; 1 wire added; 1 entry of the pipeline changed"


def test_the_picture_shows_both_versions_with_signs():
    after = (
        BASE.replace("seed: 7", "seed: 8").replace("  each:", "  other:").replace("transform/each", "transform/other")
    )
    svg = draw_difference(difference(after))
    root = ET.fromstring(svg)
    shown = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"seed: 7 → 8", "other", "each"} <= set(shown)
    assert "removed each" in root.find("{http://www.w3.org/2000/svg}desc").text
    assert svg == draw_difference(difference(after))


def test_the_page_loads_nothing_and_hostile_values_are_text():
    after = BASE.replace("seed: 7", 'seed: "<img src=x onerror=alert(1)>"').replace(
        "name: study", 'name: "</title><script>alert(1)</script>"'
    )
    page = difference_page(difference(after))
    assert not re.search(r"<img|<script|href|src=\"|url\(|\bon\w+=\"", page)
    assert "default-src 'none'" in page
    assert page.count("<table>") == 2
    assert page == difference_page(difference(after))


def test_as_json():
    found = difference(BASE.replace("seed: 7", "seed: 8")).json()
    assert json.loads(json.dumps(found)) == {
        "a": "before",
        "b": "after",
        "same": False,
        "pipeline": [],
        "steps": [
            {
                "step": "scans",
                "use": "input/ct-phantom",
                "change": "changed",
                "was": "",
                "changes": [{"path": "with.seed", "change": "changed", "from": 7, "to": 8}],
            }
        ],
        "wires": [],
        "annotations": [],
    }


NOTED = (
    BASE
    + """notes:
  why: {text: "# Why\\n\\nBecause.", at: [0, 2]}
groups:
  pictures: {steps: [scans, split], title: Pictures, colour: blue}
"""
)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "Because.",
            "For this.",
            ['~ note why (# Why For this.) text: "# Why\\n\\nBecause." → "# Why\\n\\nFor this."'],
        ),
        ("at: [0, 2]", "at: [7, 7], size: [2, 2]", []),
        ("[scans, split]", "[split, scans]", []),
        ("[scans, split]", "[scans]", ['~ group pictures (Pictures) steps: ["scans", "split"] → ["scans"]']),
        ("title: Pictures", "title: Images", ['~ group pictures (Images) title: "Pictures" → "Images"']),
        ("colour: blue", "colour: red", ['~ group pictures (Pictures) colour: "blue" → "red"']),
        ("colour: blue", "collapsed: true", ['~ group pictures (Pictures) - colour: "blue" + collapsed: true']),
        ("  why: ", "  reason: ", ["+ note reason (# Why Because.)", "- note why (# Why Because.)"]),
        ("colour: blue", "colour: blue, mood: good", ['~ group pictures (Pictures) + mood: "good"']),
    ],
)
def test_notes_and_groups_are_told_and_where_they_stand_is_not(old, new, said):
    assert lines(difference(NOTED.replace(old, new), NOTED)) == said


def test_a_group_follows_the_new_name_of_its_step():
    after = re.sub(r"\bsplit(?=[:.\]])", "parts", NOTED)
    assert "[scans, parts]" in after
    assert lines(difference(after, NOTED)) == ["→ parts was split"]


def test_the_summary_counts_notes_and_groups():
    after = NOTED.replace("Because.", "Why not.").replace("  pictures:", "  images:")
    assert difference(after, NOTED).summary() == "1 note changed; 1 group added, 1 removed"


def test_the_picture_marks_notes_and_groups():
    after = NOTED.replace("Because.", "Why not.").replace(
        "  pictures: {steps: [scans, split]", "  all: {steps: [scans]"
    )
    found = difference(after + "  last: [judge]\n", NOTED)
    svg = draw_difference(found)
    rects = {node.get("class") for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}rect")}
    assert {"slip changed", "frame f-blue added", "frame f-blue removed", "frame f-grey added"} <= rects
    assert "slip same" in draw_difference(difference(NOTED.replace("seed: 7", "seed: 8"), NOTED))
    assert "changed note # Why Why not." in svg
    page = difference_page(found)
    assert "<h2>Notes and groups</h2>" in page
    assert "Why not." in page.split("<h2>Notes and groups</h2>")[1]


def test_hostile_notes_and_groups_are_text_on_the_page():
    evil = '"<img src=x onerror=alert(1)></title><script>alert(1)</script> \\u202egnp"'
    after = BASE + f"notes: {{a: {{text: {evil}, at: [0, 0]}}}}\ngroups: {{g: {{steps: [scans], title: {evil}}}}}\n"
    page = difference_page(difference(after))
    assert not re.search(r"<img|<script|href|src=\"|url\(|\bon\w+=\"|\u202e", page)
