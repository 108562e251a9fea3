"""Two runs side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from assay.cli.figures import Figure, figures_of
from assay.cli.project import state_of
from assay.cli.summary import value_text
from assay.cli.terminal import Cell, Column, Row, say, say_cells, table
from assay.cli.words import duration, number
from assay.ids import RunId
from assay.model.artifacts import Artifact, ArtifactList, Json, Output, Value
from assay.model.state import RunState

if TYPE_CHECKING:
    from assay.store.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, thing by thing; each pair holds what run A and run B have under a name, or ``None``."""

    a: RunId
    b: RunId
    same_file: bool
    params: dict[str, tuple[Value | None, Value | None]]
    figures: dict[str, tuple[Figure | None, Figure | None]]
    outputs: dict[str, tuple[str | None, str | None]]
    seconds: dict[str, tuple[float | None, float | None]]

    def json(self) -> dict[str, Json]:
        """``a``, ``b`` (run ids), ``same_file``, and maps from a name to ``a`` and ``b`` (``null`` where a run has none): ``params``,
        ``metrics`` (``value``, ``low``, ``high`` each, and ``difference``), ``artifacts`` (digests or values, and ``same``), ``seconds``."""
        return {
            "a": self.a,
            "b": self.b,
            "same_file": self.same_file,
            "params": {
                name: {"a": a.json if a else None, "b": b.json if b else None} for name, (a, b) in self.params.items()
            },
            "metrics": {
                name: {"a": a.json() if a else None, "b": b.json() if b else None, "difference": _difference(a, b)}
                for name, (a, b) in self.figures.items()
            },
            "artifacts": {name: {"a": a, "b": b, "same": a == b} for name, (a, b) in self.outputs.items()},
            "seconds": {name: {"a": a, "b": b} for name, (a, b) in self.seconds.items()},
        }


def compare_runs(store: Store, a: RunId, b: RunId) -> Comparison:
    """Return what two runs have in common and where they differ."""
    first, second = state_of(store, a), state_of(store, b)
    return Comparison(
        a,
        b,
        first.document == second.document,
        _pairs(
            {str(name): Value(value) for name, value in first.params.items()},
            {str(name): Value(value) for name, value in second.params.items()},
        ),
        _pairs(figures_of(first, store), figures_of(second, store)),
        _pairs(_identities(first), _identities(second)),
        _pairs(_seconds(first), _seconds(second)),
    )


def say_comparison(found: Comparison, *, everything: bool) -> None:
    """Write what differs, or all, in four tables."""
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
        [Cell(name), str(a) if a else "", str(b) if b else "", Cell(*_change(a, b))] for name, (a, b) in figures.items()
    ]
    _section("metric", ("A", "B", "B - A"), figure_rows, len(found.figures))
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


def _pairs(first: Mapping[str, T], second: Mapping[str, T]) -> dict[str, tuple[T | None, T | None]]:
    return {name: (first.get(name), second.get(name)) for name in dict.fromkeys([*first, *second])}


def _identities(state: RunState) -> dict[str, str]:
    """Return what tells whether a port carries the same content: its digests, or its value."""
    return {
        f"{step.key}.{port}": _identity(output)
        for step in state.steps.values()
        if step.key.item is None
        for port, output in step.outputs.items()
    }


def _identity(output: Output) -> str:
    match output:
        case Artifact(digest=digest):
            return digest
        case ArtifactList(items):
            return " ".join(item.digest for item in items)
        case Value(value):
            return value_text(value, 1000)


def _seconds(state: RunState) -> dict[str, float]:
    return {str(s.key): s.seconds for s in state.steps.values() if s.key.item is None and s.status == "succeeded"}


def _difference(a: Figure | None, b: Figure | None) -> float | None:
    return b.value - a.value if a and b else None


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


def _value(value: Value | None) -> str:
    return "" if value is None else value_text(value.json)


def _short(identity: str | None) -> str:
    return "" if identity is None else identity[:12]


def _time(seconds: float | None) -> str:
    return "" if seconds is None else duration(seconds)
