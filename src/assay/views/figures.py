"""The figures of a run: what steps logged, and what their Metrics artifacts say, with intervals where given."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assay.errors import StoreError
from assay.ids import RunId
from assay.model.artifacts import Artifact, ArtifactType, Json
from assay.model.state import RunState, StepState, fold

if TYPE_CHECKING:
    from assay.store.objects import ObjectStore
    from assay.store.store import Store

_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, its 95 % interval where given, and whether it is the last of a series (an epoch's loss, say)."""

    value: float
    low: float | None = None
    high: float | None = None
    series: bool = False

    def json(self) -> dict[str, Json]:
        """Return ``value``, ``low`` and ``high``."""
        return {"value": self.value, "low": self.low, "high": self.high}


def figures_of(state: RunState, store: Store) -> dict[str, Figure]:
    """Return every figure of a run as ``step.name``, in the order of the steps; elements of a ``foreach`` step are left out.

    What a reused step logged stands in the log of the run that made it.
    """
    found: dict[str, Figure] = {}
    origins: dict[RunId, RunState] = {}
    for step in state.steps.values():
        if step.key.item is not None:
            continue
        logged = step
        if step.from_run is not None:
            if step.from_run not in origins:
                origins[step.from_run] = fold(store.runs.events(step.from_run))
            logged = origins[step.from_run].steps.get(step.key, step)
        figures = [*_logged(logged), *_written(step, store.objects)]
        found.update({f"{step.key}.{name}": figure for name, figure in figures})
    return found


def _logged(step: StepState) -> Iterator[tuple[str, Figure]]:
    for name, value in step.metrics.items():
        if math.isfinite(value):
            yield name, Figure(value, series=name in step.series)


def _written(step: StepState, objects: ObjectStore) -> Iterator[tuple[str, Figure]]:
    for output in step.outputs.values():
        if isinstance(output, Artifact) and output.type is ArtifactType.METRICS and output.size <= _LARGEST:
            yield from _read(output, objects)


def _read(artifact: Artifact, objects: ObjectStore) -> Iterator[tuple[str, Figure]]:
    """Anybody may write a Metrics file: what does not have the form is left out."""
    try:
        data = json.loads(objects.path(artifact).read_bytes())
    except (StoreError, OSError, ValueError):
        return
    listed = data.get("figures") if isinstance(data, dict) else None
    for name, entry in listed.items() if isinstance(listed, dict) else ():
        value = number(entry, "value")
        if value is not None:
            yield name, Figure(value, number(entry, "low"), number(entry, "high"))


def number(entry: Any, key: str) -> float | None:
    """Return a finite number that stands under ``key``, or ``None``: anybody may have written it."""
    value = entry.get(key) if isinstance(entry, dict) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None
