"""What evidence and verdicts of two runs say, side by side."""

import base64
import json

import pytest

from assay.cli.comparison import say_comparison
from assay.ids import Digest, PortName, RunId, StepName
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType, Value
from assay.model.events import StepKey
from assay.model.state import RunState
from assay.views.comparison import Comparison
from assay.views.figures import Figure
from assay.views.trust import TrustFigure, trust_of

STATEMENT = {
    "id": "fairness.tpr_difference",
    "on": {"sex": "F"},
    "against": {"sex": "M"},
    "estimate": {"value": -0.2, "low": -0.3, "high": -0.1, "n": 40},
    "state": "fail",
}


def read(tmp_path, content, kind=ArtifactType.EVIDENCE, *, many=False, size=10):
    file = tmp_path / "e.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))

    class OneFile:
        def path(self, _):
            return file

    class Store:
        objects = OneFile()

    state = RunState()
    artifact = Artifact(Digest("0" * 64), kind, folder=False, size=size)
    state.step(StepKey(StepName("fair"))).outputs = {
        PortName("evidence"): ArtifactList((artifact,)) if many else artifact,
        PortName("n"): Value(3),
    }
    return trust_of(state, Store())


@pytest.mark.parametrize("many", [False, True])
def test_a_statement_is_named_by_whom_it_is_about(tmp_path, many):
    found = read(tmp_path, {"statements": [STATEMENT]}, many=many)
    assert found == {
        "fair: fairness.tpr_difference, sex F against sex M": TrustFigure("fail", Figure(-0.2, -0.3, -0.1), 40)
    }


def test_a_verdict_has_a_state(tmp_path):
    claim = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [],
        "predicateType": "x",
        "predicate": {"verdict": "pass"},
    }
    payload = base64.b64encode(json.dumps(claim).encode()).decode()
    envelope = {"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": []}
    assert read(tmp_path, envelope, ArtifactType.VERDICT) == {"fair: verdict": TrustFigure("pass")}
    assert read(tmp_path, {**envelope, "payload": "?"}, ArtifactType.VERDICT) == {}


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        [],
        {"statements": 1},
        {"statements": [1, {}, {"id": 1, "estimate": {"value": 1}}, {"id": "a", "estimate": {"value": "x"}}]},
    ],
)
def test_what_has_not_the_form_is_left_out(tmp_path, content):
    assert read(tmp_path, content) == {}


def test_a_huge_file_is_not_read(tmp_path):
    assert read(tmp_path, {"statements": [STATEMENT]}, size=20_000_000) == {}


def test_two_runs_side_by_side(capsys):
    a, b = TrustFigure("fail", Figure(0.2, 0.1, 0.25), 40), TrustFigure("pass", Figure(0.5, 0.4, 0.6), 40)
    found = Comparison(
        RunId("a"), RunId("b"), True, {}, {}, {}, {}, {"fair: x": (a, b), "judge: verdict": (None, TrustFigure("pass"))}
    )
    say_comparison(found, everything=False)
    out = capsys.readouterr().out
    assert "0.2 (0.1 \N{EN DASH} 0.25) fail" in out
    assert "+0.3 (intervals apart)" in out
    assert found.json()["trust"]["fair: x"]["difference"] == pytest.approx(0.3)
    assert found.json()["trust"]["judge: verdict"] == {
        "a": None,
        "b": {"state": "pass", "n": None, "value": None, "low": None, "high": None},
        "difference": None,
    }
