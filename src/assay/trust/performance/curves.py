"""The points of the ROC and the precision-recall curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.performance.ranking import Ranking

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of a curve, one a threshold.

    Attributes:
        x: False positive rate (ROC) or recall (precision-recall), ascending, shape (points,).
        y: True positive rate, or precision.
        threshold: A row is called positive when its score is at least this; the first point's is infinite.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    threshold: NDArray[np.float64]


def roc_curve(truth: ArrayLike, score: ArrayLike) -> Curve:
    """Return the ROC curve at every distinct score, from (0, 0) to (1, 1). Both classes must be there."""
    positives, negatives, threshold = _cumulated(truth, score)
    return Curve(np.r_[0.0, negatives / negatives[-1]], np.r_[0.0, positives / positives[-1]], np.r_[np.inf, threshold])


def precision_recall_curve(truth: ArrayLike, score: ArrayLike) -> Curve:
    """Return precision over recall at every distinct score, from recall 0 (precision 1 by convention) to 1."""
    positives, negatives, threshold = _cumulated(truth, score)
    precision = positives / (positives + negatives)
    return Curve(np.r_[0.0, positives / positives[-1]], np.r_[1.0, precision], np.r_[np.inf, threshold])


def _cumulated(
    truth: ArrayLike, score: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    ranking = Ranking.of(truth, score)
    positives, negatives = ranking.grouped(np.ones((1, len(ranking.order))))
    threshold = np.asarray(score, dtype=np.float64)[ranking.order][ranking.starts]
    return np.cumsum(positives[0]), np.cumsum(negatives[0]), threshold
