"""How alike two maps are: rank correlation and structural similarity of their absolute values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import Heat

_WINDOW = 7
_C1, _C2 = 0.01**2, 0.03**2


def spearman(one: Heat, other: Heat) -> float:
    """Return the rank correlation of absolute heat, ties by mean rank; 0 when a map is constant."""
    first, second = (_ranks(np.abs(heat).ravel()) for heat in (one, other))
    first, second = first - first.mean(), second - second.mean()
    power = float(first @ first) * float(second @ second)
    return float(first @ second) / power**0.5 if power > 0 else 0.0


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, group, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    means: NDArray[np.float64] = last - (count - 1) / 2
    return means[group]


def ssim(one: Heat, other: Heat) -> float:
    """Return the mean structural similarity (Wang et al. 2004) of absolute heat scaled to 0..1, windows of 7 x 7.

    0 when a map is constant: it has no structure to be alike in.
    """
    first, second = (_scaled(np.abs(heat)) for heat in (one, other))
    if first is None or second is None:
        return 0.0
    mean_1, mean_2 = _box(first), _box(second)
    # As in the paper's reference code the sample (co)variances are those of n - 1.
    unbiased = _WINDOW**2 / (_WINDOW**2 - 1)
    variance_1 = unbiased * (_box(first * first) - mean_1**2)
    variance_2 = unbiased * (_box(second * second) - mean_2**2)
    covariance = unbiased * (_box(first * second) - mean_1 * mean_2)
    above = (2 * mean_1 * mean_2 + _C1) * (2 * covariance + _C2)
    below = (mean_1**2 + mean_2**2 + _C1) * (variance_1 + variance_2 + _C2)
    return float((above / below).mean())


def _scaled(values: NDArray[np.float64]) -> NDArray[np.float64] | None:
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else None


def _box(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over each window that lies inside."""
    total = np.pad(values.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    sums = total[_WINDOW:, _WINDOW:] - total[:-_WINDOW, _WINDOW:] - total[_WINDOW:, :-_WINDOW]
    boxes: NDArray[np.float64] = (sums + total[:-_WINDOW, :-_WINDOW]) / _WINDOW**2
    return boxes
