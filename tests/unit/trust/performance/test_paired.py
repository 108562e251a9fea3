"""Paired losses: no change gives no loss, a real one is found, and the interval keeps its promise."""

import numpy as np
import pytest

from assay.trust.performance.paired import auroc_drop, mean_difference, spread_interval
from assay.trust.performance.ranking import auroc


def scored(patients=60, slices=3, loss=0.0, seed=0):
    random = np.random.default_rng(seed)
    truth = (np.arange(patients) % 2 == 0).repeat(slices)
    patient = np.arange(patients).repeat(slices)
    own = random.normal(0, 1, patients)[patient]
    clean = 1.5 * truth + own + random.normal(0, 0.5, len(truth))
    after = (1.5 - loss) * truth + own + random.normal(0, 0.5, len(truth))
    return truth, clean, after, patient


def test_the_loss_is_the_difference_of_the_areas():
    truth, clean, after, patient = scored(loss=1.0)
    drop, interval = auroc_drop(truth, clean, after, patient, draws=300)
    assert drop == pytest.approx(auroc(truth, clean) - auroc(truth, after))
    assert 0 < interval.low < drop < interval.high
    same, none = auroc_drop(truth, clean, clean, patient, draws=300)
    assert same == 0
    assert none.low < 0 < none.high


def test_the_interval_holds_the_true_loss_as_often_as_it_says():
    truth, clean, after, _ = scored(patients=20_000, slices=1, loss=0.8)
    true = auroc(truth, clean) - auroc(truth, after)
    hits = 0
    for seed in range(150):
        _, interval = auroc_drop(*scored(loss=0.8, seed=seed), draws=200, seed=seed)
        hits += interval.low <= true <= interval.high
    assert 0.9 <= hits / 150 <= 0.99


def test_the_gap_of_means_is_lost_by_patients():
    truth, patient = np.array([True, True, False, False]), np.arange(4)
    gap, interval = mean_difference(truth, np.array([0.9, 0.7, 0.1, 0.3]), np.array([0.5, 0.5, 0.2, 0.2]), patient)
    assert gap == pytest.approx(0.3)
    assert interval is None or interval.low <= gap <= interval.high


def test_what_cannot_be_measured_has_no_interval():
    ones = np.ones(4, dtype=bool)
    drop, interval = auroc_drop(ones, np.arange(4.0), np.arange(4.0), np.arange(4))
    assert np.isnan(drop)
    assert interval is None
    assert np.isnan(mean_difference(ones, np.arange(4.0), np.arange(4.0), np.arange(4))[0])
    assert spread_interval(0.1, np.array([0.1, 0.2, 0.3]), 1) is None
    assert spread_interval(0.1, np.full(10, np.nan), 5) is None
