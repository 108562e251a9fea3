"""The largest gap between any two groups, corrected for having been looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.evidence.statement import Estimate
from assay.trust.fairness.counts import CellCounts, GroupTable
from assay.trust.fairness.rates import rate, rate_values
from assay.trust.performance.multiplicity import max_t
from assay.trust.performance.proportions import difference

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHOD = "largest of all pairs; Newcombe intervals stretched to hold together, by the max-T of a bootstrap of patients"
_ONE = 1.959963984540054


@dataclass(frozen=True, slots=True)
class LargestGap:
    """The gap and the two groups that it lies between, by number; the first has the higher rate."""

    estimate: Estimate
    first: int
    second: int


def largest_gap(
    table: GroupTable, to: NDArray[np.intp], merged: CellCounts, name: str, *, draws: int, seed: int
) -> LargestGap | str:
    """Return the largest difference of a rate between any two groups, or in words why there is none.

    The interval holds the true largest gap: its lower end is the largest lower end of all simultaneous intervals (0 when they all
    hold 0), its upper end the largest upper end. Groups in which the rate is not defined, or that are one patient, are left out.
    """
    groups = len(merged.counts)
    rates = {number: found for number in range(groups) if (found := rate(merged, number, name)) and found.interval}
    if len(rates) < 2:
        return "fewer than two groups have this rate with an interval"
    order = sorted(rates, key=lambda number: (-rates[number].value, number))
    pairs = [(one, two) for place, one in enumerate(order) for two in order[place + 1 :]]
    arms = []
    for one, two in pairs:
        first, second = rates[one], rates[two]
        assert first.interval is not None
        assert second.interval is not None
        ends = difference(first.value, first.interval, second.value, second.interval)
        gap = first.value - second.value
        arms.append((gap, gap - ends.low, ends.high - gap))
    drawn = rate_values(table.resampled(to, groups, draws, seed))[name]
    values = np.array([gap for gap, _, _ in arms])
    errors = np.stack([drawn[:, one] - drawn[:, two] for one, two in pairs], axis=1) - values
    stretch = max_t(errors, np.array([(low + high) / 2 / _ONE for _, low, high in arms])) / _ONE
    low = max(0.0, *(gap - stretch * below for gap, below, _ in arms))
    high = max(max(gap + stretch * above, stretch * below - gap) for gap, below, above in arms)
    widest = pairs[int(values.argmax())]
    value = float(values.max())
    estimate = Estimate(
        value,
        float(min(low, value)),
        float(max(high, value)),
        n=min(found.units for found in rates.values()),
        rows=sum(found.rows for found in rates.values()),
        method=METHOD,
    )
    return LargestGap(estimate, *widest)
