"""One table of counts, streamed, gathered by patient, added up and resampled."""

import tracemalloc

import numpy as np
import pytest

from assay.trust.fairness.counts import GroupTable, blocks, count
from assay.trust.fairness.rates import RATES
from assay.trust.performance.confusion import cells


def rows(n: int, groups: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.integers(0, groups, n).astype(np.uint8), random.random(n) < 0.3, random.random(n) < 0.4


def test_counts_are_those_of_one_row_at_a_time_over_block_borders() -> None:
    group, truth, called = rows(150_000, 5)
    expected = np.stack([cells(truth[group == each], called[group == each]).sum(axis=0) for each in range(5)])
    assert (count(blocks(group, truth, called), 5) == expected).all()


def test_memory_does_not_grow_with_the_rows() -> None:
    group, truth, called = rows(2_000_000, 4)
    tracemalloc.start()
    count(blocks(group, truth, called), 4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4e6


def test_groups_of_patients_are_added_up_without_counting_a_patient_twice() -> None:
    group, truth, called = rows(400, 4)
    patient = np.random.default_rng(1).integers(0, 50, 400)  # patients span groups, as when an age changes
    table = GroupTable.of(group, truth, called, patient, groups=4)
    merged = table.merged(np.array([0, 0, 1, -1]), 2)
    one_hot = cells(truth, called)
    for goal, members in enumerate(([0, 1], [2])):
        here = np.isin(group, members)
        sums = np.stack([one_hot[here & (patient == each)].sum(axis=0) for each in range(50)])
        assert merged.counts[goal].tolist() == sums.sum(axis=0).tolist()
        assert merged.moments[goal] == pytest.approx(sums.T @ sums)
        part, whole = RATES["tpr"]
        assert merged.sums(goal, part, whole).units == int(((sums @ whole) > 0).sum())


def test_single_rows_and_patients_of_one_row_say_the_same() -> None:
    group, truth, called = rows(300, 3)
    one = GroupTable.of(group, truth, called, groups=3).merged(np.arange(3), 3)
    two = GroupTable.of(group, truth, called, np.arange(300), groups=3).merged(np.arange(3), 3)
    assert (one.counts == two.counts).all()
    assert (one.moments == two.moments).all()
    assert (one.patterns == two.patterns).all()


def test_a_draw_is_of_whole_patients_and_as_wide_as_drawing_rows() -> None:
    group, truth, called = rows(600, 2)
    patient = np.arange(600) // 6
    table = GroupTable.of(group, truth, called, patient, groups=2)
    drawn = table.resampled(np.arange(2), 2, 400, seed=3)
    assert drawn.shape == (400, 2, 4)
    assert (drawn.sum(axis=(1, 2)) == 600).all()
    assert drawn.mean(axis=0) == pytest.approx(table.merged(np.arange(2), 2).counts, rel=0.1)
    alone = GroupTable.of(group, truth, called, groups=2).resampled(np.arange(2), 2, 4000, seed=3)
    chance = alone.mean(axis=0) / 600
    assert alone.var(axis=0) == pytest.approx(600 * chance * (1 - chance), rel=0.15)
