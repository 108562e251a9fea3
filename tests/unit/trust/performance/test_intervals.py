"""The promise of a 95 % interval, kept on simulated patients whose slices are alike."""

import numpy as np
import pytest
from scipy import stats

from assay.trust.performance.bootstrap import Scored, measure, resample
from assay.trust.performance.intervals import clustered, wilson
from assay.trust.performance.summary import FIGURES, performance

SLICES = 4
ALIKE = 0.5
"""Correlation of two slices of one patient."""


def patients(random: np.random.Generator, count: int, distance: float) -> Scored:
    """Normal scores, ``distance`` apart between the classes, correlated within a patient."""
    truth = random.random(count) < 0.5
    score = (
        distance * truth[:, None]
        + np.sqrt(ALIKE) * random.normal(size=(count, 1))
        + np.sqrt(1 - ALIKE) * random.normal(size=(count, SLICES))
    ).ravel()
    return Scored(np.repeat(truth, SLICES), score, score >= distance / 2, np.repeat(np.arange(count), SLICES))


@pytest.mark.parametrize(("count", "distance"), [(36, 2.3), (80, 1.0)])
def test_intervals_cover_the_truth_as_often_as_they_say(count: int, distance: float) -> None:
    """Measured over 400 repeats: 94 to 99.8 % for 20 to 200 patients and AUROC 0.76 to 0.99 (percentiles: 69 to 94 %)."""
    random = np.random.default_rng(11)
    rate = stats.norm.cdf(distance / 2)
    truth = {"auroc": stats.norm.cdf(distance / np.sqrt(2)), "balanced_accuracy": rate, "sensitivity": rate}
    repeats, inside = 400, dict.fromkeys(truth, 0)
    for repeat in range(repeats):
        summary = performance(patients(random, count, distance), draws=200, seed=repeat)
        for name, value in truth.items():
            interval = summary.figures[name].interval
            inside[name] += interval is not None and interval.low <= value <= interval.high
    noise = 2.6 * np.sqrt(0.95 * 0.05 / repeats)
    for name, hits in inside.items():
        assert 0.95 - 0.02 - noise <= hits / repeats <= 0.97 + noise, (name, hits / repeats)


def test_treating_slices_as_independent_would_be_too_sure() -> None:
    rows = patients(np.random.default_rng(2), 60, 1.0)
    alone = Scored(rows.truth, rows.score, rows.called, np.arange(len(rows.truth)))
    clusters, naive = (performance(each).figures["auroc"].interval for each in (rows, alone))
    assert clusters is not None
    assert naive is not None
    assert clusters.high - clusters.low > 1.3 * (naive.high - naive.low)


def test_wilson_equals_the_reference() -> None:
    reference = stats.binomtest(17, 20).proportion_ci(method="wilson")
    interval = wilson(0.85, 20, stats.norm.ppf(0.975))
    assert (interval.low, interval.high) == pytest.approx((reference.low, reference.high), abs=1e-12)


def test_nothing_missed_is_still_not_certain() -> None:
    interval = clustered(1.0, np.ones(100), units=12, rows=48)
    assert interval is not None
    assert interval.high == 1.0
    assert 0.6 < interval.low < 0.8


def test_one_patient_has_no_interval() -> None:
    assert clustered(0.9, np.full(100, 0.9), units=1, rows=8) is None


def test_a_figure_undefined_in_most_draws_has_no_interval() -> None:
    assert clustered(0.9, np.r_[np.full(20, 0.9), np.full(80, np.nan)], units=9, rows=30) is None


def test_two_thousand_draws_of_ten_thousand_rows_take_seconds() -> None:
    random = np.random.default_rng(0)
    truth, score = random.random(10_000) < 0.5, random.normal(size=10_000)
    draws = resample(Scored(truth, score + truth, score > 0, random.integers(0, 500, 10_000)), 50, 0)
    assert all(len(draw) == 50 for draw in draws.values())
    assert set(draws) == set(FIGURES)


def test_a_draw_equals_measuring_the_copied_rows() -> None:
    rows = patients(np.random.default_rng(8), 9, 1.0)
    draws = resample(rows, 6, seed=4)
    times = np.random.default_rng(4).multinomial(9, np.full(9, 1 / 9), size=6)
    for draw in range(6):
        picked = np.repeat(np.arange(len(rows.truth)), times[draw][rows.patient])
        copied = Scored(rows.truth[picked], rows.score[picked], rows.called[picked], rows.patient[picked])
        expected = measure(copied)
        assert {name: draws[name][draw] for name in FIGURES} == pytest.approx(expected, abs=1e-12, nan_ok=True)
