"""Plans, steps and components as text."""

from pathlib import Path

import pytest

from assay.authoring import read_whole_file
from assay.cli.componentview import say_component, snippet
from assay.cli.planview import headline, say_plan
from assay.cli.stepline import step_cells
from assay.cli.stepview import template_text
from assay.cli.summary import counts_text, output_text
from assay.engine.plan import Cause, Plan, PlannedStep, Reason, Verb
from assay.ids import ComponentName, Digest, ParamName, PortName, RunId, StepName
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType, PortType, Value
from assay.model.component import ComponentSpec, FunctionImplementation, ParamSpec, ParamType, PortSpec
from assay.model.events import Failure, StepKey
from assay.model.pipeline import ItemRef, ListTemplate, Literal, MapTemplate, ParamRef, PortRef
from assay.model.state import RunState, StepState, StepStatus
from assay.views.remarks import because, remark

TRAIN = StepKey(StepName("train"))


def planned(name, verb, *reasons, **counts):
    return PlannedStep(StepName(name), verb, reasons, **counts)


def test_a_plan(capsys):
    plan = Plan(
        (
            planned("scans", Verb.REUSE),
            planned("train", Verb.RUN, Reason(Cause.PARAMETER, "epochs", "8 → 4")),
            planned("each", Verb.RUN, Reason(Cause.FIRST_RUN), run_items=2, reused_items=3),
            planned("maybe", Verb.LATER, Reason(Cause.UPSTREAM, "train")),
            planned("never", Verb.SKIP, Reason(Cause.CONDITION, detail="false")),
        )
    )
    say_plan("study", plan)
    out = capsys.readouterr().out
    assert out.splitlines()[1:6] == [
        "≡ reuse  scans  nothing changed",
        "▸ run    train  parameter changed epochs (8 → 4)",
        "▸ run    each   2 of 5 elements: first run",
        "? later  maybe  waits for train",
        "\N{EN DASH} skip   never  condition is false (false)",
    ]
    assert out.endswith("study: 2 to run, 1 reused, 1 skipped, 1 decided while running\n")


def test_an_empty_plan():
    assert headline(Plan(())) == "nothing to do"


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (StepState(TRAIN, StepStatus.REUSED, from_run=RunId("r")), "reused from r"),
        (StepState(TRAIN, StepStatus.REUSED, elements=("a", "b")), "2 elements reused"),
        (StepState(TRAIN, StepStatus.SKIPPED, because="cancelled"), "skipped: the run was cancelled"),
        (StepState(TRAIN, StepStatus.FAILED, failure=Failure("raised", "a\nb"), attempt=2), "a (attempt 2)"),
        (StepState(TRAIN, StepStatus.FAILED, failure=Failure("killed", "")), "killed"),
        (StepState(TRAIN, StepStatus.SUCCEEDED, reasons=tuple("abcde")), "a, b, c, and 2 more"),
        (StepState(TRAIN, StepStatus.CANCELLED), "cancelled"),
        (StepState(TRAIN), ""),
    ],
)
def test_a_remark(state, text):
    assert remark(state) == text


@pytest.mark.parametrize("status", StepStatus)
def test_every_status_has_a_line(status):
    assert step_cells(StepState(TRAIN, status), 5)[1].text == "train  "


def test_an_unknown_reason_of_a_skip_is_shown_as_it_is():
    assert because("weather rain") == "weather: rain"


def test_counts():
    state = RunState()
    for name, status in (("a", "succeeded"), ("b", "succeeded"), ("c", "reused"), ("d", "waiting")):
        state.step(StepKey(StepName(name))).status = StepStatus(status)
    state.step(StepKey(StepName("e"), 0)).status = StepStatus.FAILED
    assert counts_text(state) == "1 not run, 2 ran, 1 reused"
    assert counts_text(RunState()) == "no steps"


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (Artifact(Digest("0" * 64), ArtifactType.METRICS, False, 1200), "Metrics, 1.2 kB"),
        (Artifact(Digest("0" * 64), ArtifactType.MODEL, True, 1, files=3), "Model, 1 B, 3 files"),
        (ArtifactList(()), "0 \N{MULTIPLICATION SIGN} nothing, 0 B"),
        (Value({"a": [1]}), '{"a": [1]}'),
        (Value("x" * 100), '"' + "x" * 58 + "…"),
    ],
)
def test_an_output(output, text):
    assert output_text(output) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (Literal([1, "a"]), '[1, "a"]'),
        (ParamRef(ParamName("epochs")), "$params.epochs"),
        (PortRef(StepName("a"), PortName("n")), "$a.n"),
        (ItemRef("stem"), "$item.stem"),
        (ListTemplate((Literal(1), ItemRef())), "[1, $item]"),
        (MapTemplate((("k", ItemRef()),)), "{k: $item}"),
    ],
)
def test_a_template_is_shown_as_it_is_written(template, text):
    assert template_text(template) == text


SPEC = ComponentSpec(
    ComponentName("train/net"),
    FunctionImplementation("net", "/x/net.py", "0"),
    version="1.2.0",
    title="Fit a net.",
    params={
        ParamName(spec.name): spec
        for spec in (
            ParamSpec(ParamName("label"), ParamType.STR, help="Which."),
            ParamSpec(ParamName("epochs"), ParamType.INT, default=8, min=1, max=100, unit="passes", help="How long."),
            ParamSpec(ParamName("mode"), ParamType.STR, default="a", choices=("a", "b")),
            ParamSpec(ParamName("window"), ParamType.LIST, items=ParamType.FLOAT, default=None, min=2, max=2),
            ParamSpec(ParamName("token"), ParamType.STR, secret=True),
        )
    },
    inputs={
        PortName("train"): PortSpec(PortName("train"), PortType(ArtifactType.IMAGES)),
        PortName("more"): PortSpec(PortName("more"), PortType(ArtifactType.IMAGES), optional=True),
    },
    requirements=("no-such-package>=3",),
)


def test_a_step_to_copy():
    assert snippet(SPEC, "train/net") == (
        "net:\n"
        "  use: train/net\n"
        "  in:\n"
        "    train: STEP.PORT  # Images\n"
        "  with:\n"
        "    label: …  # str: Which.\n"
        "    epochs: 8\n"
        '    mode: "a"\n'
        "    window: null\n"
        "  secrets:\n"
        "    token: NAME_OF_THE_SECRET"
    )


def test_a_component(capsys):
    say_component(SPEC, "train/net")
    out = capsys.readouterr().out
    for line in (
        "train/net  1.2.0",
        "  label  str, required",
        "  epochs  int = 8, 1 to 100 [passes]",
        '  mode  str = "a", "a" | "b"',
        "  window  list[float] = null, 2 elements",
        "  runs       in an environment of its own, which uv makes: no-such-package>=3 is not installed here",
    ):
        assert line in out.splitlines()


def test_what_a_component_in_an_image_or_in_r_needs(capsys):
    examples = Path(__file__).parents[3] / "examples"
    for name, needs in (
        ("05_container/longest.kfp.yaml", "image      busybox:1.36"),
        ("04_r_script/fit.R", "in R       nothing but R"),
    ):
        (spec,) = read_whole_file(examples / name, f"./{name}").specs
        say_component(spec, f"./{name}")
        said = capsys.readouterr().out
        assert needs in said
        assert f"use: ./{name}" in said
