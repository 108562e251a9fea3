"""Rounding: numbers that tell nothing of fewer than a few patients. Every interval is made of rounded numbers only.

An exact interval gives the exact share back, so none is copied: a share is told as rounded counts of patients, and its interval is computed
from these. Counts are rounded to multiples of a step after groups that are too small were left out, as OpenSAFELY and the UK's statistics
offices do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from assay.trust.evidence.statement import Estimate
from assay.trust.performance.intervals import Interval, score_interval, wilson
from assay.trust.performance.proportions import Clusters, Proportion

FEWEST = 10
"""Patients with the disease, and without, that a group needs to be told of at all."""

LEAST_FEWEST = 5
_NORMAL = 1.959963984540054
_SHARE = "Wilson score interval of counts rounded to multiples of {step}, each patient one trial"
_AREA = (
    "score interval with the variance of Hanley and McNeil 1982 at the rounded area and the rounded counts of patients"
)
_MEAN = "interval as measured, its ends rounded outwards to {step:g}"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is told.

    Attributes:
        fewest: Patients on each side (with and without the disease) below which a group is not told of.
    """

    fewest: int = FEWEST

    def __post_init__(self) -> None:
        if self.fewest < LEAST_FEWEST:
            raise ValueError(f"groups of fewer than {LEAST_FEWEST} patients are never told of, not of {self.fewest}")

    @property
    def step(self) -> int:
        """Counts of patients are multiples of this: 5 with the default."""
        return max(3, self.fewest // 2)

    def size(self, patients: int) -> int:
        """Return a size as it is told: rounded down, so that it never shows more patients than there are."""
        return patients - patients % self.step

    def part(self, patients: float, of: int) -> int:
        """Return a part of ``of`` patients as it is told: rounded to the nearest multiple."""
        return min(self.step * math.floor(patients / self.step + 0.5), of)


@dataclass(frozen=True, slots=True)
class Cells:
    """The four counts of a group as they are told, all multiples of a step; every rate of the group follows from them."""

    found: int
    missed: int
    alarms: int
    cleared: int

    @classmethod
    def told(cls, tpr: float, positives: int, fpr: float, negatives: int, limits: Limits) -> Cells:
        """Round what was measured: two rates, and the patients that carry them."""
        sick, well = limits.size(positives), limits.size(negatives)
        missed, alarms = limits.part((1 - tpr) * positives, sick), limits.part(fpr * negatives, well)
        return cls(sick - missed, missed, alarms, well - alarms)

    @property
    def positives(self) -> int:
        """Patients with the disease."""
        return self.found + self.missed

    @property
    def negatives(self) -> int:
        """Patients without."""
        return self.alarms + self.cleared

    def __add__(self, other: Cells) -> Cells:
        return Cells(
            self.found + other.found,
            self.missed + other.missed,
            self.alarms + other.alarms,
            self.cleared + other.cleared,
        )

    def rate(self, name: str) -> Proportion | None:
        """Return a rate of the names in ``fairness.rates.RATES``; ``None`` where its whole is empty."""
        from assay.trust.fairness.rates import RATES  # numpy, which only whoever computes needs

        part, whole = RATES[name]
        counts = (self.found, self.missed, self.alarms, self.cleared)
        trials = int(sum(count * taken for count, taken in zip(counts, whole, strict=True)))
        hits = int(sum(count * taken for count, taken in zip(counts, part, strict=True)))
        return share(hits, trials) if trials else None


def share(hits: int, trials: int) -> Proportion:
    """Return a share of rounded counts with its interval; ``trials`` above 0."""
    value = hits / trials
    sums = Clusters(hits, trials, hits, hits, trials, trials)  # each a patient of their own
    return Proportion(value, wilson(value, trials, _NORMAL), sums, trials)


def told_share(found: Proportion, limits: Limits) -> Estimate:
    """Return the share as evidence tells it."""
    interval = found.interval
    assert interval is not None  # share() always makes one
    method = _SHARE.format(step=limits.step)
    return Estimate(found.value, interval.low, interval.high, n=found.units, method=method)


def rounded_share(estimate: Estimate, limits: Limits) -> Estimate:
    """Return a share that was measured, rounded to whole steps of the patients that carry it."""
    size = limits.size(estimate.n)
    missed = limits.part((1 - estimate.value) * estimate.n, size)
    return told_share(share(size - missed, size), limits)


def rounded_area(value: float, positives: int, negatives: int) -> Estimate:
    """Return an area under a ROC curve in steps of 0.01, with an interval from that value and rounded counts alone."""
    area = round(value, 2)
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (positives - 1) * (one - area**2) + (negatives - 1) * (two - area**2)
    variance = max(variance, 0.0) / (positives * negatives)
    units = min(positives, negatives)
    interval: Interval = score_interval(area, variance, units=units, rows=positives + negatives)
    return Estimate(area, interval.low, interval.high, n=units, method=_AREA)


def rounded_mean(estimate: Estimate, limits: Limits, step: float = 0.01) -> Estimate:
    """Return a figure that is no count, in steps of ``step``, its interval not narrower than it was."""
    value = round(round(estimate.value / step) * step, 6)
    size = limits.size(estimate.n)
    if estimate.low is None or estimate.high is None:
        return Estimate(value, n=size, method="no interval")
    low = round(math.floor(estimate.low / step) * step, 6)
    high = round(math.ceil(estimate.high / step) * step, 6)
    return Estimate(value, min(low, value), max(high, value), n=size, method=_MEAN.format(step=step))
