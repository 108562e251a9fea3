"""Shares of rows that share patients: intervals of one, of the difference and of the ratio of two."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from assay.trust.performance.intervals import Interval, wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray

WILSON = "Wilson score interval; effective sample size and t quantile where patients have several rows"
_COPIES = 0.125
"""Patients whose rows are copies, times value * (1 - value); docs/decisions/0017 has the coverage that it was chosen by."""
NEWCOMBE = "Newcombe hybrid score interval of two such Wilson intervals"
LOG_RATIO = "log ratio with continuity of one half, effective sample sizes"


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share with what its uncertainty rests on.

    Attributes:
        value: 0..1.
        interval: 95 %; ``None`` with fewer than two patients.
        units: Patients that carry it.
        rows: Rows that carry it.
        size: Independent rows it is worth (rows over the design effect), at most ``rows``.
        freedom: Degrees of freedom with which that was estimated; infinite with one row a patient, when there is nothing to estimate.
    """

    value: float
    interval: Interval | None
    units: int
    rows: int
    size: float
    freedom: float = math.inf

    @property
    def hits(self) -> float:
        """Effective count of rows that have what is counted."""
        return self.value * self.size


@dataclass(frozen=True, slots=True)
class Clusters:
    """Sums over patients of what they add to a share's part (hits) and whole (trials).

    Attributes:
        hits: Sum of hits.
        trials: Sum of trials.
        hits_squared, product, trials_squared: Sums of squares and of products, patient by patient.
        units: Patients with at least one trial.
    """

    hits: float
    trials: float
    hits_squared: float
    product: float
    trials_squared: float
    units: int

    @classmethod
    def of(cls, hits: NDArray[np.number], trials: NDArray[np.number]) -> Self:
        """Add up what each patient has, two arrays of shape (patients,)."""
        return cls(
            hits=float(hits.sum()),
            trials=float(trials.sum()),
            hits_squared=float(hits @ hits),
            product=float(hits @ trials),
            trials_squared=float(trials @ trials),
            units=int((trials > 0).sum()),
        )

    @classmethod
    def of_rows(cls, hit: NDArray[np.bool_], patient: NDArray[np.intp]) -> Self:
        """Add up rows, two arrays of shape (rows,)."""
        _, who = np.unique(patient, return_inverse=True)
        return cls.of(np.bincount(who, weights=hit), np.bincount(who).astype(np.float64))


def proportion(sums: Clusters, *, confidence: float = 0.95) -> Proportion | None:
    """Return the share with its score interval; ``None`` without a trial.

    With one row a patient it is Wilson's interval (1927). Otherwise the variance of the ratio estimator between patients says how
    many independent rows the share is worth (Korn and Graubard 1998), and a t quantile pays for that variance being estimated; its
    degrees of freedom count the patients as if all had equally many rows (Carter, Schnepel and Steigerwald 2017).

    The likeness of a patient's rows is estimated the worse, the rarer one of both answers is: its variance grows with
    1 / (value * (1 - value)) (Bloch and Kraemer 1989), and it comes out too low too often. So it is taken as if as many patients more
    had been seen whose rows are copies of each other: 1 / (8 * value * (1 - value)), half a patient at 0.5, two and a half at 0.95.
    Towards 0 and 1, where every row says the same, this becomes one trial a patient (Kish 1965).
    """
    from scipy.special import ndtri, stdtrit  # heavy; kept out of the import of whoever only needs the counts

    if sums.trials <= 0:
        return None
    value, units, rows = sums.hits / sums.trials, sums.units, int(sums.trials)
    upper = (1 + confidence) / 2
    if sums.trials_squared <= sums.trials:
        interval = wilson(value, sums.trials, float(ndtri(upper))) if units > 1 else None
        return Proportion(value, interval, units, rows, sums.trials)
    fewest = sums.trials**2 / sums.trials_squared
    if units < 2:
        return Proportion(value, None, units, rows, fewest)
    freedom = max(fewest - 1, 1.0)
    if value in {0.0, 1.0}:
        return Proportion(value, wilson(value, fewest, float(ndtri(upper))), units, rows, fewest, freedom)
    spread = sums.hits_squared - 2 * value * sums.product + value**2 * sums.trials_squared
    variance = spread * units / (units - 1) / sums.trials**2
    crowd = sums.trials / fewest
    alike = min(max((sums.trials * variance / (value * (1 - value)) - 1) / (crowd - 1), 0.0), 1.0)
    copies = _COPIES / (value * (1 - value))
    alike = (alike * units + copies) / (units + copies)
    size = sums.trials / (1 + (crowd - 1) * alike)
    return Proportion(value, wilson(value, size, float(stdtrit(freedom, upper))), units, rows, size, freedom)


