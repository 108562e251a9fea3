"""Two runs side by side, in tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assay.cli.summary import value_text
from assay.cli.terminal import Cell, Column, Row, say, say_cells, table
from assay.model.artifacts import Value
from assay.views.comparison import Comparison
from assay.views.figures import Figure
from assay.views.trust import TrustFigure
from assay.views.words import duration, figure_text, number


def say_comparison(found: Comparison, *, everything: bool) -> None:
    """Write what differs, or all, in five tables."""
    say_cells(Cell("A ", "dim"), Cell(found.a, "bold"))
    say_cells(Cell("B ", "dim"), Cell(found.b, "bold"))
    say(f"  the pipeline file {'is the same' if found.same_file else 'has changed'}")
    params = {n: p for n, p in found.params.items() if everything or p[0] != p[1]}
    figures = {n: p for n, p in found.figures.items() if everything or p[0] != p[1]}
    outputs = {n: p for n, p in found.outputs.items() if everything or p[0] != p[1]}
    _section(
        "parameter",
        ("A", "B"),
        [[Cell(name), _value(a), _value(b)] for name, (a, b) in params.items()],
        len(found.params),
    )
    figure_rows: list[Row] = [
        [Cell(name), _figure(a), _figure(b), Cell(*_change(a, b))] for name, (a, b) in figures.items()
    ]
    _section("metric", ("A", "B", "B - A"), figure_rows, len(found.figures))
    trust = {n: p for n, p in found.trust.items() if everything or p[0] != p[1]}
    trust_rows: list[Row] = [
        [Cell(name), _trust(a), _trust(b), Cell(*_change(a.figure if a else None, b.figure if b else None))]
        for name, (a, b) in trust.items()
    ]
    _section("trust figure", ("A", "B", "B - A"), trust_rows, len(found.trust))
    output_rows: list[Row] = [
        [Cell(name), _short(a), _short(b), "same" if a == b else "differs"] for name, (a, b) in outputs.items()
    ]
    _section("artifact", ("A", "B", ""), output_rows, len(found.outputs))
    second_rows: list[Row] = [[Cell(name), _time(a), _time(b)] for name, (a, b) in found.seconds.items()]
    _section("duration", ("A", "B"), second_rows, len(found.seconds))


def _section(name: str, others: Iterable[str], rows: Sequence[Row], total: int) -> None:
    if not total:
        return
    say()
    if not rows:
        say(f"all {total} {name}s are the same")
        return
    table([Column(name), *(Column(other) for other in others)], rows)
    if len(rows) < total:
        say(f"{total - len(rows)} more are the same", "dim")


def _change(a: Figure | None, b: Figure | None) -> tuple[str, str]:
    """Return the difference, and bold when the intervals do not overlap."""
    if a is None or b is None:
        return ("", "")
    apart = None not in (a.low, a.high, b.low, b.high) and (_below(a, b) or _below(b, a))
    change = b.value - a.value
    return (
        f"{'+' if change > 0 else ''}{number(change)}{' (intervals apart)' if apart else ''}",
        "bold" if apart else "",
    )


def _below(first: Figure, second: Figure) -> bool:
    return first.high is not None and second.low is not None and first.high < second.low


def _figure(figure: Figure | None) -> str:
    return "" if figure is None else figure_text(figure)


def _trust(said: TrustFigure | None) -> str:
    return "" if said is None else " ".join(part for part in (_figure(said.figure), said.state) if part)


def _value(value: Value | None) -> str:
    return "" if value is None else value_text(value.json)


def _short(identity: str | None) -> str:
    return "" if identity is None else identity[:12]


def _time(seconds: float | None) -> str:
    return "" if seconds is None else duration(seconds)
