"""Damage of cells and other people, where what has to come out is known."""

import itertools

import numpy as np
import pytest

from assay.trust.performance.ranking import auroc
from assay.trust.robustness.table_shifts import (
    AMOUNTS,
    CellShift,
    TableColumns,
    among_others,
    cell_shifts,
    damaged,
    tilted,
    without,
)
from assay.trust.robustness.under_shift import Judged

COLUMNS = TableColumns(
    deviation=np.array([2.0, 0.5, 0.0]),
    whole=np.array([True, False, False]),
    kinds=np.array([0, 0, 4]),
    blank=np.array([np.nan, np.nan, -1.0], dtype=np.float32),
)
RANDOM = np.random.default_rng(0)
ROWS = np.column_stack([RANDOM.integers(0, 90, 4000), RANDOM.normal(0, 0.5, 4000), RANDOM.integers(0, 4, 4000)]).astype(
    np.float32
)


@pytest.mark.parametrize("severity", [1, 3, 5])
def test_a_share_of_the_cells_goes_missing_as_their_column_says_it(severity) -> None:
    shown = damaged(ROWS, COLUMNS, CellShift.MISSING, severity, 0)
    gone = np.column_stack([np.isnan(shown[:, :2]), shown[:, 2:] == -1])
    assert gone.mean(axis=0) == pytest.approx(AMOUNTS[CellShift.MISSING][severity - 1], abs=0.03)
    assert (shown[~gone] == ROWS[~gone]).all()


def test_a_worse_severity_damages_the_same_cells_and_more() -> None:
    lost = [np.isnan(damaged(ROWS, COLUMNS, CellShift.MISSING, severity, 7)[:, 0]) for severity in range(1, 6)]
    assert all((lesser <= greater).all() for lesser, greater in itertools.pairwise(lost))


def test_noise_has_the_scale_of_training_and_whole_numbers_stay_whole() -> None:
    noisy = damaged(ROWS, COLUMNS, CellShift.NOISE, 5, 0)
    assert (noisy[:, 1] - ROWS[:, 1]).std() == pytest.approx(0.5, rel=0.05)
    assert (noisy[:, 0] - ROWS[:, 0]).std() == pytest.approx(2.0, rel=0.05)
    assert (noisy[:, 0] == np.round(noisy[:, 0])).all()
    assert (noisy[:, 2] == ROWS[:, 2]).all()


def test_a_category_becomes_another_one_and_unknown_ones_stay() -> None:
    unknown = ROWS.copy()
    unknown[:10, 2] = -1
    swapped = damaged(unknown, COLUMNS, CellShift.SWAPS, 5, 0)
    changed = swapped[:, 2] != unknown[:, 2]
    assert changed[10:].mean() == pytest.approx(0.5, abs=0.03)
    assert not changed[:10].any()
    assert set(swapped[10:, 2].tolist()) == {0, 1, 2, 3}
    assert (swapped[:, :2] == unknown[:, :2]).all()


def test_a_column_is_gone_for_everybody_and_the_rows_given_stay_as_they_are() -> None:
    before = ROWS.copy()
    gone = without(ROWS, COLUMNS, 2)
    assert (gone[:, 2] == -1).all()
    assert (before == ROWS).all()


def test_what_columns_cannot_suffer_is_said() -> None:
    numbers = TableColumns(COLUMNS.deviation[:2], COLUMNS.whole[:2], COLUMNS.kinds[:2], COLUMNS.blank[:2])
    left, missing = cell_shifts(numbers, list(CellShift))
    assert left == [CellShift.MISSING, CellShift.NOISE]
    assert [each.why for each in missing] == ["the model takes no categories"]


def rows(count=4000):
    random = np.random.default_rng(1)
    age, truth = random.uniform(20, 90, count), random.random(count) < 0.5
    # Among the old the score knows nothing.
    score = np.clip(np.where(age < 55, 0.5 + 0.4 * np.where(truth, 1, -1), 0.5) + random.normal(0, 0.1, count), 0, 1)
    return age, Judged(truth, np.arange(count), score, score, 0.5)


def test_other_people_are_weighed_and_count_for_what_they_are_worth() -> None:
    age, made = rows()
    found, missing = among_others(made, tilted(age, 1.5), {"shift": "old", "severity": "5"}, None, draws=200, seed=0)
    assert not missing
    area, drop = (next(s for s in found if s.id == f"robustness.shift_{name}") for name in ("auroc", "auroc_drop"))
    weight = tilted(age, 1.5)
    chosen = np.random.default_rng(2).choice(4000, 40_000, p=weight / weight.sum())
    assert area.estimate.value == pytest.approx(auroc(made.truth[chosen], made.clean[chosen]), abs=0.01)
    assert drop.estimate.value == pytest.approx(auroc(made.truth, made.clean) - area.estimate.value)
    assert drop.estimate.low > 0.1
    assert area.estimate.n < 1200
    young, _ = among_others(made, tilted(age, -1.5), {}, None, draws=200, seed=0)
    assert next(s for s in young if s.id == "robustness.shift_auroc_drop").estimate.high < 0


def test_the_same_people_lose_nothing_and_one_class_is_not_measured() -> None:
    age, made = rows(400)
    found, _ = among_others(made, tilted(age, 0.0), {}, None, draws=100, seed=0)
    drop = next(s for s in found if s.id == "robustness.shift_auroc_drop").estimate
    assert drop.value == 0
    assert drop.low < 0 < drop.high
    ill = Judged(np.ones(5, dtype=bool), np.arange(5), np.ones(5), np.ones(5), 0.5)
    assert among_others(ill, np.ones(5), {}, None, draws=100, seed=0)[1][0].why == "one class only"
