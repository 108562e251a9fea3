"""What happens to tables between training and use: cells go missing, numbers get noise, categories are mistyped, a column is gone, other people come.

Everything is done to rows as the model takes them, at five severities. The cells that one severity damages are among those that the
next one damages.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.trust.evidence.evidence import NotMeasured
from assay.trust.evidence.statement import Criterion, Estimate, Statement
from assay.trust.performance.intervals import METHOD, Interval, clustered
from assay.trust.performance.paired import METHOD as PAIRED
from assay.trust.performance.paired import patient_counts, spread_interval
from assay.trust.performance.ranking import Ranking, areas
from assay.trust.robustness.under_shift import Judged

_ROWS_AT_ONCE = 4_000_000
Values = NDArray[np.float32]


class CellShift(enum.StrEnum):
    """The closed set of shifts that change cells."""

    MISSING = "missing values"
    NOISE = "noise"
    SWAPS = "category swaps"


GONE = "column gone"
HIGHER, LOWER = "more with a higher", "more with a lower"

AMOUNTS: Mapping[str, tuple[float, ...]] = {
    CellShift.MISSING: (0.02, 0.05, 0.1, 0.25, 0.5),
    CellShift.NOISE: (0.05, 0.1, 0.25, 0.5, 1.0),
    CellShift.SWAPS: (0.02, 0.05, 0.1, 0.25, 0.5),
    HIGHER: (0.1, 0.25, 0.5, 1.0, 1.5),
    LOWER: (0.1, 0.25, 0.5, 1.0, 1.5),
}
"""Severity 1 to 5 as a share of cells, as standard deviations of training, or as the tilt of a standardised column."""


@dataclass(frozen=True, slots=True)
class TableColumns:
    """What the columns of encoded rows are.

    Attributes:
        deviation: Of a number in training; 0 for a category.
        whole: Which numbers are whole: noise on them is rounded.
        kinds: Categories of each column; 0 for a number.
        blank: What a missing cell is encoded as.
    """

    deviation: NDArray[np.float64]
    whole: NDArray[np.bool_]
    kinds: NDArray[np.intp]
    blank: Values


def damaged(values: Values, columns: TableColumns, shift: CellShift, severity: int, seed: int) -> Values:
    """Return rows with damaged cells, shape (rows, columns).

    Args:
        values: Encoded rows.
        columns: What they are.
        shift: Cells of every column go missing; Gaussian noise is added to every number; categories become another of their column.
        severity: 1..5.
        seed: Of the lot.
    """
    amount = AMOUNTS[shift][severity - 1]
    random = np.random.default_rng([seed, list(CellShift).index(shift)])
    lot, number = random.random(values.shape), columns.kinds == 0
    match shift:
        case CellShift.MISSING:
            return np.where(lot < amount, columns.blank, values).astype(np.float32)
        case CellShift.NOISE:
            noisy = values + amount * columns.deviation * random.standard_normal(values.shape)
            noisy = np.where(columns.whole, np.round(noisy), noisy)
            return np.where(number, noisy, values).astype(np.float32)
        case CellShift.SWAPS:
            kinds = np.maximum(columns.kinds, 2)
            other = (values + 1 + np.floor(random.random(values.shape) * (kinds - 1))) % kinds
            swapped = (lot < amount) & (columns.kinds > 1) & (values >= 0)
            return np.where(swapped, other, values).astype(np.float32)


def without(values: Values, columns: TableColumns, column: int) -> Values:
    """Return rows in which a column is missing everywhere."""
    gone = values.copy()
    gone[:, column] = columns.blank[column]
    return gone


def tilted(column: NDArray[np.float64], amount: float) -> NDArray[np.float64]:
    """Return a weight a row by which people with a high value become more frequent, or rarer when ``amount`` is below 0.

    The weights are ``exp(amount * z)`` of the standardised value, as when a normal population moves by ``amount`` deviations; values
    beyond three deviations weigh no more. A row whose value is not known keeps the weight 1.
    """
    z = (column - np.nanmean(column)) / max(float(np.nanstd(column)), 1e-12)
    return np.exp(amount * np.clip(np.nan_to_num(z), -3, 3))


def among_others(
    rows: Judged,
    weight: NDArray[np.float64],
    on: Mapping[str, str],
    criterion: Criterion | None,
    *,
    draws: int,
    seed: int,
) -> tuple[list[Statement], list[NotMeasured]]:
    """Return the figures of the same model among other people: the rows weighed, their answers as they are.

    Intervals count the patients that the weighted ones are worth (Kish 1965): a population far away rests on few.

    Args:
        rows: The rows; only their clean scores are used.
        weight: Of each row.
        on: Which shift, which severity.
        criterion: Bound on the AUROC lost; ``None``: it is told only.
        draws: Bootstrap samples of patients.
        seed: Of the bootstrap.
    """
    truth, called = rows.truth, rows.clean >= rows.threshold
    if truth.all() or not truth.any():
        return [], [NotMeasured("robustness.shift_auroc", "one class only", on)]
    counts = patient_counts(rows.patient, draws, seed)
    worth = {kind: _kish(rows.patient[truth == kind], weight[truth == kind]) for kind in (True, False)}
    said = [
        Statement(f"robustness.shift_{name}", _share(rows, right, truth == kind, weight, counts, worth[kind]), on=on)
        for name, right, kind in (("sensitivity", called, True), ("specificity", ~called, False))
    ]
    ranking, units = Ranking.of(truth, rows.clean), min(worth.values())
    ones = np.ones((1, len(truth)))
    before, after = (float(areas(ranking, each)[0][0]) for each in (ones, ones * weight))
    chunk = max(1, _ROWS_AT_ONCE // len(truth))
    pairs = [
        (areas(ranking, often)[0], areas(ranking, often * weight)[0])
        for at in range(0, draws, chunk)
        for often in (counts[at : at + chunk][:, rows.patient],)
    ]
    plain, moved = (np.concatenate(each) for each in zip(*pairs, strict=True))
    area = _estimate(after, clustered(after, moved, units=units, rows=units), units, len(truth), METHOD)
    lost = _estimate(before - after, spread_interval(before - after, plain - moved, units), units, len(truth), PAIRED)
    return [
        Statement("robustness.shift_auroc", area, on=on),
        *said,
        Statement.judged("robustness.shift_auroc_drop", lost, criterion, on=on),
    ], []


def _share(
    rows: Judged,
    right: NDArray[np.bool_],
    kind: NDArray[np.bool_],
    weight: NDArray[np.float64],
    counts: NDArray[np.float64],
    units: int,
) -> Estimate:
    people = counts.shape[1]
    hits, trials = (
        np.bincount(rows.patient, weights=weight * which, minlength=people) for which in (right & kind, kind)
    )
    with np.errstate(invalid="ignore"):
        drawn = (counts @ hits) / (counts @ trials)
    value = float(hits.sum() / trials.sum())
    return _estimate(value, clustered(value, drawn, units=units, rows=units), units, int(kind.sum()), METHOD)


def _estimate(value: float, ends: Interval | None, units: int, rows: int, method: str) -> Estimate:
    low, high = (ends.low, ends.high) if ends else (None, None)
    return Estimate(value, low, high, n=units, rows=rows, method=method)


def _kish(patient: NDArray[np.intp], weight: NDArray[np.float64]) -> int:
    """Return how many patients the weighted ones are worth."""
    sums = np.bincount(patient, weights=weight)
    return int(sums.sum() ** 2 / np.square(sums).sum())


def cell_shifts(columns: TableColumns, asked: Sequence[CellShift]) -> tuple[list[CellShift], list[NotMeasured]]:
    """Return the shifts that these columns can suffer, and why the others were not measured."""
    lacking = {}
    if not (columns.kinds == 0).any():
        lacking[CellShift.NOISE] = "the model takes no numbers"
    if not (columns.kinds > 1).any():
        lacking[CellShift.SWAPS] = "the model takes no categories"
    missing = [
        NotMeasured("robustness.shift_auroc_drop", lacking[shift], {"shift": str(shift)})
        for shift in asked
        if shift in lacking
    ]
    return [shift for shift in asked if shift not in lacking], missing
