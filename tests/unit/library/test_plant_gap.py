"""transform/plant-gap: exactly the planted patients are missed, and the audit that has to find it does."""

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError, Predictions
from assay.library.fairness.group_metrics import group_metrics
from assay.library.transform.plant_gap import plant_gap
from assay.trust.evidence.statement import State
from assay.trust.evidence.text import read_evidence


@pytest.fixture
def fair(tmp_path):
    random = np.random.default_rng(0)
    n = 400
    ill = np.arange(n) % 2 == 1
    table = pd.DataFrame(
        {
            "file": [f"{i}.png" for i in range(n)],
            "patient": [f"p{i}" for i in range(n)],
            "label": np.where(ill, "covid", "other"),
            "score": np.where(ill, random.uniform(0.5, 1, n), random.uniform(0, 0.5, n)),
            "positive": "covid",
            "threshold": 0.5,
            "p_other": 0.5,
            "sex": np.where(np.arange(n) % 4 < 2, "F", "M"),
            "age": random.integers(20, 90, n),
        }
    )
    table.to_csv(tmp_path / "predictions.csv", index=False)
    return Predictions(tmp_path / "predictions.csv")


def failing(predictions):
    said = read_evidence(group_metrics(predictions, by=["sex"], draws=100).evidence).statements
    return {each.id for each in said if each.state is State.FAIL}


def test_a_planted_gap_is_found_and_none_where_nothing_is_planted(fair):
    assert failing(fair) == set()
    assert "fairness.tpr_difference" in failing(plant_gap(fair, share=0.5))


def test_only_the_sick_of_the_group_are_missed(fair):
    before, after = pd.read_csv(fair), pd.read_csv(plant_gap(fair, from_age=60, share=1.0))
    lowered = after["score"] < before["score"]
    assert (lowered == after["planted"]).all()
    assert ((before["sex"] == "F") & (before["age"] >= 60) & (before["label"] == "covid") == lowered).all()


def test_a_group_without_sick_people_is_said(fair):
    with pytest.raises(ComponentError, match="nobody with the disease"):
        plant_gap(fair, sex="X")


def test_ages_and_sexes_have_to_be_there(fair):
    pd.read_csv(fair).drop(columns=["age"]).to_csv(fair, index=False)
    with pytest.raises(ComponentError, match="lack age"):
        plant_gap(fair)
