"""What was declared before anybody looked: which groups are compared, and how the family of their differences is judged.

It needs counts alone, so that what it promises, power and few false accusations, can be measured over thousands of cohorts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.evidence.statement import Criterion, Estimate, State, Statement
from assay.trust.fairness.counts import CellCounts, GroupTable
from assay.trust.fairness.people import Slice
from assay.trust.fairness.rates import Contrast, rate, rate_difference
from assay.trust.performance.multiplicity import holm

if TYPE_CHECKING:
    from numpy.typing import NDArray

PRIMARY = "primary"
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Demand:
    """What was declared before anybody looked.

    Attributes:
        margin: Largest difference that counts as equal, above 0.
        fewest: Patients on either side without whom nothing passes.
        family: Rates whose differences are judged, and corrected together.
        correction: ``holm`` or ``none``.
        reference: Column to the group that the others are held against; a column that is not named is held against all others.
        draws: Bootstrap samples.
        seed: Of the bootstrap.
    """

    margin: float = 0.1
    fewest: int = 20
    family: Sequence[str] = ("tpr", "fpr")
    correction: str = "holm"
    reference: Mapping[str, str] = field(default_factory=dict)
    draws: int = 1000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """A group and what it is held against.

    Attributes:
        number: Of the group in its slice.
        group: What it is, column to value.
        against: What it is held against, in the same words.
        rest: Numbers of the groups that make that.
    """

    number: int
    group: Mapping[str, str]
    against: Mapping[str, str]
    rest: Sequence[int]

    def pair(self, table: GroupTable, each: Slice) -> CellCounts:
        """Return the counts of both sides, the group first."""
        sides = np.full(len(each.groups) + 1, -1, dtype=np.intp)  # the last place is for -1, which no group is
        sides[self.number], sides[list(self.rest)] = 0, 1
        return table.merged(sides[each.to], 2)


def comparisons(each: Slice, counts: NDArray[np.float64], reference: Mapping[str, str]) -> list[Comparison]:
    """Return what is compared within a slice: a pair of groups once, groups without a row never.

    Args:
        each: The groups.
        counts: Of each group, shape (groups, 4).
        reference: See ``Demand``.
    """
    there = [number for number in range(len(each.groups)) if counts[number].any()]
    named = [
        number
        for number in there
        if dict(each.groups[number]) == {key: reference.get(key) for key in each.groups[number]}
    ]
    if not named and len(there) == 2:
        named = [max(there, key=lambda number: counts[number].sum())]
    if named:
        against = each.groups[named[0]]
        return [Comparison(number, each.groups[number], against, named[:1]) for number in there if number != named[0]]
    others = dict.fromkeys(each.groups[0], "all others")
    return [
        Comparison(number, each.groups[number], others, [other for other in there if other != number])
        for number in there
        if len(there) > 1
    ]


def estimate_of(found: Contrast) -> Estimate:
    """Return a contrast in the words of evidence."""
    low, high = (found.interval.low, found.interval.high) if found.interval else (None, None)
    return Estimate(found.value, low, high, n=found.units, rows=found.rows, method=found.method)


def declared(table: GroupTable, cuts: Sequence[Slice], demand: Demand) -> list[Statement]:
    """Judge every difference of the declared family; one that is not defined on both sides is left out.

    A difference passes when its whole interval lies within the margin. It fails when it is shown to be there (its p-value, corrected
    for the family, is below 0.05) and its estimate is beyond the margin. Anything else is insufficient evidence.

    Args:
        table: Counts by the finest groups.
        cuts: The ways to cut people into groups.
        demand: What was declared.
    """
    family: list[tuple[Statement, float | None]] = []
    for each in cuts:
        for one in comparisons(each, table.merged(each.to, len(each.groups)).counts, demand.reference):
            pair = one.pair(table, each)
            for name in demand.family:
                found = rate_difference(rate(pair, 0, name), rate(pair, 1, name))
                if found is not None:
                    kind = f"fairness.{name}_difference"
                    family.append((Statement(kind, estimate_of(found), on=one.group, against=one.against), found.p))
    tested = [p for _, p in family if p is not None]
    adjusted = iter(holm(tested) if demand.correction == "holm" else tested)
    criterion = Criterion(-demand.margin, demand.margin, demand.fewest)
    return [_state(statement, criterion, None if p is None else next(adjusted), len(tested)) for statement, p in family]


def shown(statement: Statement) -> bool:
    """Return whether a difference is shown to be there after correction."""
    return statement.adjusted_p is not None and statement.adjusted_p < LEVEL


def _state(statement: Statement, criterion: Criterion, p: float | None, size: int) -> Statement:
    held = Statement.judged(
        statement.id,
        statement.estimate,
        criterion,
        on=statement.on,
        against=statement.against,
        family=PRIMARY,
        adjusted_p=p,
    )
    beyond = abs(statement.estimate.value) > (criterion.most or 0.0)
    if held.state is State.INSUFFICIENT and shown(held) and beyond:
        reason = f"{statement.estimate}: a difference is shown (p {p:.2g} among {size} comparisons), its estimate is not {criterion}"
        return replace(held, state=State.FAIL, reason=reason, needed=None)
    if held.state is State.FAIL and not shown(held):
        reason = f"{statement.estimate} is outside on its own, but not once corrected for {size} comparisons"
        return replace(held, state=State.INSUFFICIENT, reason=reason)
    return held
