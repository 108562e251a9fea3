"""Mitigations: learnt on validation, told before and after, and never without their warning."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError, Predictions
from assay.library.fairness.aif360 import aif360
from assay.library.fairness.fairlearn import fairlearn
from assay.library.fairness.threshold_by_group import threshold_by_group
from assay.trust.evidence.evidence import Role
from assay.trust.evidence.text import read_evidence
from assay.trust.performance.origin import MODEL, SEAL, seal_rows
from assay.trust.performance.table import read_predictions

pytestmark = pytest.mark.filterwarnings("ignore")  # the libraries' imports warn of optional packages that are not there


def predictions(path: Path, seed: int, count: int = 1500, case: str = "file") -> Predictions:
    """The positives of women score lower; ``case`` is ``file`` of images and ``row`` of a table."""
    random = np.random.default_rng(seed)
    ill, sex = random.random(count) < 0.4, random.integers(0, 2, count)
    score = np.clip(random.normal(0.35 + 0.3 * ill - 0.15 * (ill & (sex == 1)), 0.12), 0, 1)
    table = pd.DataFrame(
        {
            case: [f"{seed}-{number}" for number in range(count)],
            "patient": [f"{seed}-{number}" for number in range(count)],
            "label": np.where(ill, "covid", "healthy"),
            "score": score,
            "positive": "covid",
            "threshold": 0.5,
            MODEL: "a" * 64,
            "sex": np.array(["M", "F"])[sex],
        }
    )
    table[SEAL] = seal_rows(table)
    table.to_csv(path, index=False)
    return Predictions(path)


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Predictions, Predictions]:
    return predictions(tmp_path / "validation.csv", 1), predictions(tmp_path / "test.csv", 2)


def gap(rows: list, when: str) -> float:
    return next(abs(row[when]) for row in rows if row["figure"] == "tpr difference")


@pytest.mark.parametrize(
    ("mitigation", "params"),
    [
        (threshold_by_group, {"warning_read": True}),
        (fairlearn, {"constraint": "true_positive_rate_parity"}),
        (fairlearn, {}),
        (aif360, {"privileged": "M", "constraint": "fnr"}),
        (aif360, {"privileged": "M", "rule": "equalised-odds"}),
        (aif360, {"privileged": "M", "rule": "reject-option"}),
    ],
)
def test_the_gap_is_smaller_afterwards_and_both_are_told(parts, mitigation, params: dict) -> None:
    result = mitigation(*parts, **params)
    evidence = read_evidence(result.evidence.path)
    (table,) = evidence.tables
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert gap(rows, "before") > 0.25
    assert gap(rows, "after") < 0.6 * gap(rows, "before")
    assert "direct discrimination" in evidence.caveats[0]
    changed = read_predictions(result.predictions)  # seals included
    stated = next(each for each in evidence.statements if each.id == "fairness.tpr" and each.on == {"sex": "F"})
    women = (pd.read_csv(result.predictions.path)["sex"] == "F").to_numpy() & changed.rows.truth
    assert changed.rows.called[women].mean() == pytest.approx(stated.estimate.value)
    assert evidence.subject(Role.MODEL) is None  # what decides is no longer the model alone
    assert changed.origin.model == ""


@pytest.mark.parametrize("rule", ["calibrated-equalised-odds", "equalised-odds"])
def test_the_predictions_of_a_table_are_mitigated_and_told_like_those_of_images(tmp_path: Path, rule: str) -> None:
    parts = [predictions(tmp_path / f"{name}.csv", seed, case="row") for seed, name in ((1, "validation"), (2, "test"))]
    result = aif360(*parts, privileged="M", rule=rule, constraint="fnr")
    (table,) = read_evidence(result.evidence.path).tables
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert gap(rows, "after") < 0.6 * gap(rows, "before")
    changed = pd.read_csv(result.predictions.path)
    assert changed["row"].tolist() == pd.read_csv(parts[1].path)["row"].tolist()


def test_the_same_seed_decides_the_same(parts) -> None:
    first, second = (fairlearn(*parts, seed=4).predictions.path.read_bytes() for _ in range(2))
    assert first == second


def test_thresholds_by_group_need_the_warning_to_be_read(parts, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ComponentError, match="runs only on purpose"):
        threshold_by_group(*parts)
    assert "direct discrimination" in capsys.readouterr().out


def test_what_no_rule_covers_is_refused(tmp_path: Path, parts) -> None:
    validation, test = parts
    with pytest.raises(ComponentError, match="1500 patients are in validation and test"):
        fairlearn(test, test)
    with pytest.raises(ComponentError, match="no group 'W' of 'sex'"):
        aif360(validation, test, privileged="W")
    table = pd.read_csv(test.path, dtype=str).drop(columns=SEAL)
    for cell, message in (("X", "no validation case is of the group 'X'"), ("", "sex is not known for 1 of 1500 rows")):
        table.loc[0, "sex"] = cell
        table.to_csv(tmp_path / "odd.csv", index=False)
        with pytest.raises(ComponentError, match=message):
            fairlearn(validation, Predictions(tmp_path / "odd.csv"))
    learnt = pd.read_csv(validation.path, dtype=str).drop(columns=SEAL)
    learnt[(learnt["sex"] == "M") | (learnt["label"] == "covid")].to_csv(tmp_path / "one.csv", index=False)
    with pytest.raises(ComponentError, match="the group 'F' have one class only"):
        fairlearn(Predictions(tmp_path / "one.csv"), test)
