"""Means of per-picture figures with intervals that count patients."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.trust.evidence.statement import Estimate
from assay.trust.performance.intervals import METHOD, clustered

_DRAWS = 1000
_SAME = 1e-12
_CONSTANT = "no unit differed: exact binomial bound on the share that might, each as far off as the figure can be"
_T_METHOD = "t interval of the mean, cluster-robust variance by patient (Liang and Zeger 1986)"


def share(values: NDArray[np.float64], patient: NDArray[np.intp], seed: int = 0) -> Estimate | None:
    """Return the mean of figures that lie in 0..1; ``None`` when there are none (NaN counts as not measured).

    Args:
        values: One a picture, shape (pictures,).
        patient: Of each picture.
        seed: Of the bootstrap.
    """
    sums, counts = _by_patient(values, patient)
    if not len(counts):
        return None
    value = float(np.clip(sums.sum() / counts.sum(), 0.0, 1.0))
    units, rows = len(counts), int(counts.sum())
    drawn = np.random.default_rng(seed).multinomial(units, np.full(units, 1 / units), size=_DRAWS)
    interval = clustered(value, (drawn @ sums) / (drawn @ counts), units=units, rows=rows)
    if interval is None:
        return Estimate(value, n=units, rows=rows, method="no interval: one patient")
    return Estimate(value, interval.low, interval.high, n=units, rows=rows, method=METHOD)


def mean(values: NDArray[np.float64], patient: NDArray[np.intp], *, least: float, most: float) -> Estimate | None:
    """Return the mean of any figures, its interval cut off at what the figure can be; ``None`` when there are none.

    Figures without any spread leave a t interval of no width, which would be certainty from a handful of units. Of n units none
    differed, so at 95 % up to ``1 - 0.025 ** (1 / n)`` of all may (Clopper and Pearson 1934), each by as much as the figure's bounds
    allow: that is the interval then, and there is none where the figure has no bounds.

    Args:
        values: One a picture, shape (pictures,).
        patient: Of each picture.
        least: Smallest possible value.
        most: Largest.
    """
    sums, counts = _by_patient(values, patient)
    if not len(counts):
        return None
    value, units, rows = float(sums.sum() / counts.sum()), len(counts), int(counts.sum())
    if units < 2:
        return Estimate(value, n=units, rows=rows, method="no interval: one patient")
    from scipy.special import stdtrit  # a tenth of a second that the maps themselves do not need

    residuals = sums - value * counts
    deviation = float(np.sqrt(units / (units - 1) * (residuals**2).sum())) / rows
    if deviation <= _SAME * max(1.0, abs(value)):
        return _constant(value, units, rows, (least, most))
    arm = float(stdtrit(units - 1, 0.975)) * deviation
    low, high = max(least, value - arm), min(most, value + arm)
    return Estimate(value, min(low, value), max(high, value), n=units, rows=rows, method=_T_METHOD)


def _constant(value: float, units: int, rows: int, bounds: tuple[float, float]) -> Estimate:
    if not np.isfinite(bounds).all():
        return Estimate(value, n=units, rows=rows, method="no interval: no unit differed, and the figure has no bounds")
    share = 1 - 0.025 ** (1 / units)
    low, high = (value + share * (bound - value) for bound in bounds)
    return Estimate(value, min(low, value), max(high, value), n=units, rows=rows, method=_CONSTANT)


def _by_patient(
    values: NDArray[np.float64], patient: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    known = np.isfinite(values)
    _, number = np.unique(patient[known], return_inverse=True)
    counts = np.bincount(number).astype(np.float64)
    sums: NDArray[np.float64] = np.bincount(number, weights=values[known]).astype(np.float64)
    return sums, counts
