"""An audit of a classifier by group: every rate told, every declared gap judged, everything that cannot be measured named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.evidence.evidence import NotMeasured, Table
from assay.trust.evidence.statement import Criterion, Estimate, State, Statement
from assay.trust.fairness.counts import CellCounts, GroupTable
from assay.trust.fairness.largest_gap import largest_gap
from assay.trust.fairness.people import Grouping, Slice, cells, slices
from assay.trust.fairness.rates import (
    RATES,
    WHY_NOT,
    Contrast,
    average_odds_difference,
    disparate_impact,
    rate,
    rate_difference,
)
from assay.trust.fairness.scores import score_contrasts, score_figures
from assay.trust.performance.bootstrap import Scored
from assay.trust.performance.multiplicity import benjamini_hochberg, holm
from assay.trust.performance.proportions import WILSON, Proportion

if TYPE_CHECKING:
    from numpy.typing import NDArray

PRIMARY, EXPLORATION = "primary", "exploration"
_LEVEL = 0.05
_DIFFERENCES = ("tpr", "fpr", "ppv", "npv", "selection_rate", "base_rate", "accuracy")


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
class Findings:
    """What an audit yields, in the words of evidence."""

    statements: Sequence[Statement]
    not_measured: Sequence[NotMeasured]
    samples: Mapping[str, int]
    counts: Table


@dataclass(slots=True)
class _Ledger:
    """Gathers statements; judged ones wait until the whole family is known."""

    told: list[Statement] = field(default_factory=list)
    missing: list[NotMeasured] = field(default_factory=list)
    family: list[tuple[Statement, float | None]] = field(default_factory=list)
    explored: list[tuple[Statement, float]] = field(default_factory=list)


def audit(rows: Scored, parts: Sequence[Grouping], demand: Demand, *, crossing: bool = True) -> Findings:
    """Measure every group of every grouping and of their crossing from one table of counts.

    A difference of the declared family passes when its whole interval lies within the margin. It fails when it is shown to be there
    (its p-value, corrected for the family, is below 0.05) and its estimate is beyond the margin. Anything else is insufficient evidence.
    """
    cell, size = cells(parts)
    table = GroupTable.of(cell, rows.truth, rows.called, rows.patient, groups=size)
    ledger, samples = _Ledger(), {"rows": len(rows.truth), "patients": rows.patients}
    lines: list[list[str | int]] = []
    for each in slices(parts, crossing=crossing):
        merged = table.merged(each.to, len(each.groups))
        group_of = each.to[cell]
        for number, group in enumerate(each.groups):
            here = merged.counts[number]
            units = int(merged.patterns[number, 1:].sum())
            samples[_name(group)] = units
            lines.append([each.columns, _name(group), units, *(int(count) for count in here)])
            if units:
                _tell_group(ledger, rows, merged, group_of, number, group, demand)
        for number, against, rest in _comparisons(each, merged, demand.reference):
            _compare(ledger, rows, table, each, group_of, (number, against, rest), demand)
        for name in demand.family:
            _largest(ledger, table, each, merged, name, demand)
    columns = ("by", "group", "patients", "true positives", "false negatives", "false positives", "true negatives")
    counts = Table("counts", "Counts by group", columns, lines)
    return Findings(
        [*_judged(ledger.family, demand), *ledger.told, *_explored(ledger.explored)], ledger.missing, samples, counts
    )


def _name(group: Mapping[str, str]) -> str:
    return ", ".join(f"{column}={value}" for column, value in group.items())


def _estimate(found: Proportion) -> Estimate:
    low, high = (found.interval.low, found.interval.high) if found.interval else (None, None)
    return Estimate(found.value, low, high, n=found.units, rows=found.rows, method=WILSON)


def _contrast_estimate(found: Contrast) -> Estimate:
    low, high = (found.interval.low, found.interval.high) if found.interval else (None, None)
    return Estimate(found.value, low, high, n=found.units, rows=found.rows, method=found.method)


def _tell_group(
    ledger: _Ledger,
    rows: Scored,
    merged: CellCounts,
    group_of: NDArray[np.intp],
    number: int,
    group: Mapping[str, str],
    demand: Demand,
) -> None:
    for name in RATES:
        found = rate(merged, number, name)
        if found is None:
            ledger.missing.append(NotMeasured(f"fairness.{name}", WHY_NOT[name], group))
        else:
            ledger.told.append(Statement(f"fairness.{name}", _estimate(found), on=group))
    for name, estimate in score_figures(rows, group_of == number, demand.draws, demand.seed).items():
        if isinstance(estimate, str):
            ledger.missing.append(NotMeasured(f"fairness.{name}", estimate, group))
        else:
            ledger.told.append(Statement(f"fairness.{name}", estimate, on=group))


def _comparisons(
    each: Slice, merged: CellCounts, reference: Mapping[str, str]
) -> list[tuple[int, Mapping[str, str], list[int]]]:
    """Return group, what it is held against in words, and the groups that make it: a pair of groups is compared once."""
    there = [number for number in range(len(each.groups)) if merged.counts[number].any()]
    named = [
        number
        for number in there
        if dict(each.groups[number]) == {key: reference.get(key) for key in each.groups[number]}
    ]
    if not named and len(there) == 2:
        named = [max(there, key=lambda number: merged.counts[number].sum())]
    if named:
        return [(number, each.groups[named[0]], [named[0]]) for number in there if number != named[0]]
    others = dict.fromkeys(each.groups[0], "all others")
    return (
        [(number, others, [other for other in there if other != number]) for number in there] if len(there) > 1 else []
    )


def _compare(
    ledger: _Ledger,
    rows: Scored,
    table: GroupTable,
    each: Slice,
    group_of: NDArray[np.intp],
    comparison: tuple[int, Mapping[str, str], list[int]],
    demand: Demand,
) -> None:
    number, against, rest = comparison
    sides = np.full(len(each.groups) + 1, -1, dtype=np.intp)  # the last place is for -1, which no group is
    sides[number], sides[rest] = 0, 1
    pair, group = table.merged(sides[each.to], 2), each.groups[number]
    one, two = ({name: rate(pair, side, name) for name in RATES} for side in (0, 1))
    gaps = {name: rate_difference(one[name], two[name]) for name in dict.fromkeys((*_DIFFERENCES, *demand.family))}
    for name, found in gaps.items():
        if found is None:
            why = f"{WHY_NOT[name]} on one side of the comparison"
            ledger.missing.append(NotMeasured(f"fairness.{name}_difference", why, group))
            continue
        statement = Statement(f"fairness.{name}_difference", _contrast_estimate(found), on=group, against=against)
        if name in demand.family:
            ledger.family.append((statement, found.p))
        elif found.p is not None:
            ledger.explored.append((statement, found.p))
        else:
            ledger.told.append(statement)
    named = {
        "statistical_parity_difference": gaps["selection_rate"],
        "disparate_impact": disparate_impact(one["selection_rate"], two["selection_rate"]),
        "equal_opportunity_difference": gaps["tpr"],
        "average_odds_difference": average_odds_difference(gaps["tpr"], gaps["fpr"]),
    }
    for name, found in named.items():
        if found is None:
            ledger.missing.append(
                NotMeasured(f"fairness.{name}", "a rate it is made of is not defined in a group", group)
            )
        else:
            ledger.told.append(Statement(f"fairness.{name}", _contrast_estimate(found), on=group, against=against))
    masks = group_of == number, np.isin(group_of, rest)
    for name, estimate in score_contrasts(rows, *masks, demand.draws, demand.seed).items():
        ledger.told.append(Statement(f"fairness.{name}_difference", estimate, on=group, against=against))


def _largest(ledger: _Ledger, table: GroupTable, each: Slice, merged: CellCounts, name: str, demand: Demand) -> None:
    on = {"by": each.columns, "rate": name}
    found = largest_gap(table, each.to, merged, name, draws=demand.draws, seed=demand.seed)
    if isinstance(found, str):
        ledger.missing.append(NotMeasured("fairness.largest_gap", found, on))
        return
    pair = {"between": _name(each.groups[found.first]), "and": _name(each.groups[found.second])}
    criterion = Criterion(most=demand.margin, fewest=demand.fewest)
    ledger.told.append(Statement.judged("fairness.largest_gap", found.estimate, criterion, on=on, against=pair))


def _judged(family: Sequence[tuple[Statement, float | None]], demand: Demand) -> list[Statement]:
    tested = [p for _, p in family if p is not None]
    adjusted = iter(holm(tested) if demand.correction == "holm" else tested)
    criterion = Criterion(-demand.margin, demand.margin, demand.fewest)
    return [_state(statement, criterion, None if p is None else next(adjusted), len(tested)) for statement, p in family]


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
    shown = p is not None and p < _LEVEL
    if held.state is State.INSUFFICIENT and shown and beyond:
        reason = f"{statement.estimate}: a difference is shown (p {p:.2g} among {size} comparisons), its estimate is not {criterion}"
        return replace(held, state=State.FAIL, reason=reason, needed=None)
    if held.state is State.FAIL and not shown:
        reason = f"{statement.estimate} is outside on its own, but not once corrected for {size} comparisons"
        return replace(held, state=State.INSUFFICIENT, reason=reason)
    return held


def _explored(explored: Sequence[tuple[Statement, float]]) -> list[Statement]:
    adjusted = benjamini_hochberg([p for _, p in explored])
    return [
        replace(statement, family=EXPLORATION, adjusted_p=p)
        for (statement, _), p in zip(explored, adjusted, strict=True)
    ]