def difference(first: float, here: Interval, second: float, there: Interval) -> Interval:
    """Return the interval of ``first - second`` of two independent figures from their own intervals.

    For shares with Wilson intervals this is method 10 of Newcombe (1998); for any other figures the same recovery of variances
    (Zou and Donner 2008). A patient with rows on both sides makes it wider than needed, not narrower.
    """
    value = first - second
    low = value - math.hypot(first - here.low, there.high - second)
    high = value + math.hypot(here.high - first, second - there.low)
    return Interval(low, high)


def mean_of(values: tuple[float, float], intervals: tuple[Interval, Interval]) -> Interval:
    """Return the interval of the mean of two independent figures from their own intervals (Zou and Donner 2008)."""
    value = sum(values) / 2
    low = value - math.hypot(*(each - interval.low for each, interval in zip(values, intervals, strict=True))) / 2
    high = value + math.hypot(*(interval.high - each for each, interval in zip(values, intervals, strict=True))) / 2
    return Interval(low, high)


def ratio(first: Proportion, second: Proportion, *, confidence: float = 0.95) -> tuple[float, Interval] | None:
    """Return ``first / second`` with its interval on the log scale, one half added to every count (Gart and Nam 1988).

    ``None`` when the second share is zero: the ratio is not defined.
    """
    from scipy.special import ndtri  # heavy; see above

    if second.value == 0:
        return None
    value = first.value / second.value
    hits, sizes = (first.hits + 0.5, second.hits + 0.5), (first.size + 0.5, second.size + 0.5)
    centre = math.log(hits[0] / sizes[0]) - math.log(hits[1] / sizes[1])
    variance = sum(1 / hit - 1 / size for hit, size in zip(hits, sizes, strict=True))
    arm = float(ndtri((1 + confidence) / 2)) * math.sqrt(max(variance, 0.0))
    return value, Interval(min(math.exp(centre - arm), value), max(math.exp(centre + arm), value))


def equality_p(first: Proportion, second: Proportion) -> float:
    """Return the two-sided p-value of two shares being equal.

    The N-1 chi-squared test, or Fisher's where an expected count is below 1 (Campbell 2007), on effective counts, so that rows of one
    patient do not count as independent (Rao and Scott 1992). Where those were estimated a t distribution pays for it, as in the
    interval, with the degrees of freedom of Satterthwaite (1946).
    """
    from scipy.special import ndtr, stdtr  # heavy; see above

    sizes, hits = (first.size, second.size), first.hits + second.hits
    total = sum(sizes)
    pooled = hits / total
    if total <= 2 or pooled in {0.0, 1.0}:
        return 1.0
    if min(sizes) * min(pooled, 1 - pooled) < 1:
        return _fisher(first, second)
    variance = pooled * (1 - pooled) * (1 / sizes[0] + 1 / sizes[1]) * total / (total - 1)
    away = -abs(first.value - second.value) / math.sqrt(variance)
    freedom = _freedom(first, second)
    return float(2 * (ndtr(away) if math.isinf(freedom) else stdtr(freedom, away)))


def _freedom(first: Proportion, second: Proportion) -> float:
    parts = [1 / share.size for share in (first, second)]
    lost = sum(part**2 / share.freedom for part, share in zip(parts, (first, second), strict=True))
    return sum(parts) ** 2 / lost if lost > 0 else math.inf


def _fisher(first: Proportion, second: Proportion) -> float:
    from scipy.stats import fisher_exact  # heavier than scipy.special, and rarely needed

    rows = [(round(share.hits), round(share.size) - round(share.hits)) for share in (first, second)]
    return float(fisher_exact(rows).pvalue)
