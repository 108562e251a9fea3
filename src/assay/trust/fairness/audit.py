"""An audit of a classifier by group: every rate told, every declared gap judged, everything that cannot be measured named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.evidence.evidence import NotMeasured, Table
from assay.trust.evidence.statement import Criterion, Estimate, Statement
from assay.trust.fairness.counts import CellCounts, GroupTable
from assay.trust.fairness.declared import Comparison, Demand, comparisons, declared, estimate_of
from assay.trust.fairness.largest_gap import largest_gap
from assay.trust.fairness.people import Grouping, Slice, cells, slices
from assay.trust.fairness.rates import (
    RATES,
    WHY_NOT,
    average_odds_difference,
    disparate_impact,
    rate,
    rate_difference,
)
from assay.trust.fairness.scores import score_contrasts, score_figures
from assay.trust.performance.bootstrap import Scored
from assay.trust.performance.multiplicity import benjamini_hochberg
from assay.trust.performance.proportions import WILSON, Proportion

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXPLORATION = "exploration"
_DIFFERENCES = ("tpr", "fpr", "ppv", "npv", "selection_rate", "base_rate", "accuracy")


@dataclass(frozen=True, slots=True)
class Findings:
    """What an audit yields, in the words of evidence."""

    statements: Sequence[Statement]
    not_measured: Sequence[NotMeasured]
    samples: Mapping[str, int]
    counts: Table


@dataclass(slots=True)
class _Ledger:
    """Gathers statements; explored ones wait until all are known."""

    told: list[Statement] = field(default_factory=list)
    missing: list[NotMeasured] = field(default_factory=list)
    explored: list[tuple[Statement, float]] = field(default_factory=list)


def audit(rows: Scored, parts: Sequence[Grouping], demand: Demand, *, crossing: bool = True) -> Findings:
    """Measure every group of every grouping and of their crossing from one table of counts.

    The declared family is judged as ``declared`` says; the rest is told, or explored.
    """
    cell, size = cells(parts)
    table = GroupTable.of(cell, rows.truth, rows.called, rows.patient, groups=size)
    ledger, samples = _Ledger(), {"rows": len(rows.truth), "patients": rows.patients}
    lines: list[list[str | int]] = []
    cuts = slices(parts, crossing=crossing)
    for each in cuts:
        merged = table.merged(each.to, len(each.groups))
        group_of = each.to[cell]
        for number, group in enumerate(each.groups):
            here = merged.counts[number]
            units = int(merged.patterns[number, 1:].sum())
            samples[_name(group)] = units
            lines.append([each.columns, _name(group), units, *(int(count) for count in here)])
            if units:
                _tell_group(ledger, rows, merged, group_of, number, group, demand)
        for comparison in comparisons(each, merged.counts, demand.reference):
            _compare(ledger, rows, comparison, comparison.pair(table, each), group_of, demand)
        for name in demand.family:
            _largest(ledger, table, each, merged, name, demand)
    columns = ("by", "group", "patients", "true positives", "false negatives", "false positives", "true negatives")
    counts = Table("counts", "Counts by group", columns, lines)
    return Findings(
        [*declared(table, cuts, demand), *ledger.told, *_explored(ledger.explored)], ledger.missing, samples, counts
    )


def _name(group: Mapping[str, str]) -> str:
    return ", ".join(f"{column}={value}" for column, value in group.items())


def _estimate(found: Proportion) -> Estimate:
    low, high = (found.interval.low, found.interval.high) if found.interval else (None, None)
    return Estimate(found.value, low, high, n=found.units, rows=found.rows, method=WILSON)


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


def _compare(
    ledger: _Ledger,
    rows: Scored,
    comparison: Comparison,
    pair: CellCounts,
    group_of: NDArray[np.intp],
    demand: Demand,
) -> None:
    group, against = comparison.group, comparison.against
    one, two = ({name: rate(pair, side, name) for name in RATES} for side in (0, 1))
    gaps = {name: rate_difference(one[name], two[name]) for name in dict.fromkeys((*_DIFFERENCES, *demand.family))}
    for name, found in gaps.items():
        if found is None:
            why = f"{WHY_NOT[name]} on one side of the comparison"
            ledger.missing.append(NotMeasured(f"fairness.{name}_difference", why, group))
            continue
        if name in demand.family:
            continue
        statement = Statement(f"fairness.{name}_difference", estimate_of(found), on=group, against=against)
        if found.p is not None:
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
            ledger.told.append(Statement(f"fairness.{name}", estimate_of(found), on=group, against=against))
    masks = group_of == comparison.number, np.isin(group_of, comparison.rest)
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


def _explored(explored: Sequence[tuple[Statement, float]]) -> list[Statement]:
    adjusted = benjamini_hochberg([p for _, p in explored])
    return [
        replace(statement, family=EXPLORATION, adjusted_p=p)
        for (statement, _), p in zip(explored, adjusted, strict=True)
    ]
