"""The declared family: judged from counts as the audit of rows judges it, and as often right as it promises."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from assay.trust.evidence.statement import State
from assay.trust.fairness.audit import audit
from assay.trust.fairness.counts import GroupTable
from assay.trust.fairness.declared import PRIMARY, Demand, declared
from assay.trust.fairness.people import Grouping, cells, slices
from assay.trust.performance.bootstrap import Scored
from assay.trust.performance.proportions import Clusters, Proportion, equality_p, proportion

_FILE = Path(__file__).parents[4] / "benchmarks" / "trust" / "power.py"
_SPEC = importlib.util.spec_from_file_location("benchmark_power", _FILE)
assert _SPEC
assert _SPEC.loader
power: Any = importlib.util.module_from_spec(_SPEC)
sys.modules["benchmark_power"] = power  # its dataclasses look their module up
_SPEC.loader.exec_module(power)


@pytest.mark.parametrize("slices_each", [1, 5])
@pytest.mark.parametrize("correction", ["holm", "none"])
def test_counts_alone_are_judged_as_the_audit_of_rows_judges_them(slices_each: int, correction: str) -> None:
    random = np.random.default_rng(4)
    person = np.repeat(np.arange(200), slices_each)
    parts = [
        Grouping("sex", ["F", "M"], random.integers(-1, 2, 200)[person]),
        Grouping("site", ["a", "b", "c"], random.integers(0, 3, 200)[person]),
    ]
    truth, score = random.integers(0, 2, 200)[person] == 1, random.random(len(person))
    demand = Demand(margin=0.2, family=("tpr", "ppv"), correction=correction, reference={"site": "b"}, draws=10)
    whole = audit(Scored(truth, score, score > 0.4, person), parts, demand).statements
    cell, size = cells(parts)
    table = GroupTable.of(cell, truth, score > 0.4, person, groups=size)
    alone = declared(table, slices(parts, crossing=True), demand)
    assert alone == [each for each in whole if each.family == PRIMARY]
    assert len(alone) == 2 * (1 + 2 + 6)


@pytest.mark.parametrize(
    ("line", "cohorts"),
    [(power.Line(140, 1, 0.1, 0.80), 100_000), (power.Line(434, 1, 0.1, 0.99), 5000)],
    ids=["80 % at 140", "99 % at 434"],
)
def test_a_planted_gap_is_found_as_often_as_promised(line: Any, cohorts: int) -> None:
    _, ends = power.measured(line, cohorts)
    assert ends.low >= line.promise


@pytest.mark.parametrize("positives", [20, 140, 434])
def test_a_fair_model_is_accused_no_more_often_than_promised(positives: int) -> None:
    share, ends = power.measured(power.Line(positives, 1, 0.0, 0.05), 20_000)
    assert 0.03 < share < ends.high <= 0.05


@pytest.mark.parametrize(("positives", "images"), [(20, 20), (60, 20), (140, 8)])
def test_unequal_numbers_of_images_make_nobody_accused_more_often(positives: int, images: int) -> None:
    """A normal deviate for a t would accuse 7 % of the first, each side's own likeness alone 6 to 7 % of the others."""
    share, _ = power.measured(power.Line(positives, images, 0.0, 0.05, uneven=True), 800)
    assert 0 < share <= 0.05


@pytest.mark.parametrize("gap", [0.0, 0.2])
def test_many_cohorts_at_once_are_judged_as_one_alone(gap: float) -> None:
    line, random = power.Line(40, 1, gap, 0.05), np.random.default_rng(3)
    hits = random.binomial(40, power.chances(line), (60, 4, 2))
    at_once, (sides, planted) = power.shown_of_people(hits, 40), power.compared()
    cell, size, cuts = power.groupings()
    for called, held in zip(hits, at_once, strict=True):
        counts = np.zeros((size, 4), dtype=np.int64)
        counts[cell] = np.stack([called[:, 0], 40 - called[:, 0], called[:, 1], 40 - called[:, 1]], axis=1)
        said = declared(GroupTable(np.arange(size), counts), cuts, Demand())
        assert [power.shown(each) for each in said] == held.ravel().tolist()
        assert power.found(said) == held[planted, 0]
    assert held.shape == (len(sides), 2)


