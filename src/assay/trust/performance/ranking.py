"""Areas under the ROC and precision-recall curves, for one set of rows or for many weightings of it at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Ranking:
    """Rows sorted by descending score, tied scores grouped: what every weighting of the rows shares.

    Attributes:
        order: Row numbers by descending score, shape (rows,).
        starts: Where each distinct score begins in ``order``, shape (distinct,).
        positive: Truth in sorted order, shape (rows,).
    """

    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    positive: NDArray[np.bool_]

    @classmethod
    def of(cls, truth: ArrayLike, score: ArrayLike) -> Self:
        """Sort once. ``truth``: booleans, shape (rows,); ``score``: finite, higher means more likely positive."""
        scores = np.asarray(score, dtype=np.float64)
        order = np.argsort(-scores, kind="stable")
        ordered = scores[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        return cls(order, starts, np.asarray(truth, dtype=bool)[order])

    def grouped(self, weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the weight of positives and of negatives at each distinct score, descending.

        Args:
            weights: Shape (draws, rows): how often a row counts.

        Returns:
            Two arrays of shape (draws, distinct).
        """
        ordered = weights[:, self.order]
        positives = np.add.reduceat(ordered * self.positive, self.starts, axis=1)
        return positives, np.add.reduceat(ordered, self.starts, axis=1) - positives


def areas(ranking: Ranking, weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return AUROC and average precision of every weighting.

    AUROC is the weighted Mann-Whitney statistic, ties counting one half (Bamber 1975). Average precision is
    ``sum((R[k] - R[k-1]) * P[k])`` over the distinct thresholds, without interpolation.

    Args:
        ranking: The sorted rows.
        weights: Shape (draws, rows), not negative.

    Returns:
        Two arrays of shape (draws,); NaN where a weighting leaves one class without weight.
    """
    positives, negatives = ranking.grouped(weights)
    true_positives = np.cumsum(positives, axis=1)
    false_positives = np.cumsum(negatives, axis=1)
    total_positive, total_negative = true_positives[:, -1], false_positives[:, -1]
    with np.errstate(invalid="ignore", divide="ignore"):
        below = total_negative[:, None] - false_positives + negatives / 2
        auroc = (positives * below).sum(axis=1) / (total_positive * total_negative)
        flagged = true_positives + false_positives
        precision = np.divide(true_positives, flagged, out=np.zeros_like(flagged), where=flagged > 0)
        average = (positives * precision).sum(axis=1) / total_positive
    return auroc, np.where(total_negative > 0, average, np.nan)


def auroc(truth: ArrayLike, score: ArrayLike) -> float:
    """Return the area under the ROC curve; NaN when only one class is there.

    Example:
        >>> auroc([False, True, False, True], [0.1, 0.8, 0.4, 0.35])
        0.75
    """
    ranking = Ranking.of(truth, score)
    return float(areas(ranking, np.ones((1, len(ranking.order))))[0][0])


def average_precision(truth: ArrayLike, score: ArrayLike) -> float:
    """Return the area under the precision-recall curve as average precision; NaN when only one class is there."""
    ranking = Ranking.of(truth, score)
    return float(areas(ranking, np.ones((1, len(ranking.order))))[1][0])
