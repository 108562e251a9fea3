"""The trust figures of a run: what its Evidence states, with intervals, and what its Verdicts say; signatures are not verified here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assay.errors import AssayError, StoreError
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType, Json, Output
from assay.model.state import RunState
from assay.signing.envelope import open_envelope
from assay.signing.statement import read_claim
from assay.views.figures import Figure, number

if TYPE_CHECKING:
    from assay.store.objects import ObjectStore
    from assay.store.store import Store

_LARGEST = 10_000_000
_MOST = 5000


@dataclass(frozen=True, slots=True)
class TrustFigure:
    """One statement: an estimate with its interval, of how many units, and its state (``pass``, ``fail``, ``insufficient``).

    A verdict has a state and no figure.
    """

    state: str = ""
    figure: Figure | None = None
    n: int | None = None

    def json(self) -> dict[str, Json]:
        """Return ``state``, ``n``, ``value``, ``low`` and ``high``."""
        none: dict[str, Json] = {"value": None, "low": None, "high": None}
        return {"state": self.state, "n": self.n, **(self.figure.json() if self.figure else none)}


def trust_of(state: RunState, store: Store) -> dict[str, TrustFigure]:
    """Return every trust figure of a run as ``step: id, group against group``, in the order of the steps; at most 5,000."""
    found: dict[str, TrustFigure] = {}
    for step in state.steps.values():
        if step.key.item is not None:
            continue
        for port, output in step.outputs.items():
            for name, one in _read(str(port), output, store.objects):
                if len(found) < _MOST:
                    found.setdefault(f"{step.key}: {name}", one)
    return found


def _read(port: str, output: Output, objects: ObjectStore) -> Iterator[tuple[str, TrustFigure]]:
    listed = output.items if isinstance(output, ArtifactList) else (output,)
    for item in listed:
        if not isinstance(item, Artifact) or item.folder or item.size > _LARGEST:
            continue
        try:
            if item.type is ArtifactType.EVIDENCE:
                yield from _statements(json.loads(objects.path(item).read_bytes()))
            elif item.type is ArtifactType.VERDICT:
                claim = read_claim(open_envelope(objects.path(item).read_bytes(), port), port)
                yield "verdict", TrustFigure(str(claim.predicate.get("verdict", "")))
        except (StoreError, AssayError, OSError, ValueError):
            continue  # anybody may write such a file: what does not have the form is left out


def _statements(body: Any) -> Iterator[tuple[str, TrustFigure]]:
    listed = body.get("statements") if isinstance(body, dict) else None
    for said in listed if isinstance(listed, list) else ():
        estimate = said.get("estimate") if isinstance(said, dict) else None
        value = number(estimate, "value")
        if value is None or not isinstance(said.get("id"), str):
            continue
        count = number(estimate, "n")
        against = _group(said.get("against"))
        about = " ".join(part for part in (_group(said.get("on")), against and f"against {against}") if part)
        name = f"{said['id']}, {about}" if about else said["id"]
        figure = Figure(value, number(estimate, "low"), number(estimate, "high"))
        state = said.get("state")
        yield name, TrustFigure(state if isinstance(state, str) else "", figure, None if count is None else int(count))


def _group(value: Any) -> str:
    return ", ".join(f"{key} {name}" for key, name in value.items()) if isinstance(value, Mapping) else ""
