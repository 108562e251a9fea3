"""Writing events of a run, and the tables that follow from them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from assay.ids import RunId
from assay.model.events import (
    CancelRequested,
    Failure,
    RunEvent,
    RunFinished,
    RunResumed,
    RunStarted,
    StepCancelled,
    StepExpanded,
    StepFailed,
    StepFinished,
    StepMapped,
    StepReused,
    StepSkipped,
    StepStarted,
    event_to_json,
)
from assay.store.records import PlaceState

_FREE = """
DELETE FROM claims WHERE run = ?1 AND NOT EXISTS (
    SELECT 1 FROM workers JOIN places USING (run) WHERE run = ?1 AND workers.owner = claims.owner
    AND places.step = claims.step AND places.item = claims.item AND places.state IN ('running', 'waiting'))
"""
"""A new engine of a run takes over all elements but those that a worker has in hand."""

_IN_HAND = (PlaceState.RUNNING, PlaceState.WAITING)


def write_events(db: sqlite3.Connection, run: RunId, first: int, now: float, events: Iterable[RunEvent]) -> None:
    """Add events to a run's log and to what is derived from it, inside the caller's transaction; ``first`` is their number."""
    for sequence, event in enumerate(events, first):
        data = event_to_json(event)
        kind = data.pop("type")
        step, item = _place(event)
        db.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
            (run, sequence, now, kind, step, item, json.dumps(data, separators=(",", ":"))),
        )
        state = _state_after(event)
        if item is not None and state is not None and state not in _IN_HAND:
            db.execute("DELETE FROM offers WHERE run = ? AND step = ? AND item = ?", (run, step, item))
        if state is not None:
            db.execute(
                "INSERT INTO places VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state",
                (run, step, -1 if item is None else item, state),
            )
        if isinstance(event, RunFinished):
            db.execute("UPDATE runs SET finished = ?, outcome = ? WHERE id = ?", (now, event.outcome, run))
            db.execute("DELETE FROM offers WHERE run = ?", (run,))
        elif isinstance(event, RunResumed):
            db.execute("UPDATE runs SET finished = NULL, outcome = NULL WHERE id = ?", (run,))
            db.execute("DELETE FROM offers WHERE run = ?", (run,))
            db.execute(_FREE, (run,))


def _place(event: RunEvent) -> tuple[str | None, int | None]:
    match event:
        case RunStarted() | RunResumed() | CancelRequested() | RunFinished():
            return None, None
        case StepExpanded(step=step) | StepMapped(step=step):
            return step, None
        case _:
            return event.key.step, event.key.item


def _state_after(event: RunEvent) -> PlaceState | None:
    """Return the state an event puts its place in; a ``foreach`` step counts by its elements only."""
    match event:
        case StepStarted():
            return PlaceState.RUNNING
        case StepFinished():
            return PlaceState.SUCCEEDED
        case StepReused():
            return PlaceState.REUSED
        case StepSkipped():
            return PlaceState.SKIPPED
        case StepCancelled(attempt=0) | StepFailed(failure=Failure(code="elements")):
            return None
        case StepCancelled():
            return PlaceState.CANCELLED
        case StepFailed(retry_in=None):
            return PlaceState.FAILED
        case StepFailed():
            return PlaceState.WAITING
        case _:
            return None
