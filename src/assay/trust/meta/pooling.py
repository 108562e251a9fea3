"""A mean over sites by random effects: between-site variance by Paule and Mandel, interval by Hartung and Knapp, and where a new site lies.

Sources: Paule and Mandel 1982; DerSimonian and Laird 1986; Hartung and Knapp 2001; Higgins and Thompson 2002 (I²); Higgins, Thompson and
Spiegelhalter 2009 (prediction interval); Roever, Knapp and Friede 2015 (the interval is never narrower than that of the variances alone).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_MOST_STEPS = 200
_CLOSE = 1e-12


@dataclass(frozen=True, slots=True)
class Pooled:
    """A mean of sites, on the scale that it was computed on.

    Attributes:
        value: The mean.
        low, high: Ends of its 95 % interval.
        prediction: Where the true figure of another site lies with 95 %; ``None`` with fewer than three sites.
        tau2: Variance of the true figures between sites.
        i2: Share of the spread of the sites that is more than chance, 0..1.
        q: Cochran's statistic; chi-squared with ``sites - 1`` degrees of freedom when all sites are alike.
        sites: How many.
    """

    value: float
    low: float
    high: float
    prediction: tuple[float, float] | None
    tau2: float
    i2: float
    q: float
    sites: int


def pooled(values: Sequence[float], variances: Sequence[float], *, floor: bool = True) -> Pooled:
    """Return the random-effects mean.

    Args:
        values: One a site, at least two.
        variances: Of each within its site, above 0.
        floor: Never let the interval become narrower than the variances say, as it may when sites agree by chance.

    Raises:
        ValueError: There are fewer than two sites, or a variance is not above 0.
    """
    from scipy.special import stdtrit  # heavy; kept out of the import of whoever only reads a result

    count = len(values)
    if count < 2 or len(variances) != count or min(variances) <= 0:
        raise ValueError(f"two sites at least, each with a variance above 0: {values}, {variances}")
    tau2 = between(values, variances)
    weights = [1 / (variance + tau2) for variance in variances]
    total = sum(weights)
    mean = _mean(values, weights)
    spread = _q(values, weights) / (count - 1)
    error = math.sqrt((max(spread, 1.0) if floor else spread) / total)
    arm = float(stdtrit(count - 1, 0.975)) * error
    ends = None
    if count > 2:
        reach = float(stdtrit(count - 2, 0.975)) * math.sqrt(tau2 + error**2)
        ends = (mean - reach, mean + reach)
    q = _q(values, [1 / variance for variance in variances])
    return Pooled(mean, mean - arm, mean + arm, ends, tau2, max(0.0, (q - (count - 1)) / q) if q > 0 else 0.0, q, count)


def between(values: Sequence[float], variances: Sequence[float]) -> float:
    """Return the variance between sites (Paule and Mandel): with it, the weighted spread is what chance alone makes; 0 when less is seen."""

    def excess(tau2: float) -> float:
        return _q(values, [1 / (variance + tau2) for variance in variances]) - (len(values) - 1)

    if excess(0.0) <= 0:
        return 0.0
    high = max(variances)
    while excess(high) > 0:
        high *= 2
    low = 0.0
    for _ in range(_MOST_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        if high - low <= _CLOSE * high:
            break
    return (low + high) / 2


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / sum(weights)


def _q(values: Sequence[float], weights: Sequence[float]) -> float:
    mean = _mean(values, weights)
    return sum(weight * (value - mean) ** 2 for value, weight in zip(values, weights, strict=True))
