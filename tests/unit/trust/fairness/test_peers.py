"""The same figures as AI Fairness 360 and Fairlearn, to the last digits."""

import warnings

import numpy as np
import pandas as pd
import pytest

from assay.trust.fairness.counts import GroupTable
from assay.trust.fairness.rates import average_odds_difference, disparate_impact, rate, rate_difference, rate_values


@pytest.fixture(scope="module")
def audited() -> tuple[pd.DataFrame, GroupTable]:
    random = np.random.default_rng(7)
    group, truth = random.integers(0, 2, 3000), random.random(3000) < 0.3
    called = random.random(3000) < np.where(truth, 0.8 - 0.1 * group, 0.2)
    table = pd.DataFrame({"group": group, "truth": truth.astype(float), "called": called.astype(float)})
    return table, GroupTable.of(group, truth, called, groups=2)


def test_names_and_signs_are_those_of_aif360(audited: tuple[pd.DataFrame, GroupTable]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its imports warn of optional packages that are not there
        from aif360.datasets import BinaryLabelDataset
        from aif360.metrics import ClassificationMetric
    table, counts = audited
    names = {"label_names": ["label"], "protected_attribute_names": ["group"]}
    truth = BinaryLabelDataset(df=table[["group", "truth"]].rename(columns={"truth": "label"}), **names)
    called = BinaryLabelDataset(df=table[["group", "called"]].rename(columns={"called": "label"}), **names)
    theirs = ClassificationMetric(truth, called, [{"group": 0}], [{"group": 1}])
    cells = counts.merged(np.arange(2), 2)
    one, two = (
        {name: rate(cells, group, name) for name in ("tpr", "fpr", "ppv", "selection_rate")} for group in (0, 1)
    )
    ours = {name: rate_difference(one[name], two[name]) for name in one}
    pairs = [
        (ours["selection_rate"], theirs.statistical_parity_difference()),
        (ours["tpr"], theirs.equal_opportunity_difference()),
        (ours["fpr"], theirs.false_positive_rate_difference()),
        (average_odds_difference(ours["tpr"], ours["fpr"]), theirs.average_odds_difference()),
        (disparate_impact(one["selection_rate"], two["selection_rate"]), theirs.disparate_impact()),
    ]
    for mine, other in pairs:
        assert mine is not None
        assert mine.value == pytest.approx(other, abs=1e-12)
        assert mine.interval is not None
        assert mine.interval.low < mine.value < mine.interval.high
    assert one["ppv"].value == pytest.approx(theirs.positive_predictive_value(privileged=False), abs=1e-12)


def test_rates_are_those_of_fairlearn(audited: tuple[pd.DataFrame, GroupTable]) -> None:
    from fairlearn import metrics

    table, counts = audited
    measures = {
        "tpr": metrics.true_positive_rate,
        "fpr": metrics.false_positive_rate,
        "fnr": metrics.false_negative_rate,
        "tnr": metrics.true_negative_rate,
        "selection_rate": metrics.selection_rate,
    }
    frame = metrics.MetricFrame(
        metrics=measures, y_true=table["truth"], y_pred=table["called"], sensitive_features=table["group"]
    )
    ours = rate_values(counts.merged(np.arange(2), 2).counts)
    for name in measures:
        assert ours[name] == pytest.approx(frame.by_group[name].to_numpy(dtype=float), abs=1e-12)
