"""Calibration, decision curves and conformal sets on scores whose truth is known."""

import numpy as np
import pytest

from assay.trust.calibration.conformal import conformal_sets, halves
from assay.trust.calibration.curve import calibration_error, equal_count_bins, reliability
from assay.trust.calibration.decision import decision_curve
from assay.trust.calibration.recalibration import Recalibration, recalibration


def sample(random: np.random.Generator, patients: int, slices: int, shift: float = 0.0, stretch: float = 1.0):
    """Scores whose log odds are ``stretch`` times the true ones plus ``shift``."""
    odds = np.repeat(random.normal(0, 1.2, patients), slices) + random.normal(0, 0.6, patients * slices)
    truth = random.random(patients * slices) < 1 / (1 + np.exp(-odds))
    return truth, 1 / (1 + np.exp(-(stretch * odds + shift))), np.repeat(np.arange(patients), slices)


def test_bins_hold_equal_counts_and_keep_equal_scores_together() -> None:
    assert np.bincount(equal_count_bins(np.linspace(0, 1, 100))).tolist() == [10] * 10
    assert equal_count_bins(np.r_[np.zeros(90), np.ones(10)]).max() <= 1
    assert equal_count_bins(np.linspace(0, 1, 7)).max() == 0


@pytest.mark.parametrize(("shift", "slices"), [(0.0, 1), (0.0, 4), (0.7, 1), (0.7, 4)])
def test_calibration_figures_cover_the_truth(shift: float, slices: int) -> None:
    random, hits = np.random.default_rng(5), {"ece": 0, "slope": 0, "intercept": 0}
    large = calibration_error(*sample(random, 200_000, 1, shift), draws=2)
    truth = large.plain if shift else 0.0
    for repeat in range(200):
        rows = sample(random, 150, slices, shift)
        error, fitted = calibration_error(*rows, draws=100, seed=repeat), recalibration(*rows)
        assert isinstance(fitted, Recalibration)
        assert error.interval
        hits["ece"] += error.interval.low <= truth <= error.interval.high
        hits["slope"] += fitted.slope_interval.low <= 1 <= fitted.slope_interval.high
        hits["intercept"] += fitted.intercept_interval.low <= -shift <= fitted.intercept_interval.high
    for name, count in hits.items():
        assert 0.91 <= count / 200 <= 0.995, name


def test_the_plain_error_is_too_high_and_the_corrected_one_nearer() -> None:
    random = np.random.default_rng(6)
    found = [calibration_error(*sample(random, 100, 1), draws=100, seed=seed) for seed in range(60)]
    assert np.mean([each.value for each in found]) < 0.7 * np.mean([each.plain for each in found])


def test_scores_that_are_too_extreme_have_a_slope_below_one() -> None:
    fitted = recalibration(*sample(np.random.default_rng(7), 4000, 1, stretch=2.0))
    assert isinstance(fitted, Recalibration)
    assert fitted.slope == pytest.approx(0.5, abs=0.05)


def test_slope_and_intercept_say_why_there_are_none() -> None:
    who = np.arange(4)
    assert (
        recalibration(np.array([True, True, False, True]), np.full(4, 0.5), who) == "needs two patients of each class"
    )
    truth = np.array([True, True, False, False])
    assert recalibration(truth, np.full(4, 0.5), who) == "every score is the same"
    assert "without an error" in recalibration(truth, np.array([0.9, 0.8, 0.1, 0.2]), who)


def test_a_reliability_curve_of_a_true_score_is_the_diagonal() -> None:
    points = reliability(*sample(np.random.default_rng(8), 20_000, 1))
    assert len(points) == 10
    for point in points:
        assert point.observed.value == pytest.approx(point.score, abs=0.04)
        assert point.observed.interval


def test_net_benefit_equals_its_formula() -> None:
    truth, score = np.array([True, True, False, False, False]), np.array([0.9, 0.2, 0.8, 0.1, 0.3])
    at = decision_curve(truth, score, np.arange(5), [0.5])[0]
    assert at.model.value == pytest.approx(1 / 5 - 1 / 5)
    assert at.everybody == pytest.approx(2 / 5 - 3 / 5)
    assert at.gain == pytest.approx(0.0)
    assert at.gain_interval


def test_conformal_sets_hold_the_truth_as_often_as_promised() -> None:
    random = np.random.default_rng(9)
    truth, score, who = sample(random, 8000, 1)
    calibrates = halves([str(each) for each in who], seed=1)
    assert calibrates.mean() == pytest.approx(0.5, abs=0.03)
    found = conformal_sets(np.column_stack([1 - score, score]), truth.astype(np.intp), calibrates, level=0.9)
    assert found
    assert found.covered.mean() == pytest.approx(0.9, abs=0.015)
    assert len(found.covered) == (~calibrates).sum()


def test_too_few_rows_promise_nothing() -> None:
    shares = np.tile([0.4, 0.6], (8, 1))
    assert conformal_sets(shares, np.ones(8, dtype=np.intp), np.arange(8) < 5, level=0.9) is None
