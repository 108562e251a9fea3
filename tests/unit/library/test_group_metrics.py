"""fairness/group-metrics and evaluate/calibration: what they write, and what they say of tables that cannot be audited."""

import csv
from pathlib import Path

import numpy as np
import pytest

from assay import ComponentError, Dataset, Predictions
from assay.library.evaluate.calibration import calibration
from assay.library.fairness.group_metrics import group_metrics
from assay.trust.charts.svg import embedded
from assay.trust.evidence.text import read_evidence

HEADER = ["file", "patient", "label", "score", "positive", "threshold", "synthetic", "sex", "age"]


def table(path: Path, rows: list[list[object]], header: list[str] = HEADER) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def rows(count: int = 200, *, labels: tuple[str, str] = ("healthy", "covid")) -> list[list[object]]:
    random = np.random.default_rng(0)
    found = []
    for patient in range(count):
        ill, sex, age = patient % 3 == 0, "FM"[patient % 2], int(random.integers(20, 90))
        for part in range(2):
            score = float(np.clip(random.normal(0.35 + 0.3 * ill - 0.15 * (ill and sex == "F"), 0.12), 0, 1))
            found.append([f"{patient}-{part}.png", f"p{patient}", labels[ill], score, labels[1], 0.5, True, sex, age])
    return found


@pytest.fixture
def predictions(tmp_path: Path) -> Predictions:
    return Predictions(table(tmp_path / "predictions.csv", rows()))


def test_an_audit_writes_evidence_that_can_be_read_and_figures_with_their_numbers(predictions: Predictions) -> None:
    result = group_metrics(predictions, draws=100)
    evidence = read_evidence(result.evidence.path)
    ids = {each.id for each in evidence.statements}
    assert {"fairness.tpr", "fairness.ppv", "fairness.auroc", "fairness.ece", "fairness.disparate_impact"} <= ids
    judged = [each for each in evidence.statements if each.state is not None]
    assert {"sex", "age_group"} == {key for each in judged if each.id == "fairness.tpr_difference" for key in each.on}
    assert evidence.samples["sex=F"] == 100
    assert evidence.synthetic is True
    assert any("follow how common the disease is" in caveat for caveat in evidence.caveats)
    assert [figure.name for figure in evidence.figures] == ["rates", "gaps", "age_curve", "calibration_by_group"]
    assert embedded(result.gaps.path.read_text(encoding="utf-8")) == evidence.figures[1].specification


def test_the_planted_gap_between_the_sexes_is_found(tmp_path: Path) -> None:
    path = Predictions(table(tmp_path / "many.csv", rows(1500)))
    evidence = read_evidence(group_metrics(path, by=["sex"], draws=100, reference={"sex": "M"}).evidence.path)
    (gap,) = [each for each in evidence.statements if each.id == "fairness.tpr_difference"]
    assert gap.on == {"sex": "F"}
    assert gap.against == {"sex": "M"}
    assert gap.state == "fail"


def test_attributes_may_come_from_a_table_of_their_own(tmp_path: Path, predictions: Predictions) -> None:
    site = table(tmp_path / "people.csv", [[f"p{each}", "AB"[each % 2]] for each in range(200)], ["patient", "site"])
    evidence = read_evidence(group_metrics(predictions, Dataset(site), by=["site"], draws=100).evidence.path)
    assert evidence.samples["site=A"] == 100
    short = table(tmp_path / "short.csv", [["p1", "A"]], ["patient", "site"])
    with pytest.raises(ComponentError, match="398 of 400 predictions are of a patient that is not among the people"):
        group_metrics(predictions, Dataset(short), by=["site"], draws=100)


def test_a_model_of_three_classes_is_audited_one_label_against_the_others(tmp_path: Path) -> None:
    lines = rows()
    for line in lines[::7]:
        line[2] = "flu"
    evidence = read_evidence(group_metrics(Predictions(table(tmp_path / "three.csv", lines)), draws=100).evidence.path)
    assert evidence.positive == "covid"
    assert next(each for each in evidence.statements if each.id == "fairness.tpr").estimate.rows < 134


