"""The rates of a group, and the differences and ratios between two, under the names and with the signs of AI Fairness 360."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.fairness.counts import CellCounts
from assay.trust.performance.intervals import Interval
from assay.trust.performance.proportions import (
    LOG_RATIO,
    NEWCOMBE,
    Proportion,
    difference,
    equality_p,
    mean_of,
    proportion,
    ratio,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def _cells(names: str) -> NDArray[np.float64]:
    return np.array([float(cell in names.split()) for cell in ("TP", "FN", "FP", "TN")])


RATES: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {
    name: (_cells(part), _cells(whole))
    for name, part, whole in (
        ("tpr", "TP", "TP FN"),
        ("fpr", "FP", "FP TN"),
        ("fnr", "FN", "TP FN"),
        ("tnr", "TN", "FP TN"),
        ("ppv", "TP", "TP FP"),
        ("npv", "TN", "TN FN"),
        ("selection_rate", "TP FP", "TP FN FP TN"),
        ("base_rate", "TP FN", "TP FN FP TN"),
        ("accuracy", "TP TN", "TP FN FP TN"),
    )
}
"""Rate to the cells that are its part and its whole, in the order of ``performance.confusion.CELLS``."""

WHY_NOT = {
    "tpr": "the group has no positive case",
    "fnr": "the group has no positive case",
    "fpr": "the group has no negative case",
    "tnr": "the group has no negative case",
    "ppv": "nobody in the group was called positive",
    "npv": "nobody in the group was called negative",
    "selection_rate": "the group is empty",
    "base_rate": "the group is empty",
    "accuracy": "the group is empty",
}


def rate_values(counts: NDArray[np.float64]) -> Mapping[str, NDArray[np.float64]]:
    """Return every rate of counts of shape (..., 4), each of shape (...); NaN where its whole is empty."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return {name: (counts @ part) / (counts @ whole) for name, (part, whole) in RATES.items()}


def rate(cells: CellCounts, group: int, name: str) -> Proportion | None:
    """Return one rate of one group with its interval; ``None`` where its whole is empty: never 0."""
    return proportion(cells.sums(group, *RATES[name]))


@dataclass(frozen=True, slots=True)
class Contrast:
    """A difference or ratio between a group and what it is held against.

    Attributes:
        value: Group minus the other, or divided by it.
        interval: 95 %; ``None`` when one side has none.
        p: Of no difference; ``None`` for figures that are made of several.
        units: Patients that carry the side that has fewer.
        rows: Rows of both sides.
    """

    value: float
    interval: Interval | None
    units: int
    rows: int
    method: str
    p: float | None = None


def rate_difference(first: Proportion | None, second: Proportion | None) -> Contrast | None:
    """Return ``first - second`` of a rate in two groups; ``None`` when it is not defined in one of them."""
    if first is None or second is None:
        return None
    ends = None
    if first.interval and second.interval:
        ends = difference(first.value, first.interval, second.value, second.interval)
    units, rows = min(first.units, second.units), first.rows + second.rows
    p = equality_p(first, second) if ends else None
    return Contrast(first.value - second.value, ends, units, rows, NEWCOMBE, p)


def disparate_impact(first: Proportion | None, second: Proportion | None) -> Contrast | None:
    """Return the ratio of selection rates; ``None`` when it is not defined (AIF360 ``disparate_impact``)."""
    if first is None or second is None or (found := ratio(first, second)) is None:
        return None
    ends = found[1] if min(first.units, second.units) > 1 else None
    return Contrast(found[0], ends, min(first.units, second.units), first.rows + second.rows, LOG_RATIO)


def average_odds_difference(tpr: Contrast | None, fpr: Contrast | None) -> Contrast | None:
    """Return the mean of the differences of TPR and FPR (AIF360 ``average_odds_difference``)."""
    if tpr is None or fpr is None:
        return None
    ends = None
    if tpr.interval and fpr.interval:
        ends = mean_of((tpr.value, fpr.value), (tpr.interval, fpr.interval))
    method = "mean of two Newcombe differences (Zou and Donner 2008)"
    return Contrast((tpr.value + fpr.value) / 2, ends, min(tpr.units, fpr.units), tpr.rows + fpr.rows, method)
