"""The tables of remembered executions: by cache key, and the last one of each step of a pipeline."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping

from assay.ids import Digest, RunId
from assay.model.events import output_from_json, output_to_json
from assay.store.database import Database
from assay.store.faults import printable
from assay.store.records import CacheEntry, Remember

_MOST_VALUES = 500
_QUERY = "SELECT key, outputs, run, step, created FROM cache WHERE key IN ({})"


class CacheTables:
    """Reads and writes the tables ``cache`` and ``last_execution``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, db: sqlite3.Connection, run: RunId, remember: Remember, now: float) -> None:
        """Remember an execution, inside the caller's transaction."""
        if remember.reusable:
            outputs = {name: output_to_json(output) for name, output in remember.outputs.items()}
            db.execute(
                "INSERT OR REPLACE INTO cache VALUES (?, ?, ?, ?, ?)",
                (remember.key, json.dumps(outputs, separators=(",", ":")), run, remember.step, now),
            )
        db.execute(
            "INSERT OR REPLACE INTO last_execution VALUES (?, ?, ?, ?)",
            (printable(remember.pipeline), remember.step, json.dumps(dict(remember.parts), separators=(",", ":")), run),
        )

    def find(self, keys: Iterable[Digest]) -> dict[Digest, CacheEntry]:
        """Return those of ``keys`` that are remembered."""
        wanted = list(dict.fromkeys(keys))
        found: dict[Digest, CacheEntry] = {}
        for start in range(0, len(wanted), _MOST_VALUES):
            part = wanted[start : start + _MOST_VALUES]
            with self._database.reading() as db:
                rows = db.execute(_QUERY.format(",".join("?" * len(part))), part).fetchall()
            for key, outputs, run, step, created in rows:
                decoded = {name: output_from_json(data) for name, data in json.loads(outputs).items()}
                found[key] = CacheEntry(key, decoded, run, step, created)
        return found

    def last_parts(self, pipeline: str, step: str) -> Mapping[str, str] | None:
        """Return the key parts of the last execution of a step."""
        with self._database.reading() as db:
            row = db.execute(
                "SELECT parts FROM last_execution WHERE pipeline = ? AND step = ?", (printable(pipeline), step)
            ).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def last_parts_all(self, pipeline: str) -> dict[str, Mapping[str, str]]:
        """Return the key parts of the last execution of every step, by label."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT step, parts FROM last_execution WHERE pipeline = ?", (printable(pipeline),)
            ).fetchall()
        return {step: json.loads(parts) for step, parts in rows}