@pytest.mark.parametrize(
    ("changed", "params", "message"),
    [
        ({3: "nan"}, {}, "scores are no number from 0 to 1"),
        ({}, {"by": ["site"]}, "lack the column site to group by"),
        ({7: "F"}, {"by": ["sex"]}, r"no two groups to compare \(sex: F\)"),
        ({}, {"reference": {"sex": "W"}}, "no group 'W' of 'sex'"),
        ({}, {"family": ["tpr", "recall"]}, "'recall' is no rate"),
        ({4: "covit"}, {}, "'covit' is no label"),
    ],
)
def test_what_cannot_be_audited_says_why(tmp_path: Path, changed: dict, params: dict, message: str) -> None:
    lines = [[changed.get(place, cell) for place, cell in enumerate(line)] for line in rows(40)]
    with pytest.raises(ComponentError, match=message):
        group_metrics(Predictions(table(tmp_path / "odd.csv", lines)), draws=100, **params)


def test_odd_ages_and_codes_stand_in_the_caveats_and_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = rows(60)
    lines[0][8], lines[1][8], lines[2][7] = "40+", "", "9"
    evidence = read_evidence(group_metrics(Predictions(table(tmp_path / "odd.csv", lines)), draws=100).evidence.path)
    printed = capsys.readouterr().out
    for odd in ("age is not known for 2 of 120 rows", "'40+' counts when", "none of F, M, other, unknown: 9"):
        (caveat,) = [each for each in evidence.caveats if odd in each]
        assert f"note: {caveat}" in printed


def test_a_column_in_which_nobody_is_known_says_how_they_would_be(tmp_path: Path) -> None:
    lines = [[*line[:8], "40+", *line[9:]] for line in rows(60)]
    path = table(tmp_path / "odd.csv", lines)
    evidence = read_evidence(group_metrics(Predictions(path), draws=100).evidence.path)
    (why,) = {each.why for each in evidence.not_measured if dict(each.on) == {"by": "age_group"}}
    assert why.startswith("age_group has no group that is known; age is not known for 120 of 120 rows")
    assert why.endswith("('40+' counts when the last group begins at 40 or below)")
    with pytest.raises(ComponentError, match="no two groups") as error:
        group_metrics(Predictions(path), by=["age_group"], draws=100)
    assert "'40+' counts when the last group begins at 40 or below" in error.value.hint


def test_one_patient_has_no_interval_and_shows_nothing(tmp_path: Path) -> None:
    lines = [[line[0], "p1", *line[2:]] for line in rows(40)]
    evidence = read_evidence(group_metrics(Predictions(table(tmp_path / "one.csv", lines)), draws=100).evidence.path)
    assert {each.state for each in evidence.statements if each.state} == {"insufficient"}


def test_calibration_states_figures_curves_and_coverage_by_group(predictions: Predictions) -> None:
    result = calibration(predictions, draws=100)
    evidence = read_evidence(result.evidence.path)
    found = {(each.id, *each.on.values()): each.estimate for each in evidence.statements}
    for name in ("calibration.ece", "calibration.brier", "calibration.slope", "calibration.intercept"):
        assert found[name,].low is not None
    assert found["calibration.slope",].low > 1  # scores around one half are far less extreme than the truth
    assert found["uncertainty.coverage", "0.9"].low < 0.9 < found["uncertainty.coverage", "0.9"].high
    assert ("uncertainty.coverage", "0.9", "F") in found
    assert ("uncertainty.selective_risk", "0.8") in found
    assert ("utility.net_benefit_gain", "0.5") in found
    (curve,) = evidence.tables
    assert len(curve.rows) == 40
    assert "synthetic" in embedded(result.decision.path.read_text(encoding="utf-8"))["title"]


def test_calibration_of_one_class_says_what_is_missing(tmp_path: Path) -> None:
    lines = [line for line in rows(60) if line[2] == "covid"]
    evidence = read_evidence(calibration(Predictions(table(tmp_path / "ill.csv", lines)), draws=100).evidence.path)
    assert {each.id: each.why for each in evidence.not_measured}[
        "calibration.slope"
    ] == "needs two patients of each class"
