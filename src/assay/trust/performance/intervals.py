"""95 % intervals that keep their promise with few patients and with rates near 0 or 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHOD = "Wilson score interval, t quantile, effective size from a patient bootstrap"
_FEWEST_DRAWS = 0.5
"""Share of the draws in which a figure must be defined for its spread to be believed."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided 95 % interval; ``low`` <= estimate <= ``high``, all in 0..1."""

    low: float
    high: float


def wilson(value: float, size: float, quantile: float) -> Interval:
    """Return the score interval of a share ``value`` of ``size`` independent trials (Wilson 1927)."""
    centre = value + quantile**2 / (2 * size)
    half = quantile * np.sqrt(value * (1 - value) / size + quantile**2 / (4 * size**2))
    scale = 1 + quantile**2 / size
    low, high = (centre - half) / scale, (centre + half) / scale
    return Interval(float(min(max(low, 0.0), value)), float(max(min(high, 1.0), value)))


def clustered(
    value: float, draws: NDArray[np.float64], *, units: int, rows: int, confidence: float = 0.95
) -> Interval | None:
    """Return the interval of a figure in 0..1 measured on rows that share patients.

    The bootstrap's spread says how many independent rows the figure is worth (effective size: value * (1 - value) / variance,
    Korn and Graubard 1998); the score interval of that size has the right coverage where the percentiles of the same draws
    have not: 36 patients, AUROC 0.99: 98 % against 74 %. Where no draw differs from the estimate (nothing was ever
    missed) each patient counts as one trial.

    Args:
        value: The estimate, 0..1.
        draws: The figure in bootstrap samples of patients, NaN where not defined, shape (draws,).
        units: Patients that carry the figure (for an area: those of the rarer class).
        rows: Rows that carry it: the effective size is never larger.
        confidence: Share of the time the truth is inside.

    Returns:
        ``None`` with fewer than two units, or when the figure is not defined in half of the draws.
    """
    defined = draws[np.isfinite(draws)]
    if units < 2 or len(defined) < max(2.0, _FEWEST_DRAWS * len(draws)):
        return None
    variance = float(np.var(defined, ddof=1)) * units / (units - 1)
    return score_interval(value, variance, units=units, rows=rows, confidence=confidence)


def score_interval(value: float, variance: float, *, units: int, rows: int, confidence: float = 0.95) -> Interval:
    """Return the score interval of a figure in 0..1 whose ``variance`` between patients is known; ``units`` at least 2.

    The arguments are those of ``clustered``, of which it is the second half.
    """
    from scipy.special import ndtri, stdtrit  # heavy; kept out of the import of whoever only needs the estimates

    upper = (1 + confidence) / 2
    if variance < 1e-18 or value in {0.0, 1.0}:
        return wilson(value, units, float(ndtri(upper)))
    size = min(value * (1 - value) / variance, float(rows))
    return wilson(value, size, float(stdtrit(units - 1, upper)))
