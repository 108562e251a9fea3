"""Who works on which element of a ``foreach`` step."""

from __future__ import annotations

from assay.ids import RunId
from assay.store.database import Database


class ClaimTable:
    """Reads and writes the table ``claims``; its primary key lets one owner in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, run: RunId, step: str, item: int, owner: str) -> bool:
        """Return whether ``owner`` got the element; also ``False`` for an owner that has it already."""
        with self._database.writing() as db:
            done = db.execute("INSERT OR IGNORE INTO claims VALUES (?, ?, ?, ?)", (run, step, item, owner))
            return done.rowcount == 1

    def release(self, run: RunId, step: str, item: int, owner: str) -> bool:
        """Return whether the element was ``owner``'s and is free now."""
        with self._database.writing() as db:
            done = db.execute(
                "DELETE FROM claims WHERE run = ? AND step = ? AND item = ? AND owner = ?", (run, step, item, owner)
            )
            return done.rowcount == 1

    def claimed(self, run: RunId, step: str) -> dict[int, str]:
        """Return element to owner."""
        with self._database.reading() as db:
            return dict(db.execute("SELECT item, owner FROM claims WHERE run = ? AND step = ?", (run, step)))
