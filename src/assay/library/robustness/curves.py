"""Pictures of what shifts cost: figures over severity, and what is lost at the worst."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assay.trust.charts.chart import IntervalChart, IntervalRow, Line, LineChart
from assay.trust.evidence.statement import Estimate, Statement

DROP = "robustness.shift_auroc_drop"
CHANCE = Line("chance", [(0.0, 0.5), (5.0, 0.5)], dashed=True)


def mark(*, synthetic: bool) -> str:
    """Return what a title ends with."""
    return " (synthetic data)" if synthetic else ""


def measured_areas(statements: Sequence[Statement]) -> dict[tuple[str, int], Estimate]:
    """Return the AUROC of everybody by shift and severity; the clean one as shift ``none``, severity 0."""
    return {
        (statement.on["shift"], int(statement.on["severity"])): statement.estimate
        for statement in statements
        if statement.id == "robustness.shift_auroc" and set(statement.on) == {"shift", "severity"}
    }


def over_severity(title: str, lines: Mapping[str, Sequence[tuple[int, Estimate]]]) -> LineChart:
    """Return AUROC over severity, one line a shift, with its intervals."""
    drawn = [_line(name, points) for name, points in lines.items()]
    return LineChart(title, "severity", "AUROC", [*drawn, CHANCE], x_range=(0.0, 5.0))


def lost_at_worst(statements: Sequence[Statement], worst: Mapping[str, int], *, synthetic: bool) -> IntervalChart:
    """Return the AUROC lost by every shift at its largest severity that was measured."""
    rows = [
        IntervalRow(
            f"{each.on['shift']} {each.on['severity']}", each.estimate.value, each.estimate.low, each.estimate.high
        )
        for each in statements
        if each.id == DROP
        and set(each.on) == {"shift", "severity"}
        and each.on["severity"] == str(worst.get(each.on["shift"]))
    ]
    title = f"AUROC lost under shift{mark(synthetic=synthetic)}"
    return IntervalChart(title, "AUROC lost", rows or [IntervalRow("not measured", 0.0)], 0.0)


def _line(name: str, points: Sequence[tuple[int, Estimate]]) -> Line:
    band = [(each.low, each.high) for _, each in points if each.low is not None and each.high is not None]
    return Line(name, [(float(x), each.value) for x, each in points], band=band if len(band) == len(points) else ())
