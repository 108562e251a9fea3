"""Pipelines within pipelines: run, reused, resumed and selected like any other steps."""

import textwrap

import pytest

from assay.errors import InvalidDocument

INNER = """\
assay: 1
name: inner
params: {text: hello, to: {type: str, default: ""}}
inputs: {file: {type: File, optional: true}}
outputs: {loud: shout.file, text: say.file}
steps:
  say: {use: ./steps.py:make, with: {text: $params.text}}
  shout: {use: ./steps.py:upper, in: {file: say.file}}
  all: {use: ./steps.py:join, in: {files: [inputs.file, shout.file]}}
"""
OUTER = """
a: {use: ./inner.pipeline.yaml, with: {text: one}}
b: {use: ./inner.pipeline.yaml, in: {file: a.loud}, with: {text: two}}
end: {use: ./steps.py:join, in: {files: [a.loud, b.text]}}
"""


@pytest.fixture
def nested(project):
    (project.folder / "inner.pipeline.yaml").write_text(INNER)
    return project


def test_the_steps_of_a_pipeline_run_in_its_place_and_are_reused(nested):
    ran = nested.run(OUTER)
    assert ran.statuses() == dict.fromkeys(
        ["a/say", "a/shout", "a/all", "b/say", "b/shout", "b/all", "end"], "succeeded"
    )
    assert (ran.text("end"), ran.text("b/all")) == ("ONE+two", "ONE+TWO")
    again = nested.run(OUTER.replace("text: two", "text: three"))
    assert {name for name, status in again.statuses().items() if status == "succeeded"} == {
        "b/say",
        "b/shout",
        "b/all",
        "end",
    }
    assert again.text("b/all") == "ONE+THREE"


def test_one_step_of_it_can_be_named_and_all_of_it_by_the_step_that_uses_it(nested):
    nested.run(OUTER)
    plan = nested.plan(OUTER, only=("b",), force=("b/say",))
    forced = [(step.step, [str(why) for why in step.reasons]) for step in plan.steps if str(step.verb) == "run"]
    assert forced[0] == ("b/say", ["forced"])
    assert {name for name, _ in forced} <= {"b/say", "b/shout", "b/all"}
    assert {step.step for step in nested.plan(OUTER, to=("a",)).steps if str(step.verb) != "skip"} == {
        "a/say",
        "a/shout",
        "a/all",
    }


def test_a_run_is_resumed_with_the_files_that_it_began_with(nested):
    count = nested.folder / "count"
    bad = INNER.replace(
        "  all:", "  bad: {use: ./steps.py:note, with: {to: $params.to, fail_until: 2}, after: shout}\n  all:"
    )
    (nested.folder / "inner.pipeline.yaml").write_text(bad)
    ran = nested.run(f"a: {{use: ./inner.pipeline.yaml, with: {{to: {count}}}}}\n")
    assert ran.outcome == "failed"
    assert ran.status("a/bad") == "failed"
    (nested.folder / "inner.pipeline.yaml").write_text(
        "assay: 1\nname: inner\nsteps: {other: {use: ./steps.py:make}}\n"
    )
    resumed = nested.resume(ran.id)
    assert resumed.outcome == "succeeded"
    assert [str(event.event.key) for event in resumed.events if event.event.type == "step.started"] == ["a/bad"]


def test_moving_boxes_inside_runs_nothing(nested):
    nested.run(OUTER)
    (nested.folder / "inner.pipeline.yaml").write_text(
        "# here\n" + INNER + "layout: {say: [3, 4]}\nnotes: {n: {text: hi}}\ngroups: {g: [say, shout]}\n"
    )
    assert {str(step.verb) for step in nested.plan(OUTER).steps} == {"reuse"}


def test_a_pipeline_that_takes_something_does_not_run_alone(nested):
    text = INNER.replace("optional: true", "optional: false")
    file = nested.folder / "inner.pipeline.yaml"
    file.write_text(text)
    workspace = nested.workspace
    with pytest.raises(InvalidDocument, match="takes the input"):
        workspace.run(workspace.check(workspace.load(file)))


def test_a_pipeline_outside_the_project_is_not_read(nested, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "x.pipeline.yaml"
    outside.write_text(textwrap.dedent(INNER))
    (nested.folder / "link.pipeline.yaml").symlink_to(outside)
    for use in (f"../{outside.parent.name}/x.pipeline.yaml", "./link.pipeline.yaml"):
        (fault,) = nested.checked(f"a: {{use: {use}}}\n").faults
        assert (fault.code, fault.message.rpartition(" is ")[2]) == ("unknown-component", "outside the project")


MAPPED = """\
assay: 1
name: mapped
params: {texts: {type: list, items: str}, loud: true}
inputs: {folder: Folder}
outputs: {each: each.file, parts: parts.file, names: facts.names}
steps:
  each: {use: ./steps.py:make, foreach: {items: $params.texts, parallel: 2}, with: {text: $item}}
  parts: {use: ./steps.py:upper, foreach: {files: inputs.folder}, in: {file: $item}, if: params.loud and facts.count > 1}
  facts: {use: ./steps.py:facts, with: {n: 2}}
"""


def test_what_is_mapped_inside_takes_lists_and_folders_from_outside(project):
    (project.folder / "mapped.pipeline.yaml").write_text(MAPPED)
    steps = """
    files: {use: ./steps.py:split, with: {n: 2}}
    names: {use: ./steps.py:facts, with: {n: 3}}
    a: {use: ./mapped.pipeline.yaml, in: {folder: files.folder}, with: {texts: $names.names}}
    b: {use: ./mapped.pipeline.yaml, in: {folder: files.folder}, with: {texts: [x, y], loud: false}}
    end: {use: ./steps.py:join, in: {files: [a.each, a.parts, b.each]}}
    more: {use: ./steps.py:make, foreach: $b.names, with: {text: $item}}
    """
    ran = project.run(steps)
    assert ran.outcome == "succeeded"
    assert ran.text("end") == "n0+n1+n2+PART 0+PART 1+x+y"
    assert (ran.status("b/parts", 0), ran.status("a/each", 2), ran.status("more", 1)) == (
        "skipped",
        "succeeded",
        "succeeded",
    )
    assert ran.log("a/each", 1) == "making n1\n"
    assert {str(step.verb) for step in project.plan(steps).steps} == {"reuse"}
