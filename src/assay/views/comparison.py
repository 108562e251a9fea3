"""Two runs side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from assay.ids import RunId
from assay.model.artifacts import Artifact, ArtifactList, Json, Output, Value
from assay.model.state import RunState, fold
from assay.views.figures import Figure, figures_of
from assay.views.trust import TrustFigure, trust_of

if TYPE_CHECKING:
    from assay.store.store import Store

T = TypeVar("T")
_LONGEST_VALUE = 1000


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
    trust: dict[str, tuple[TrustFigure | None, TrustFigure | None]] = field(default_factory=dict)

    def json(self) -> dict[str, Json]:
        """``a``, ``b`` (run ids), ``same_file``, and maps from a name to ``a`` and ``b`` (``null`` where a run has none): ``params``,
        ``metrics`` (``value``, ``low``, ``high`` each, and ``difference``), ``artifacts`` (digests or values, and ``same``), ``seconds``,
        ``trust`` (``state``, ``n``, ``value``, ``low``, ``high`` each, and ``difference``)."""
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
            "trust": {
                name: {
                    "a": a.json() if a else None,
                    "b": b.json() if b else None,
                    "difference": _difference(a.figure if a else None, b.figure if b else None),
                }
                for name, (a, b) in self.trust.items()
            },
        }


def compare_runs(store: Store, a: RunId, b: RunId) -> Comparison:
    """Return what two runs have in common and where they differ."""
    first, second = fold(store.runs.events(a)), fold(store.runs.events(b))
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
        _pairs(trust_of(first, store), trust_of(second, store)),
    )


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
            return json.dumps(value, ensure_ascii=False)[:_LONGEST_VALUE]


def _seconds(state: RunState) -> dict[str, float]:
    return {str(s.key): s.seconds for s in state.steps.values() if s.key.item is None and s.status == "succeeded"}


def _difference(a: Figure | None, b: Figure | None) -> float | None:
    return b.value - a.value if a and b else None
