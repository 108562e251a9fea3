"""Remembered digests of files outside the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assay.ids import Digest
from assay.store.database import Database
from assay.store.faults import printable
from assay.store.sources import Stamp

_MOST_VALUES = 500
_QUERY = "SELECT * FROM file_digests WHERE path IN ({})"


class DigestTable:
    """The table ``file_digests``: a ``DigestCache``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, stamps: Sequence[Stamp]) -> Mapping[str, Digest]:
        """Return path to digest for every stamp that is still the one remembered."""
        found: dict[str, Digest] = {}
        wanted = {printable(stamp.path): stamp for stamp in stamps}
        names = list(wanted)
        for start in range(0, len(names), _MOST_VALUES):
            part = names[start : start + _MOST_VALUES]
            with self._database.reading() as db:
                rows = db.execute(_QUERY.format(",".join("?" * len(part))), part).fetchall()
            for path, size, mtime_ns, ctime_ns, inode, digest in rows:
                stamp = wanted[path]
                if (size, mtime_ns, ctime_ns, inode) == (stamp.size, stamp.mtime_ns, stamp.ctime_ns, stamp.inode):
                    found[stamp.path] = digest
        return found

    def learn(self, digests: Sequence[tuple[Stamp, Digest]]) -> None:
        """Remember the digests, replacing older ones of the same paths."""
        rows = [
            (printable(stamp.path), stamp.size, stamp.mtime_ns, stamp.ctime_ns, stamp.inode, digest)
            for stamp, digest in digests
        ]
        with self._database.writing() as db:
            db.executemany("INSERT OR REPLACE INTO file_digests VALUES (?, ?, ?, ?, ?, ?)", rows)
