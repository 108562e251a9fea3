"""Evidence survives the way to a file and back, and what is no evidence is refused with its places."""

import dataclasses
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from assay.errors import ComponentError
from assay.trust.evidence.evidence import (
    Cost,
    Evidence,
    EvidenceFigure,
    Method,
    NotMeasured,
    Role,
    Subject,
    Table,
)
from assay.trust.evidence.kinds import KINDS, Block
from assay.trust.evidence.schema import schema
from assay.trust.evidence.spent import Stopwatch
from assay.trust.evidence.statement import Criterion, Estimate, State, Statement
from assay.trust.evidence.text import evidence_text, read_evidence

ROOT = Path(__file__).parents[4]
FULL = Evidence(
    title="True positive rates by sex",
    method=Method("fairness/group-metrics@1.0.0", "Newcombe hybrid score", "assay", "0.1.0", "Newcombe 1998"),
    subjects=[Subject(Role.MODEL, "a" * 64, "model"), Subject(Role.PREDICTIONS, "b" * 64)],
    statements=[
        Statement.judged(
            "fairness.tpr_difference",
            Estimate(-0.03, -0.06, 0.01, n=140, rows=800, positives=140, method="Newcombe"),
            Criterion(least=-0.1, most=0.1, fewest=20),
            on={"sex": "F"},
            against={"sex": "M"},
            family="primary",
            adjusted_p=0.2,
        ),
        Statement("fairness.base_rate", Estimate(0.5)),
    ],
    samples={"patients": 300, "sex=F": 140},
    parameters={"by": ["sex"], "margin": 0.1},
    labels=["other", "covid"],
    positive="covid",
    seed=0,
    synthetic=True,
    not_measured=[NotMeasured("fairness.fpr", "no negative", {"sex": "other"})],
    tables=[Table("counts", "Counts", ["group", "n"], [["F", 140], ["M", None]])],
    figures=[EvidenceFigure("rates", "Rates", Block.SUBGROUPS, {"mark": "point"}, "<svg/>", "")],
    caveats=["Follows prevalence."],
    cost=Cost(0.1, 0.2, 3),
)


def written(tmp_path, body):
    path = tmp_path / "evidence.json"
    path.write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
    return path


def test_it_comes_back_as_it_was(tmp_path):
    again = read_evidence(written(tmp_path, evidence_text(FULL)))
    assert evidence_text(again) == evidence_text(FULL)
    assert again.statements == FULL.statements
    assert again.blocks == (Block.SUBGROUPS,)
    assert again.subject(Role.MODEL).name == "model"
    assert again.worst() is State.PASS


def test_the_schema_knows_every_field_and_no_other():
    parts = schema()["$defs"] | {"evidence": schema()}
    del parts["evidence"]["properties"]["format"]
    kinds = {
        "estimate": Estimate,
        "criterion": Criterion,
        "statement": Statement,
        "subject": Subject,
        "method": Method,
        "not_measured": NotMeasured,
        "table": Table,
        "figure": EvidenceFigure,
        "cost": Cost,
        "evidence": Evidence,
    }
    assert set(parts) == set(kinds)
    for name, kind in kinds.items():
        assert set(parts[name]["properties"]) == {field.name for field in dataclasses.fields(kind)}, name


def test_what_is_written_holds_to_the_schema():
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(json.loads(evidence_text(FULL)), schema())


def test_the_published_schema_is_this_one():
    assert json.loads((ROOT / "docs/schemas/evidence-1.schema.json").read_text()) == schema()


def test_numpy_numbers_become_plain_ones():
    said = dataclasses.replace(
        FULL, statements=[Statement("discrimination.auroc", Estimate(np.float64(0.5), n=np.int64(3)))]
    )
    assert '"n": 3' in evidence_text(said)


def test_all_faults_are_named_with_their_places(tmp_path):
    body = json.loads(evidence_text(FULL))
    body["subjects"][0]["digest"] = "short"
    body["statements"][1]["id"] = "fairness.nonsense"
    del body["title"]
    with pytest.raises(ComponentError) as caught:
        read_evidence(written(tmp_path, body))
    for place in ("$.subjects[0].digest", "$.statements[1].id", "'title' is a required property"):
        assert place in caught.value.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("nonsense", "evidence.json is no JSON"),
        ({"format": 2}, "evidence.json is evidence of format 2, this version reads 1"),
        ([], "is not of type 'object'"),
    ],
)
def test_what_is_no_evidence_is_refused(tmp_path, body, message):
    with pytest.raises(ComponentError, match=r"evidence\.json") as caught:
        read_evidence(written(tmp_path, body))
    assert message in caught.value.message


def test_a_later_key_is_passed_over(tmp_path):
    body = json.loads(evidence_text(FULL)) | {"mood": "good"}
    assert read_evidence(written(tmp_path, body)).title == FULL.title


def test_every_kind_is_explained():
    assert all(kind.title and kind.help.endswith(".") for kind in KINDS.values())


def test_a_stopwatch_counts_calls():
    watch = Stopwatch()
    watch.model_calls += 64
    assert watch.cost().model_calls == 64
    assert watch.cost().cpu_seconds >= 0