def test_a_fair_model_is_never_failed_for_a_difference_that_is_not_shown() -> None:
    random, line = np.random.default_rng(2), power.Line(60, 1, 0.0, 0.05)
    said = [each for _ in range(300) for each in power.family(random, line)]
    assert {each.state for each in said if not power.shown(each)} == {State.PASS, State.INSUFFICIENT}


def share_of(random: np.random.Generator, patients: int, rate: float, alike: float) -> Proportion:
    """Ten images a patient, of intra-class correlation ``alike``."""
    scale = (1 - alike) / alike
    hits = random.binomial(10, random.beta(rate * scale, (1 - rate) * scale, patients)).astype(float)
    found = proportion(Clusters.of(hits, np.full(patients, 10.0)))
    assert found
    return found


def likeness(share: Proportion) -> float:
    """Of equally many images a patient: the ratio estimator's variance is that of the mean of their shares."""
    sums = share.sums
    variance = (sums.hits_squared / 100 - sums.units * share.value**2) / (sums.units - 1) / sums.units
    return float((sums.trials * variance / (share.value * (1 - share.value)) - 1) / 9)


def proportion_of_both(first: Proportion, second: Proportion) -> Proportion:
    found = proportion(first.sums + second.sums)
    assert found
    return found


def worth(share: Proportion, alike: float) -> float:
    copies = 1 / (8 * share.value * (1 - share.value))
    return share.rows / (1 + 9 * (alike * share.units + copies) / (share.units + copies))


def expected_p(first: Proportion, second: Proportion, sizes: tuple[float, float]) -> float:
    total = sum(sizes)
    pooled = (first.value * sizes[0] + second.value * sizes[1]) / total
    variance = pooled * (1 - pooled) * (1 / sizes[0] + 1 / sizes[1]) * total / (total - 1)
    lost = sum(1 / size**2 / share.freedom for share, size in zip((first, second), sizes, strict=True))
    freedom = sum(1 / size for size in sizes) ** 2 / lost
    return float(2 * stats.t.sf(abs(first.value - second.value) / np.sqrt(variance), freedom))


def test_what_was_estimated_of_few_patients_is_paid_for_in_the_test_too() -> None:
    """Equally alike: Satterthwaite's degrees of freedom are those of both sides together, and there are few of them."""
    trials = np.full(12, 10.0)
    hits = np.array([10, 10, 9, 8, 10, 2, 7, 10, 10, 5, 9, 6], dtype=float)
    first, second = proportion(Clusters.of(hits, trials)), proportion(Clusters.of(trials - hits, trials))
    assert first
    assert second
    assert first.freedom == second.freedom == 11
    alike = (likeness(first) + likeness(proportion_of_both(first, second))) / 2
    sizes = worth(first, alike), worth(second, alike)
    assert equality_p(first, second) == pytest.approx(expected_p(first, second, sizes))
    total = sum(sizes)
    away = abs(first.value - second.value) / np.sqrt(0.25 * (1 / sizes[0] + 1 / sizes[1]) * total / (total - 1))
    assert equality_p(first, second) == pytest.approx(2 * stats.t.sf(away, 22))
    assert equality_p(first, second) > 2 * stats.norm.sf(away)


def test_a_side_that_seems_less_alike_than_both_is_taken_half_way_and_the_other_stays() -> None:
    tight, loose = share_of(np.random.default_rng(1), 40, 0.8, 0.1), share_of(np.random.default_rng(2), 40, 0.6, 0.5)
    own, both = (likeness(tight), likeness(loose)), likeness(proportion_of_both(tight, loose))
    assert own[0] < both < own[1]
    sizes = worth(tight, (own[0] + both) / 2), worth(loose, own[1])
    assert sizes[0] < tight.size
    assert sizes[1] == pytest.approx(loose.size)
    assert equality_p(tight, loose) == pytest.approx(expected_p(tight, loose, sizes))
    assert equality_p(tight, loose) == equality_p(loose, tight)
    assert equality_p(tight, loose) > expected_p(tight, loose, (tight.size, loose.size))


def test_people_of_one_row_have_nothing_to_pay_for() -> None:
    alone = proportion(Clusters.of(np.array([1.0, 0.0, 1.0]), np.ones(3)))
    assert alone
    assert np.isinf(alone.freedom)
