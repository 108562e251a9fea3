"""What two classifiers do to the same people: every rate of every group before and after, and the paired change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.trust.charts.chart import IntervalChart, IntervalRow
from assay.trust.evidence.evidence import NotMeasured, Table
from assay.trust.evidence.kinds import CHANGING
from assay.trust.evidence.statement import Estimate, Statement
from assay.trust.fairness.counts import GroupTable
from assay.trust.fairness.rates import RATES, WHY_NOT, rate_values
from assay.trust.performance.paired import METHOD, auroc_drop, patient_counts, spread_interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from assay.trust.fairness.audit import Findings
    from assay.trust.fairness.people import Grouping
    from assay.trust.performance.bootstrap import Scored

_CHARTED = frozenset({"tpr", "fpr", "selection_rate"})


def changes(
    before: Scored, after: Scored, part: Grouping, *, draws: int = 1000, seed: int = 0
) -> tuple[list[Statement], list[NotMeasured]]:
    """Return how much each rate and AUROC of each group changed, after minus before, and what has no change to tell.

    The same patients stand on both sides of every draw, so that what is common to both cancels.

    Args:
        before, after: The same rows in the same order, answered twice.
        part: Groups of the rows.
        draws: Bootstrap samples of patients.
        seed: Of the bootstrap.
    """
    told: list[Statement] = []
    missing: list[NotMeasured] = []
    for number, name in enumerate(part.names):
        here, on = part.code == number, {part.column: name}
        first, second = (_of(rows, here) for rows in (before, after))
        values = [_rates(rows, draws, seed) for rows in (first, second)]
        for figure in CHANGING:
            found = _auroc(first, second, draws, seed) if figure == "auroc" else _rate(first, figure, values)
            if isinstance(found, str):
                missing.append(NotMeasured(f"fairness.{figure}_change", found, on))
            else:
                told.append(Statement(f"fairness.{figure}_change", found, on=on))
    return told, missing


def _of(rows: Scored, here: NDArray[np.bool_]) -> Scored:
    _, patient = np.unique(rows.patient[here], return_inverse=True)
    return replace(
        rows, truth=rows.truth[here], score=rows.score[here], called=rows.called[here], patient=patient.astype(np.intp)
    )


def _rates(rows: Scored, draws: int, seed: int) -> Mapping[str, NDArray[np.float64]]:
    """Return every rate of the rows themselves and of each draw, shape (1 + draws,)."""
    table = GroupTable.of(rows.patient, rows.truth, rows.called, groups=rows.patients)
    counts = np.concatenate([np.ones((1, rows.patients)), patient_counts(rows.patient, draws, seed)])
    return rate_values(counts @ table.counts)


def _rate(rows: Scored, figure: str, values: Sequence[Mapping[str, NDArray[np.float64]]]) -> Estimate | str:
    changed = values[1][figure] - values[0][figure]
    if not np.isfinite(changed[0]):
        return WHY_NOT[figure]
    whole = RATES[figure][1]
    asked = np.ones(len(rows.truth), dtype=bool)
    if not whole[2:].any():
        asked = rows.truth
    elif not whole[:2].any():
        asked = ~rows.truth
    units = len(np.unique(rows.patient[asked]))
    ends = spread_interval(float(changed[0]), changed[1:], units)
    return _estimate(float(changed[0]), ends, units, int(asked.sum()))


def _auroc(before: Scored, after: Scored, draws: int, seed: int) -> Estimate | str:
    lost, ends = auroc_drop(before.truth, before.score, after.score, before.patient, draws=draws, seed=seed)
    if not np.isfinite(lost):
        return "the group has one class only"
    rarer = min(len(np.unique(before.patient[kind])) for kind in (before.truth, ~before.truth))
    return _estimate(-lost, ends and type(ends)(-ends.high, -ends.low), rarer, len(before.truth))


def _estimate(value: float, ends: Any, units: int, rows: int) -> Estimate:
    low, high = (ends.low, ends.high) if ends else (None, None)
    return Estimate(value, low, high, n=units, rows=rows, method=METHOD)


def pairs(before: Findings, after: Findings) -> list[tuple[str, str, Estimate, Estimate]]:
    """Return figure, group in words, and both estimates of what both audits know."""
    old = {(each.id, each.subject): each.estimate for each in before.statements}
    rates = [name for name in CHANGING if name != "auroc"]
    wanted = {f"fairness.{name}": name for name in CHANGING} | {
        f"fairness.{name}_difference": f"{name} difference" for name in rates
    }
    return [
        (wanted[each.id], each.subject, old[each.id, each.subject], each.estimate)
        for each in after.statements
        if each.id in wanted and (each.id, each.subject) in old
    ]


def before_after(before: Findings, after: Findings) -> Table:
    """Return the table of rates and gaps before and after, each with its interval that counts patients."""
    columns = ("figure", "group", "before", "before low", "before high", "after", "after low", "after high")
    lines = [
        [figure, group, old.value, old.low, old.high, new.value, new.low, new.high]
        for figure, group, old, new in pairs(before, after)
    ]
    return Table("before_after", "Before and after", columns, lines)


def before_after_chart(before: Findings, after: Findings) -> IntervalChart:
    """Return who is called positive before and after, group by group."""
    rows = [
        IntervalRow(f"{figure} {group}", each.value, each.low, each.high, series)
        for figure, group, old, new in pairs(before, after)
        if figure in _CHARTED
        for series, each in (("before", old), ("after", new))
    ]
    return IntervalChart("Before and after", "rate, 95 % interval", rows, x_range=(0.0, 1.0))
