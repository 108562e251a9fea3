import json

import pytest

from assay.cli.comparison import say_comparison
from assay.ids import Digest, PortName, RunId, StepName
from assay.model.artifacts import Artifact, ArtifactType, Value
from assay.model.events import StepKey
from assay.model.state import RunState
from assay.views.comparison import Comparison
from assay.views.figures import Figure, figures_of
from assay.views.words import figure_text


class OneFile:
    """A store that holds one file and no run."""

    def __init__(self, path):
        self.objects = self
        self._path = path

    def path(self, _):
        return self._path


def state_with(metrics, size=10):
    state = RunState()
    step = state.step(StepKey(StepName("evaluate")))
    step.metrics = metrics
    artifact = Artifact(Digest("0" * 64), ArtifactType.METRICS, folder=False, size=size)
    step.outputs = {PortName("metrics"): artifact, PortName("n"): Value(3)}
    return state


def read(tmp_path, content, metrics=(), **facts):
    file = tmp_path / "m.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return figures_of(state_with(dict(metrics), **facts), OneFile(file))


def test_a_figure_with_its_interval_wins_over_the_logged_number(tmp_path):
    document = {"format": 1, "figures": {"auroc": {"value": 0.93, "low": 0.88, "high": 0.97, "n": 120}}}
    found = read(tmp_path, document, {"auroc": 0.9, "loss": 1.0})
    assert found == {"evaluate.auroc": Figure(0.93, 0.88, 0.97), "evaluate.loss": Figure(1.0)}
    assert figure_text(found["evaluate.auroc"]) == "0.93 (0.88 \N{EN DASH} 0.97)"


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        "[]",
        "{}",
        {"figures": []},
        {"figures": {"a": 1}},
        {"figures": {"a": {"value": "x"}}},
        {"figures": {"a": {"value": True}}},
        '{"figures": {"a": {"value": NaN}}}',
    ],
)
def test_what_is_no_figure_is_left_out(tmp_path, content):
    assert read(tmp_path, content) == {}


def test_a_huge_file_is_not_read(tmp_path):
    assert read(tmp_path, {"figures": {"a": {"value": 1}}}, size=2_000_000) == {}


def test_a_logged_number_that_is_not_finite_is_left_out(tmp_path):
    assert read(tmp_path, "{}", {"a": float("nan"), "b": float("inf"), "c": 1.0}) == {"evaluate.c": Figure(1.0)}


def comparison(**parts):
    empty = {"params": {}, "figures": {}, "outputs": {}, "seconds": {}}
    return Comparison(RunId("a"), RunId("b"), True, **{**empty, **parts})


def test_a_comparison_says_the_change_and_whether_the_intervals_overlap(capsys):
    figures = {
        "e.auroc": (Figure(0.80, 0.75, 0.85), Figure(0.95, 0.90, 0.99)),
        "e.loss": (Figure(0.5), Figure(0.25)),
        "e.same": (Figure(1), Figure(1)),
        "e.new": (None, Figure(2)),
    }
    say_comparison(comparison(figures=figures), everything=False)
    out = capsys.readouterr().out
    assert "+0.15 (intervals apart)" in out
    assert "-0.25" in out
    assert "1 more are the same" in out


def test_a_comparison_as_json():
    found = comparison(
        params={"epochs": (Value(None), None)}, outputs={"a.b": ("x", "x")}, figures={"m": (Figure(1), Figure(3))}
    ).json()
    assert found["params"] == {"epochs": {"a": None, "b": None}}
    assert found["artifacts"] == {"a.b": {"a": "x", "b": "x", "same": True}}
    assert found["metrics"]["m"]["difference"] == 2
