"""Where to cut a score: chosen on validation data, never on the test set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from assay.trust.performance.curves import roc_curve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Rule = Literal["youden", "sensitivity", "half"]
"""How a cut is chosen."""


def threshold_by(rule: Rule, truth: NDArray[np.bool_], score: NDArray[np.float64], sensitivity: float) -> float:
    """Return the cut that a rule chooses; ``half`` is 0.5 whatever the cases say.

    Args:
        rule: Which.
        truth: Whether each case is positive.
        score: Of each case.
        sensitivity: Share of positives to find, for that rule.
    """
    match rule:
        case "youden":
            return youden_threshold(truth, score)
        case "sensitivity":
            return sensitivity_threshold(truth, score, sensitivity)
        case "half":
            return 0.5


def youden_threshold(truth: ArrayLike, score: ArrayLike) -> float:
    """Return the cut that makes sensitivity + specificity - 1 largest (Youden 1950).

    The cut lies half way between the best score and the next lower one, so that it does not hug one validation case.
    Among equally good cuts the one with the higher sensitivity wins: a missed disease costs more than a second look.
    """
    curve = roc_curve(truth, score)
    gain = curve.y - curve.x
    best = int(np.flatnonzero(gain >= gain.max() - 1e-12)[-1])
    return _between(curve.threshold, best)


def sensitivity_threshold(truth: ArrayLike, score: ArrayLike, sensitivity: float) -> float:
    """Return the highest cut that finds at least this share (0..1) of the positives."""
    curve = roc_curve(truth, score)
    first = int(np.flatnonzero(curve.y >= sensitivity - 1e-12)[0])
    return _between(curve.threshold, max(first, 1))


def _between(threshold: NDArray[np.float64], index: int) -> float:
    if not np.isfinite(threshold[index]):
        return float(np.nextafter(threshold[index + 1], np.inf))
    if index + 1 == len(threshold):
        return float(threshold[index])
    return float((threshold[index] + threshold[index + 1]) / 2)
