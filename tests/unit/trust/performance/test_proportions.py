"""Shares, differences and ratios: equal to the references, and as sure as they say, also when slices of a patient are alike."""

import numpy as np
import pytest
from scipy import stats

from assay.trust.performance.intervals import Interval
from assay.trust.performance.proportions import (
    Clusters,
    Proportion,
    difference,
    equality_p,
    mean_of,
    proportion,
    ratio,
)


def share(random: np.random.Generator, patients: int, slices: int, rate: float, alike: float) -> Proportion:
    """Beta-binomial slices: correlation ``alike`` within a patient."""
    scale = (1 - alike) / alike if alike else 1.0
    rates = random.beta(rate * scale, (1 - rate) * scale, patients) if alike else np.full(patients, rate)
    found = proportion(Clusters.of(random.binomial(slices, rates).astype(float), np.full(patients, float(slices))))
    assert found is not None
    return found


def inside(interval: Interval | None, value: float) -> bool:
    return interval is not None and interval.low <= value <= interval.high


RATES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


@pytest.mark.parametrize("patients", [10, 20, 30, 60])
def test_rates_of_people_cover_the_truth_as_often_as_wilsons_interval_must(patients: int) -> None:
    """Exact. A count jumps, so the coverage of one rate swings about 95 %: not more than that of the interval itself."""
    found = [
        proportion(Clusters.of(1.0 * (np.arange(patients) < count), np.ones(patients))) for count in range(patients + 1)
    ]
    chance = stats.binom.pmf(np.arange(patients + 1)[:, None], patients, RATES)
    held = [[inside(share and share.interval, rate) for rate in RATES] for share in found]
    wilson = [stats.binomtest(count, patients).proportion_ci(method="wilson") for count in range(patients + 1)]
    explained = [[ends.low <= rate <= ends.high for rate in RATES] for ends in wilson]
    coverage = (chance * held).sum(axis=0)
    assert coverage == pytest.approx((chance * explained).sum(axis=0), abs=1e-12)
    assert 0.93 <= coverage.mean() <= 0.97


@pytest.mark.parametrize(("patients", "slices"), [(20, 20), (20, 4), (60, 20)])
def test_rates_of_slices_cover_the_truth_as_often_as_they_say(patients: int, slices: int) -> None:
    """Intra-class correlation 0.3: 93 to 97 % over the grid, and no rate below, also where misses come from few patients."""
    random, repeats = np.random.default_rng(20), 1500
    cells = [
        np.mean([inside(share(random, patients, slices, rate, 0.3).interval, rate) for _ in range(repeats)])
        for rate in RATES
    ]
    assert 0.93 <= np.mean(cells) <= 0.97
    assert min(cells) >= 0.93


def test_patients_with_unequal_numbers_of_slices_do_not_make_it_surer_than_it_is() -> None:
    random = np.random.default_rng(23)
    cells = []
    for rate in RATES:
        held = 0
        for _ in range(1500):
            trials = random.geometric(1 / 20, 20)
            hits = random.binomial(trials, random.beta(rate * 7 / 3, (1 - rate) * 7 / 3, 20))
            found = proportion(Clusters.of(hits.astype(float), trials.astype(float)))
            held += inside(found and found.interval, rate)
        cells.append(held / 1500)
    assert 0.93 <= np.mean(cells) <= 0.97
    assert min(cells) >= 0.93


def test_towards_certainty_each_patient_counts_once() -> None:
    """One row of 400 missed says hardly more than none: the interval has no step where nothing is missed."""
    trials = np.full(20, 20.0)
    nothing, one = (proportion(Clusters.of(trials - missed * (np.arange(20) == 0), trials)) for missed in (0, 1))
    assert nothing
    assert one
    assert nothing.size == 20
    assert 20 <= one.size < 40


@pytest.mark.parametrize(
    ("first", "second", "slices"), [((20, 0.9), (200, 0.95), 1), ((20, 0.8), (60, 0.9), 20), ((60, 0.9), (60, 0.8), 20)]
)
def test_differences_cover_the_truth_as_often_as_they_say(
    first: tuple[int, float], second: tuple[int, float], slices: int
) -> None:
    random, alike = np.random.default_rng(21), 0.3 if slices > 1 else 0.0
    hits = 0
    for _ in range(2000):
        here, there = (
            share(random, first[0], slices, first[1], alike),
            share(random, second[0], slices, second[1], alike),
        )
        assert here.interval
        assert there.interval
        hits += inside(difference(here.value, here.interval, there.value, there.interval), first[1] - second[1])
    assert 0.93 <= hits / 2000 <= 0.97


