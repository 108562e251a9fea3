"""Shares of rows that share patients: intervals of one, of the difference and of the ratio of two."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from assay.trust.performance.intervals import Interval, wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WILSON = "Wilson score interval; effective sample size and t quantile where patients have several rows"
_COPIES = 0.125
"""Patients whose rows are copies, times value * (1 - value); docs/decisions/0017 has the coverage that it was chosen by."""
_TOWARDS_BOTH = 0.5
"""How far a side whose rows are less alike than those of both sides is taken towards them; docs/decisions/0048 has what it was chosen by."""
NEWCOMBE = "Newcombe hybrid score interval of two such Wilson intervals"
LOG_RATIO = "log ratio with continuity of one half, effective sample sizes"


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

    def __add__(self, other: Clusters) -> Clusters:
        """Return the sums over both; a patient who is in both counts as two."""
        return Clusters(
            self.hits + other.hits,
            self.trials + other.trials,
            self.hits_squared + other.hits_squared,
            self.product + other.product,
            self.trials_squared + other.trials_squared,
            self.units + other.units,
        )

    @property
    def value(self) -> float:
        """The share; ``trials`` must be above 0."""
        return self.hits / self.trials

    @property
    def crowd(self) -> float:
        """Rows that a row shares its patient with, itself counted, in the mean over rows; 1 with one row a patient."""
        return max(self.trials_squared / self.trials, 1.0)


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share with what its uncertainty rests on.

    Attributes:
        value: 0..1.
        interval: 95 %; ``None`` with fewer than two patients.
        sums: What it was made of.
        size: Independent rows it is worth (rows over the design effect), at most ``rows``.
        freedom: Degrees of freedom with which that was estimated; infinite with one row a patient, when there is nothing to estimate.
    """

    value: float
    interval: Interval | None
    sums: Clusters
    size: float
    freedom: float = math.inf

    @property
    def units(self) -> int:
        """Patients that carry it."""
        return self.sums.units

    @property
    def rows(self) -> int:
        """Rows that carry it."""
        return int(self.sums.trials)

    @property
    def hits(self) -> float:
        """Effective count of rows that have what is counted."""
        return self.value * self.size


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
    value, crowd, upper = sums.value, sums.crowd, (1 + confidence) / 2
    size, freedom = _size(sums, _likeness(sums)), max(sums.trials / crowd - 1, 1.0) if crowd > 1 else math.inf
    if sums.units < 2:
        return Proportion(value, None, sums, size, freedom)
    estimated = crowd > 1 and value not in {0.0, 1.0}
    quantile = float(stdtrit(freedom, upper) if estimated else ndtri(upper))
    return Proportion(value, wilson(value, size, quantile), sums, size, freedom)


def _likeness(sums: Clusters) -> float:
    """Return the correlation of a patient's rows, 0..1, from the ratio estimator's variance; 1 where nothing speaks against it."""
    value, crowd, units = sums.value, sums.crowd, sums.units
    if units < 2 or crowd <= 1 or value in {0.0, 1.0}:
        return 1.0
    spread = sums.hits_squared - 2 * value * sums.product + value**2 * sums.trials_squared
    variance = spread * units / (units - 1) / sums.trials**2
    return min(max((sums.trials * variance / (value * (1 - value)) - 1) / (crowd - 1), 0.0), 1.0)


def _size(sums: Clusters, alike: float) -> float:
    """Return how many independent rows the share is worth where a patient's rows are ``alike``, copies of ``proportion`` added."""
    value, units = sums.value, sums.units
    if value not in {0.0, 1.0}:
        copies = _COPIES / (value * (1 - value))
        alike = (alike * units + copies) / (units + copies)
    return sums.trials / (1 + (sums.crowd - 1) * alike)


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

    A side in which few patients have what is counted has a small share and, by the same chance, rows that seem little alike: it would
    be the surer of itself, the further off it is. So rows of a side are taken to be alike at least half way to what both sides
    together say.
    """
    from scipy.special import ndtr, stdtr  # heavy; see above

    both = _likeness(first.sums + second.sums)
    sizes = [_size(share.sums, _at_least_towards(both, _likeness(share.sums))) for share in (first, second)]
    values, total = (first.value, second.value), sum(sizes)
    pooled = sum(value * size for value, size in zip(values, sizes, strict=True)) / total
    if total <= 2 or pooled in {0.0, 1.0}:
        return 1.0
    if min(sizes) * min(pooled, 1 - pooled) < 1:
        return _fisher(values, sizes)
    variance = pooled * (1 - pooled) * (1 / sizes[0] + 1 / sizes[1]) * total / (total - 1)
    away = -abs(values[0] - values[1]) / math.sqrt(variance)
    freedom = _freedom(sizes, (first.freedom, second.freedom))
    return float(2 * (ndtr(away) if math.isinf(freedom) else stdtr(freedom, away)))


def _at_least_towards(both: float, own: float) -> float:
    return own + _TOWARDS_BOTH * max(both - own, 0.0)


def _freedom(sizes: Sequence[float], freedoms: Sequence[float]) -> float:
    lost = sum(1 / size**2 / freedom for size, freedom in zip(sizes, freedoms, strict=True))
    return sum(1 / size for size in sizes) ** 2 / lost if lost > 0 else math.inf


def _fisher(values: Sequence[float], sizes: Sequence[float]) -> float:
    from scipy.stats import fisher_exact  # heavier than scipy.special, and rarely needed

    hits = [(round(value * size), round(size)) for value, size in zip(values, sizes, strict=True)]
    return float(fisher_exact([(part, whole - part) for part, whole in hits]).pvalue)
