"""Counts at a threshold, and the rates made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

CELLS = ("true_positive", "false_negative", "false_positive", "true_negative")
"""Order of the last axis of every array of counts."""


def cells(truth: ArrayLike, predicted: ArrayLike) -> NDArray[np.float64]:
    """Return for each row in which of ``CELLS`` it falls: one-hot, shape (rows, 4)."""
    true, called = np.asarray(truth, dtype=bool), np.asarray(predicted, dtype=bool)
    return np.stack([true & called, true & ~called, ~true & called, ~true & ~called], axis=1).astype(np.float64)


def rates(counts: NDArray[np.float64]) -> Mapping[str, NDArray[np.float64]]:
    """Return every rate of the counts; NaN where its denominator is zero.

    Args:
        counts: Shape (..., 4), the last axis in the order of ``CELLS``.

    Returns:
        ``sensitivity`` TP/(TP+FN), ``specificity`` TN/(TN+FP), ``balanced_accuracy`` their mean, ``ppv`` TP/(TP+FP),
        ``npv`` TN/(TN+FN), ``f1`` 2TP/(2TP+FP+FN), ``accuracy``; each of shape (...).
    """
    tp, fn, fp, tn = np.moveaxis(counts, -1, 0)
    sensitivity, specificity = _share(tp, tp + fn), _share(tn, tn + fp)
    return {
        "sensitivity": sensitivity,
        "specificity": specificity,
        "balanced_accuracy": (sensitivity + specificity) / 2,
        "ppv": _share(tp, tp + fp),
        "npv": _share(tn, tn + fn),
        "f1": _share(2 * tp, 2 * tp + fp + fn),
        "accuracy": _share(tp + tn, tp + fn + fp + tn),
    }


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64))
    shares: NDArray[np.float64] = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return shares