@pytest.mark.parametrize("rest", [200, 1000])
def test_the_difference_between_a_subgroup_of_twenty_and_the_rest_covers_the_truth_at_every_rate(rest: int) -> None:
    """Exact: both counts take every value. An interval of Wald covers 0.65 of 0.95 against 0.97 with 200 others."""
    sides = []
    for patients in (20, rest):
        every = [proportion(Clusters(n, patients, n, n, patients, patients)) for n in range(patients + 1)]
        sides.append([(each.value, each.interval) for each in every if each and each.interval])
    ends = [[difference(one, here, two, there) for two, there in sides[1]] for one, here in sides[0]]
    low, high = (np.array([[getattr(each, end) for each in line] for line in ends]) for end in ("low", "high"))
    for one in (*RATES, 0.97):
        for two in (*RATES, 0.97):
            chance = np.outer(*(stats.binom.pmf(np.arange(n + 1), n, rate) for n, rate in ((20, one), (rest, two))))
            assert 0.93 <= chance[(low <= one - two) & (one - two <= high)].sum() <= 0.97, (one, two)


@pytest.mark.parametrize("rate", [0.95, 0.97])
def test_no_interval_of_a_count_of_twenty_could_cover_these_rates_as_often_as_it_says(rate: float) -> None:
    """Whatever run of counts holds the rate, its chance is below 93 or above 97 %: why single rates are promised in the mean."""
    below = np.concatenate([[0.0], stats.binom.cdf(np.arange(21), 20, rate)])
    runs = (below[None, :] - below[:, None]).ravel()
    assert not ((runs >= 0.93) & (runs <= 0.97)).any()
    assert runs[np.abs(runs - 0.95).argmin()] == pytest.approx({0.95: 0.9245, 0.97: 0.9790}[rate], abs=1e-4)


def test_slices_taken_for_people_would_be_far_too_sure() -> None:
    random = np.random.default_rng(22)
    hits = 0
    for _ in range(500):
        found = share(random, 60, 20, 0.9, 0.3)
        naive = stats.binomtest(round(found.value * 1200), 1200).proportion_ci(method="wilson")
        hits += naive.low <= 0.9 <= naive.high
    assert hits / 500 < 0.7


def test_newcombe_equals_its_published_example() -> None:
    """Newcombe 1998, table II, example (a): 56/70 - 48/80, method 10: 0.0524 to 0.3339."""
    here, there = (proportion(Clusters(hits, n, hits, hits, n, n)) for hits, n in ((56, 70), (48, 80)))
    assert here
    assert there
    assert here.interval
    assert there.interval
    found = difference(here.value, here.interval, there.value, there.interval)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_copies_of_a_row_add_nothing() -> None:
    hits = np.array([0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0])
    one, copied = proportion(Clusters.of(hits, np.ones(8))), proportion(Clusters.of(hits * 9, np.full(8, 9.0)))
    assert one
    assert copied
    assert copied.size == pytest.approx(one.size)
    assert copied.rows == 72
    assert copied.interval
    assert one.interval
    assert copied.interval.high - copied.interval.low >= one.interval.high - one.interval.low


def test_nothing_to_count_is_no_share_and_one_patient_has_no_interval() -> None:
    assert proportion(Clusters(0, 0, 0, 0, 0, 0)) is None
    alone = proportion(Clusters.of(np.array([3.0]), np.array([4.0])))
    assert alone
    assert alone.value == 0.75
    assert alone.interval is None


def test_a_ratio_is_on_the_log_scale_and_undefined_over_zero() -> None:
    none, some = proportion(Clusters(0, 30, 0, 0, 30, 30)), proportion(Clusters(15, 30, 15, 15, 30, 30))
    assert none
    assert some
    assert ratio(some, none) is None
    found = ratio(none, some)
    assert found
    value, ends = found
    assert value == 0
    assert ends.low == 0
    assert 0 < ends.high < 1
    same = ratio(some, some)
    assert same
    assert same[0] == 1
    assert same[1].low * same[1].high == pytest.approx(1)


def test_equality_is_the_n_minus_one_chi_squared_test() -> None:
    first, second = proportion(Clusters(30, 40, 30, 30, 40, 40)), proportion(Clusters(20, 50, 20, 20, 50, 50))
    assert first
    assert second
    plain = stats.chi2_contingency([[30, 10], [20, 30]], correction=False).statistic
    assert equality_p(first, second) == pytest.approx(stats.chi2.sf(plain * 89 / 90, 1))


def test_equality_of_few_is_fishers_test() -> None:
    first, second = proportion(Clusters(4, 5, 4, 4, 5, 5)), proportion(Clusters(9, 9, 9, 9, 9, 9))
    assert first
    assert second
    assert equality_p(first, second) == pytest.approx(stats.fisher_exact([[4, 1], [9, 0]]).pvalue)


def test_the_mean_of_two_differences_is_surer_than_either() -> None:
    found = mean_of((0.1, -0.1), (Interval(0.0, 0.2), Interval(-0.2, 0.0)))
    assert (found.low, found.high) == pytest.approx((-np.sqrt(0.02) / 2, np.sqrt(0.02) / 2))
