"""The mean of a row's figure, with an interval that counts patients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.performance.intervals import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEAN = "mean of rows, variance between patients, t quantile"


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over rows; ``interval`` is ``None`` with fewer than two patients."""

    value: float
    interval: Interval | None
    units: int
    rows: int


def mean(values: NDArray[np.float64], patient: NDArray[np.intp], *, confidence: float = 0.95) -> Mean:
    """Return the mean of ``values`` (one a row, at least one) with the linearised variance of a cluster sample (Cochran 1977, 9A)."""
    from scipy.special import stdtrit  # heavy; kept out of the import of whoever only needs the estimates

    value = float(values.mean())
    there, who = np.unique(patient, return_inverse=True)
    units = len(there)
    if units < 2:
        return Mean(value, None, units, len(values))
    sums = np.bincount(who, weights=values - value)
    error = float(np.sqrt(units / (units - 1) * (sums @ sums))) / len(values)
    arm = float(stdtrit(units - 1, (1 + confidence) / 2)) * error
    return Mean(value, Interval(value - arm, value + arm), units, len(values))
