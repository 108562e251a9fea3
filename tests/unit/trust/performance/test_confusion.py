"""Rates at a threshold against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from assay.trust.performance.confusion import CELLS, cells, rates


def test_every_rate_equals_the_reference() -> None:
    random = np.random.default_rng(5)
    truth, called = random.random(400) < 0.3, random.random(400) < 0.5
    measured = rates(cells(truth, called).sum(axis=0))
    assert measured == pytest.approx(
        {
            "sensitivity": metrics.recall_score(truth, called),
            "specificity": metrics.recall_score(~truth, ~called),
            "balanced_accuracy": metrics.balanced_accuracy_score(truth, called),
            "ppv": metrics.precision_score(truth, called),
            "npv": metrics.precision_score(~truth, ~called),
            "f1": metrics.f1_score(truth, called),
            "accuracy": metrics.accuracy_score(truth, called),
        },
        abs=1e-12,
    )


def test_cells_are_in_their_stated_order() -> None:
    counts = cells([True, True, True, False, False, False], [True, True, False, True, False, False]).sum(axis=0)
    assert dict(zip(CELLS, counts, strict=True)) == {
        "true_positive": 2,
        "false_negative": 1,
        "false_positive": 1,
        "true_negative": 2,
    }


def test_a_rate_without_a_denominator_is_not_a_number() -> None:
    measured = rates(np.array([0.0, 0.0, 1.0, 3.0]))
    assert np.isnan(measured["sensitivity"])
    assert np.isnan(measured["balanced_accuracy"])
    assert measured["specificity"] == 0.75
