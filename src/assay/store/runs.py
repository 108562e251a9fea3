"""The run store: runs, their event logs, the cache and the claims, in one SQLite file."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from assay.errors import NotFound, did_you_mean
from assay.ids import Digest, RunId
from assay.model.events import (
    CancelRequested,
    LoggedEvent,
    RunEvent,
    RunStarted,
    event_from_json,
)
from assay.store.cache import CacheTables
from assay.store.claims import ClaimTable
from assay.store.database import Database
from assay.store.digests import DigestTable
from assay.store.faults import StoreDamaged, printable
from assay.store.locks import is_locked, locked
from assay.store.log import write_events
from assay.store.records import CacheEntry, PlaceState, Remember, RunRow, RunStatus
from assay.store.retention import Retention, decide, forget
from assay.store.work import WorkStore

__all__ = ["CacheEntry", "PlaceState", "Remember", "RunRow", "RunStatus", "RunStore"]

_PAGE = 1000
_RUN_PATIENCE = 2.0
_GC_PATIENCE = 60.0
_RUNS = "SELECT id, pipeline, file, started, finished, outcome FROM runs"


class RunStore:
    """The run database below ``root`` (the ``.assay`` folder).

    Args:
        root: Its folder.
        create: Make the database when it is missing.

    Raises:
        StoreError: From here and from every method: read-only folder, full disk, damaged or locked database, a database
            of a later version.
    """

    def __init__(self, root: Path, *, create: bool = True) -> None:
        self.root = root
        self._database = Database(root / "assay.db", create=create)
        self._cache = CacheTables(self._database)
        self._claims = ClaimTable(self._database)
        self.digests = DigestTable(self._database)
        self.work = WorkStore(self._database)

    def close(self) -> None:
        """Close the database; only when no thread uses this store any more."""
        self._database.close()

    # The log

    def create_run(self, event: RunStarted) -> RunId:
        """Begin the log of a new run with ``event``; return its id."""
        while True:
            now = time.time()
            stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
            run = RunId(f"{stamp}-{os.urandom(2).hex()}")
            row = (run, printable(event.pipeline), printable(event.file), now)
            with self._database.writing() as db:
                known = db.execute("SELECT 1 FROM runs WHERE id = ?", (run,)).fetchone()
                if known is None:
                    db.execute("INSERT INTO runs (id, pipeline, file, started) VALUES (?, ?, ?, ?)", row)
                    write_events(db, run, 1, now, (event,))
                    return run

    def append(self, run: RunId, *events: RunEvent, remember: Iterable[Remember] = ()) -> int:
        """Add events to a run's log in one commit; return the last sequence number.

        Survives the death of this process from then on. ``remember`` goes into the same commit. Raises ``NotFound``
        for a run that was never created.
        """
        now = time.time()
        with self._database.writing() as db:
            last = db.execute("SELECT max(sequence) FROM events WHERE run = ?", (run,)).fetchone()[0]
            if last is None:
                raise NotFound(f"no run {run!r}", culprit=run, hint="see `assay runs`")
            write_events(db, run, last + 1, now, events)
            for execution in remember:
                self._cache.write(db, run, execution, now)
        return int(last) + len(events)

    def events(self, run: RunId, after: int = 0, limit: int | None = None) -> Iterator[LoggedEvent]:
        """Yield the events of a run with a sequence number above ``after``, in order, at most ``limit``.

        Ends at what was there when the last page was read; call again with the last number for more.
        """
        left = limit
        while left is None or left > 0:
            page = _PAGE if left is None else min(_PAGE, left)
            with self._database.reading() as db:
                rows = db.execute(
                    "SELECT sequence, time, type, payload FROM events WHERE run = ? AND sequence > ? "
                    "ORDER BY sequence LIMIT ?",
                    (run, after, page),
                ).fetchall()
            for sequence, moment, kind, payload in rows:
                yield LoggedEvent(sequence, moment, _decode(run, sequence, kind, payload))
            if len(rows) < page:
                return
            after = rows[-1][0]
            left = None if left is None else left - len(rows)

    def cancel_requested(self, run: RunId, after: int = 0) -> bool:
        """Return whether someone asked for the end of a run in an event above ``after``."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT 1 FROM events WHERE run = ? AND sequence > ? AND type = ? LIMIT 1",
                (run, after, CancelRequested.type),
            )
            return rows.fetchone() is not None

    # Runs

    def runs(self, *, pipeline: str | None = None, limit: int = 20) -> list[RunRow]:
        """Return the newest runs first, of one pipeline or of all."""
        with self._database.reading() as db:
            if pipeline is None:
                rows = db.execute(f"{_RUNS} ORDER BY number DESC LIMIT ?", (limit,)).fetchall()
            else:
                where = (printable(pipeline), limit)
                rows = db.execute(f"{_RUNS} WHERE pipeline = ? ORDER BY number DESC LIMIT ?", where).fetchall()
            return [self._row(db, row) for row in rows]

    def run(self, prefix: str) -> RunRow:
        """Return the run whose id begins with ``prefix``, or the newest for ``last``.

        Raises ``NotFound`` when there is none, or more than one.
        """
        with self._database.reading() as db:
            name = "" if prefix == "last" else printable(prefix)
            most = 1 if prefix == "last" else 9
            rows = db.execute(
                f"{_RUNS} WHERE substr(id, 1, ?) = ? ORDER BY id = ? DESC, number DESC LIMIT ?",
                (len(name), name, name, most),
            ).fetchall()
            if len(rows) == 1 or (rows and rows[0][0] == prefix):
                return self._row(db, rows[0])
            known = [str(row[0]) for row in db.execute("SELECT id FROM runs ORDER BY number DESC LIMIT 1000")]
        if not known:
            raise NotFound("there is no run yet", culprit=prefix, hint="start one with `assay run`")
        if rows:
            raise NotFound(
                f"more than one run begins with {prefix!r}",
                culprit=prefix,
                hint="give more of the name: " + ", ".join(str(row[0]) for row in rows),
            )
        raise NotFound(f"no run {prefix!r}", culprit=prefix, hint=did_you_mean(prefix, known) or "see `assay runs`")

    @contextmanager
    def hold(self, run: RunId) -> Iterator[None]:
        """Be the engine of a run for the block; the store's content is safe from ``gc`` meanwhile.

        Let go when the process dies, however it dies. Raises ``StoreBusy`` when a living process holds it.
        """
        with ExitStack() as stack:
            stack.enter_context(self.using())
            stack.enter_context(
                locked(
                    self._lock(run),
                    shared=False,
                    patience=_RUN_PATIENCE,
                    refusal=f"run {run} is already running",
                    hint=f"follow it with `assay show {run}`, or stop it with `assay cancel {run}`",
                )
            )
            yield

    def held(self, run: RunId) -> bool:
        """Return whether a living engine holds the run."""
        return is_locked(self._lock(run))

    def using(self) -> AbstractContextManager[None]:
        """Keep ``gc`` out for the block: what is read from the cache or put into the store stays."""
        return locked(
            f"{self.root}/locks/store.lock",
            shared=True,
            patience=_GC_PATIENCE,
            refusal="`assay gc` is reclaiming space",
            hint="wait until it has finished",
        )

    # Cache, claims

    def cached(self, key: Digest) -> CacheEntry | None:
        """Return the execution remembered under ``key``."""
        return self._cache.find([key]).get(key)

    def cached_many(self, keys: Iterable[Digest]) -> dict[Digest, CacheEntry]:
        """Return those of ``keys`` that are remembered, with few queries."""
        return self._cache.find(keys)

    def last_parts(self, pipeline: str, step: str) -> Mapping[str, str] | None:
        """Return what went into the key of the last execution of a step (``train`` or ``train[3]``)."""
        return self._cache.last_parts(pipeline, step)

    def last_parts_all(self, pipeline: str) -> dict[str, Mapping[str, str]]:
        """Return the same for all steps of a pipeline, by label."""
        return self._cache.last_parts_all(pipeline)

    def claim(self, run: RunId, step: str, item: int, owner: str) -> bool:
        """Take an element of a ``foreach`` step; return whether it is now ``owner``'s: of all who ask, one gets it."""
        return self._claims.claim(run, step, item, owner)

    def release(self, run: RunId, step: str, item: int, owner: str) -> bool:
        """Give back an element that a dead ``owner`` had not finished; return whether it was its own."""
        return self._claims.release(run, step, item, owner)

    def claimed(self, run: RunId, step: str) -> dict[int, str]:
        """Return element to owner."""
        return self._claims.claimed(run, step)

    # Reclaiming

    def retention(self, keep_runs: int, after: float) -> Retention:
        """Return which runs and digests stay: the newest ``keep_runs`` runs, and what was active after ``after``."""
        return decide(self._database, keep_runs, after)

    def forget(self, runs: Collection[RunId], after: float) -> None:
        """Remove runs from the record, and the cache entries made by them or others now gone before ``after``."""
        forget(self._database, runs, after)

    def _lock(self, run: RunId) -> str:
        return f"{self.root}/locks/{run}.lock"

    def _row(self, db: sqlite3.Connection, row: tuple[str, str, str, float, float | None, str | None]) -> RunRow:
        run, pipeline, file, started, finished, outcome = row
        counts = db.execute("SELECT state, count(*) FROM places WHERE run = ? GROUP BY state", (run,))
        steps = {PlaceState(state): int(count) for state, count in counts}
        if outcome is not None:
            status = RunStatus(outcome)
        else:
            status = RunStatus.RUNNING if self.held(RunId(run)) else RunStatus.INTERRUPTED
        return RunRow(RunId(run), pipeline, file, started, finished, status, steps)


def _decode(run: RunId, sequence: int, kind: str, payload: str) -> RunEvent:
    try:
        return event_from_json({"type": kind, **json.loads(payload)})
    except (KeyError, TypeError, ValueError) as error:
        raise StoreDamaged(
            f"event {sequence} of run {run} cannot be read", culprit=kind, hint="the database was changed by hand"
        ) from error
