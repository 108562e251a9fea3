"""AUROC in closed form: equal to the sum over pairs, and as sure as it says."""

import numpy as np
import pytest
from scipy import stats

from assay.trust.performance.delong import auroc_interval, delong, midranks
from assay.trust.performance.ranking import auroc


def test_without_repeats_it_is_delongs_variance() -> None:
    random = np.random.default_rng(0)
    truth, score = np.arange(60) % 3 == 0, random.integers(0, 12, 60) / 12
    pairs = np.sign(score[truth][:, None] - score[~truth][None, :]) / 2 + 0.5
    area, variance, units = delong(truth, score, np.arange(60))
    assert area == pytest.approx(auroc(truth, score), abs=1e-12)
    expected = pairs.mean(axis=1).var(ddof=1) / 20 + pairs.mean(axis=0).var(ddof=1) / 40
    assert variance == pytest.approx(expected, abs=1e-12)
    assert units == 20


def test_midranks_are_those_of_scipy() -> None:
    values = np.array([3.0, 1.0, 1.0, 2.0, 3.0, 3.0])
    assert midranks(values).tolist() == stats.rankdata(values).tolist()


def test_it_covers_the_truth_when_slices_are_alike() -> None:
    random, hits = np.random.default_rng(1), 0
    truth, patient = np.repeat(np.arange(80) % 2 == 0, 6), np.repeat(np.arange(80), 6)
    for _ in range(600):
        score = 1.5 * truth + np.repeat(random.normal(0, 0.55**0.5, 80), 6) + random.normal(0, 0.45**0.5, 480)
        _, interval, units = auroc_interval(truth, score, patient)
        assert interval
        hits += interval.low <= stats.norm.cdf(1.5 / 2**0.5) <= interval.high
        assert units == 40
    assert 0.93 <= hits / 600 <= 0.975


def test_one_class_has_no_area_and_one_patient_of_a_class_no_interval() -> None:
    area, variance, units = delong([True, True], [0.1, 0.2], [0, 1])
    assert np.isnan([area, variance]).all()
    assert units == 0
    assert auroc_interval([True, False, False], [0.9, 0.1, 0.2], [0, 1, 2]) == (1.0, None, 1)
