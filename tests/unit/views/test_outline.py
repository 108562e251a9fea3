import pytest

from assay.errors import InvalidDocument
from assay.model.codec import load
from assay.views.outline import outline

TEXT = """assay: 1
name: toy
mood: good
params: {limit: {type: int, default: 3}}
steps:
  a: {use: input/x, with: {n: $params.limit}}
  b: {use: transform/y, in: {one: a.out, many: [a.out, a.other]}, with: {k: $a.count, plain: $$a.count}}
  c: {use: transform/z, if: b.size > params.limit, after: [a]}
  d: {use: transform/m, foreach: {files: b.folder}, in: {file: $item}}
  e: {use: transform/m, foreach: {files: ./scans.d}}
  f: {use: transform/lost, in: {x: nowhere.out}}
finally:
  g: {use: publish/x, in: {x: d.out}}
layout: {b: [1.5, 2]}
"""


def test_every_way_to_speak_of_another_step_is_a_wire():
    found = outline(load(TEXT))
    assert [f"{wire} {wire.kind}" for wire in found.wires()] == [
        "a.out → b.one port",
        "a.out → b.many port",
        "a.other → b.many port",
        "a.count → b.k value",
        "b.size → c.if value",
        "a → c.after order",
        "b.folder → d.foreach value",
        "d.out → g.x port",
    ]


def test_places_final_steps_and_unknown_keys():
    found = outline(load(TEXT))
    assert found.steps["b"].place == (1.5, 2.0)
    assert found.steps["a"].place is None
    assert [name for name, step in found.steps.items() if step.final] == ["g"]
    assert found.rest == {"mood": "good"}


def test_a_step_with_a_fault_stays_in_sight():
    found = outline(load("assay: 1\nname: p\nsteps:\n  a: {use: 5, timeout: soon}\n  b: 7\n"))
    assert found.steps["a"].others == {"timeout": "soon"}
    assert found.steps["b"].use == ""


@pytest.mark.parametrize("text", ["- a\n", "assay: 1\nsteps: {a: {use: [\n", ""])
def test_what_is_no_pipeline_is_refused_with_its_faults(text):
    with pytest.raises(InvalidDocument) as caught:
        outline(load(text))
    assert caught.value.faults


def test_a_condition_that_cannot_be_read_wires_nothing():
    found = outline(load("assay: 1\nname: p\nsteps:\n  a: {use: x/y}\n  b: {use: x/y, if: '$a.n >'}\n"))
    assert found.wires() == []
