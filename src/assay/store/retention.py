"""Which runs, cache entries and artifacts stay when space is reclaimed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from assay.ids import Digest, RunId
from assay.model.events import StepFinished, StepMapped, StepReused
from assay.store.database import Database

_FORGET = (
    "DELETE FROM events WHERE run = ?",
    "DELETE FROM places WHERE run = ?",
    "DELETE FROM claims WHERE run = ?",
    "DELETE FROM offers WHERE run = ?",
    "DELETE FROM workers WHERE run = ?",
    "DELETE FROM runs WHERE id = ?",
)
_WITH_OUTPUTS = (StepFinished.type, StepReused.type, StepMapped.type)


@dataclass(frozen=True, slots=True)
class Retention:
    """What stays and what goes.

    Attributes:
        kept: Runs that stay.
        forgotten: Runs that go.
        needs_work: Kept runs that did not succeed: their work folders are for looking at, or for resuming.
        live: Digests that kept runs and kept cache entries refer to.
    """

    kept: frozenset[RunId]
    forgotten: tuple[RunId, ...]
    needs_work: frozenset[RunId]
    live: frozenset[Digest]


def decide(database: Database, keep_runs: int, after: float) -> Retention:
    """Keep the newest ``keep_runs`` runs, and runs and cache entries that were active after the time ``after``."""
    with database.reading() as db:
        rows = db.execute("SELECT id, coalesce(finished, started), outcome FROM runs ORDER BY number DESC").fetchall()
        kept = [row for number, row in enumerate(rows) if number < keep_runs or row[1] > after]
        names = frozenset(RunId(row[0]) for row in kept)
        return Retention(
            names,
            tuple(RunId(row[0]) for row in rows if row[0] not in names),
            frozenset(RunId(row[0]) for row in kept if row[2] != "succeeded"),
            frozenset(_live(db, names, after)),
        )


def forget(database: Database, runs: Collection[RunId], after: float) -> None:
    """Remove runs with all that is theirs, but not cache entries made after the time ``after``."""
    with database.writing() as db:
        for run in runs:
            for statement in _FORGET:
                db.execute(statement, (run,))
        db.execute("DELETE FROM cache WHERE created <= ? AND run NOT IN (SELECT id FROM runs)", (after,))
    if runs:
        database.compact()


def _live(db: sqlite3.Connection, kept: Collection[RunId], after: float) -> Iterator[Digest]:
    for run in kept:
        rows = db.execute("SELECT payload FROM events WHERE run = ? AND type IN (?, ?, ?)", (run, *_WITH_OUTPUTS))
        for (payload,) in rows:
            yield from _digests(json.loads(payload)["outputs"])
    for run, created, outputs in db.execute("SELECT run, created, outputs FROM cache"):
        if created > after or run in kept:
            yield from _digests(json.loads(outputs))


def _digests(outputs: dict[str, Any]) -> Iterator[Digest]:
    for output in outputs.values():
        for item in output["items"] if output["kind"] == "list" else [output]:
            if item["kind"] == "artifact":
                yield Digest(item["digest"])
