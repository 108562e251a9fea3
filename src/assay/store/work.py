"""Workers of a run: the elements that are offered to them, which of them has which, and what the dead ones leave."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assay.ids import RunId, StepName
from assay.model.events import Failure, RunEvent, StepFailed, StepKey, StepStarted
from assay.store.database import Database
from assay.store.log import write_events

_IN_HAND = "coalesce(place.state, 'running') IN ('running', 'waiting')"
"""Whether a claimed element has not ended; see ``PlaceState``."""

_NEXT = f"""
SELECT step, item, attempt, payload FROM offers AS offer WHERE run = ?1
AND NOT EXISTS (SELECT 1 FROM claims WHERE run = ?1 AND step = offer.step AND item = offer.item)
AND (parallel IS NULL OR parallel > (
    SELECT count(*) FROM claims AS claim LEFT JOIN places AS place USING (run, step, item)
    WHERE run = ?1 AND step = offer.step AND {_IN_HAND}))
ORDER BY number LIMIT 1
"""  # noqa: S608  (no value is put in)

_UNFINISHED = f"""
SELECT step, item, claim.owner FROM claims AS claim
JOIN workers USING (run, owner) LEFT JOIN places AS place USING (run, step, item)
WHERE run = ?1 AND {_IN_HAND} ORDER BY step, item
"""  # noqa: S608

_FREE = """
SELECT count(*) FROM offers AS offer WHERE run = ?1
AND NOT EXISTS (SELECT 1 FROM claims WHERE run = ?1 AND step = offer.step AND item = offer.item)
"""

_LAST_ATTEMPT = """
SELECT coalesce(max(json_extract(payload, '$.attempt')), 0) FROM events
WHERE run = ? AND step = ? AND item = ? AND type = ?
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """An element that any worker of its run may take.

    Attributes:
        attempt: Number of its next attempt.
        payload: What a worker must know to run it.
        parallel: Most elements of its step at one time; ``None`` for no bound.
    """

    key: StepKey
    attempt: int
    payload: str
    parallel: int | None = None


class WorkStore:
    """Reads and writes the tables ``offers`` and ``workers``, and of ``claims`` what concerns workers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enlist(self, run: RunId, owner: str) -> None:
        """Write down that ``owner`` works on a run."""
        with self._database.writing() as db:
            db.execute("INSERT OR IGNORE INTO workers VALUES (?, ?)", (run, owner))

    def leave(self, run: RunId, owner: str) -> None:
        """Write down that ``owner``, which has no element in hand, works on a run no more."""
        with self._database.writing() as db:
            db.execute("DELETE FROM workers WHERE run = ? AND owner = ?", (run, owner))

    def workers(self, run: RunId) -> list[str]:
        """Return who works on a run, or did so when it was killed."""
        with self._database.reading() as db:
            return [owner for (owner,) in db.execute("SELECT owner FROM workers WHERE run = ?", (run,))]

    def offer(self, run: RunId, offers: Iterable[Offer]) -> None:
        """Let workers take elements; one that is offered already is offered anew."""
        rows = [(run, one.key.step, one.key.item, one.attempt, one.parallel, one.payload) for one in offers]
        with self._database.writing() as db:
            db.executemany(
                "INSERT OR REPLACE INTO offers (run, step, item, attempt, parallel, payload) VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )

    def withdraw(self, run: RunId) -> None:
        """Let nobody take an element any more; what is in hand stays so."""
        with self._database.writing() as db:
            db.execute("DELETE FROM offers WHERE run = ?", (run,))

    def take(self, run: RunId, owner: str, begin: Callable[[Offer], RunEvent]) -> Offer | None:
        """Claim the oldest element that is offered and free, of all who ask for one; ``None`` when there is none.

        The event that ``begin`` returns goes into the log in the same commit.
        """
        with self._database.writing() as db:
            row = db.execute(_NEXT, (run,)).fetchone()
            if row is None:
                return None
            step, item, attempt, payload = row
            offer = Offer(StepKey(StepName(step), item), attempt, payload)
            db.execute("INSERT INTO claims VALUES (?, ?, ?, ?)", (run, step, item, owner))
            _log(db, run, [begin(offer)])
            return offer

    def free(self, run: RunId) -> int:
        """Return how many elements are offered and in nobody's hands."""
        with self._database.reading() as db:
            return int(db.execute(_FREE, (run,)).fetchone()[0])

    def in_hand(self, run: RunId) -> dict[StepKey, str]:
        """Return each element that a worker has in hand, with the worker."""
        with self._database.reading() as db:
            return dict(_unfinished(db, run))

    def bury(self, run: RunId, owner: str) -> list[StepKey]:
        """Take back what a dead worker had in hand, and forget the worker; return the elements, free for others now.

        Call it when every process of the worker has ended: else an element could run twice at one time.
        """
        with self._database.writing() as db:
            mine = [key for key, whose in _unfinished(db, run) if whose == owner]
            failure = Failure("lost", "the worker that ran it was killed", hint="it is run again")
            for key in mine:
                place = (run, key.step, key.item)
                attempt = int(db.execute(_LAST_ATTEMPT, (*place, StepStarted.type)).fetchone()[0])
                _log(db, run, [StepFailed(key, attempt, failure, retry_in=0.0)])
                db.execute("DELETE FROM claims WHERE run = ? AND step = ? AND item = ?", place)
                db.execute(
                    "UPDATE offers SET attempt = ? WHERE run = ? AND step = ? AND item = ?", (attempt + 1, *place)
                )
            db.execute("DELETE FROM workers WHERE run = ? AND owner = ?", (run, owner))
            return mine


def _unfinished(db: sqlite3.Connection, run: RunId) -> list[tuple[StepKey, str]]:
    rows = db.execute(_UNFINISHED, (run,)).fetchall()
    return [(StepKey(StepName(step), item), owner) for step, item, owner in rows]


def _log(db: sqlite3.Connection, run: RunId, events: Sequence[RunEvent]) -> None:
    last = db.execute("SELECT max(sequence) FROM events WHERE run = ?", (run,)).fetchone()[0]
    write_events(db, run, last + 1, time.time(), events)
