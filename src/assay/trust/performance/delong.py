"""AUROC with its variance in closed form, slices of one patient never counted as independent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from assay.trust.performance.intervals import Interval, score_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

DELONG = "DeLong's variance between patients (Obuchowski 1997), score interval of that effective size"


def delong(truth: ArrayLike, score: ArrayLike, patient: ArrayLike) -> tuple[float, float, int]:
    """Return AUROC, its variance, and the number of patients of the rarer class.

    With one row a patient the variance is that of DeLong, DeLong and Clarke-Pearson (1988), from midranks (Sun and Xu 2014); with
    several it is Obuchowski's (1997), which sums what the rows of a patient add before squaring.

    Args:
        truth: Booleans, shape (rows,).
        score: Finite, higher means more likely positive.
        patient: Whole numbers from 0, shape (rows,).

    Returns:
        NaN, NaN and 0 when one class is missing; a variance of NaN when a class has one patient only.
    """
    true, scores, who = np.asarray(truth, dtype=bool), np.asarray(score, dtype=np.float64), np.asarray(patient)
    positives, negatives = int(true.sum()), int((~true).sum())
    if not positives or not negatives:
        return np.nan, np.nan, 0
    everyone = midranks(scores)
    above = (everyone[true] - midranks(scores[true])) / negatives
    below = 1 - (everyone[~true] - midranks(scores[~true])) / positives
    area = float(above.mean())
    size = int(who.max()) + 1
    ill = np.bincount(who[true], weights=above - area, minlength=size) / positives
    well = np.bincount(who[~true], weights=below - area, minlength=size) / negatives
    units = [len(np.unique(who[side])) for side in (true, ~true)]
    if min(units) < 2:
        return area, np.nan, min(units)
    both = len(np.unique(who))
    variance = (
        units[0] / (units[0] - 1) * float(ill @ ill)
        + units[1] / (units[1] - 1) * float(well @ well)
        + 2 * both / (both - 1) * float(ill @ well)
    )
    return area, max(variance, 0.0), min(units)


def auroc_interval(truth: ArrayLike, score: ArrayLike, patient: ArrayLike) -> tuple[float, Interval | None, int]:
    """Return AUROC, its 95 % interval (``None``: fewer than two patients of a class) and the patients of the rarer class."""
    area, variance, units = delong(truth, score, patient)
    if np.isnan(variance):
        return area, None, units
    return area, score_interval(area, variance, units=units, rows=len(np.asarray(truth))), units


def midranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rank of each value from 1, equal values sharing the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: NDArray[np.float64] = (last - (counts - 1) / 2)[inverse]
    return ranks
