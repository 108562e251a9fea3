"""The SQLite file under the run store: connections, transactions, migrations, and its errors in our words."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assay.errors import StoreError
from assay.store.faults import StoreBusy, StoreDamaged, StoreFull, StoreReadOnly, StoreTooNew, explaining
from assay.store.locks import locked
from assay.store.schema import MIGRATIONS, VERSION

_BUSY_SECONDS = 30.0
_LITTLE_SPACE = 1 << 20
_KINDS: dict[int, tuple[type[StoreError], str, str]] = {
    sqlite3.SQLITE_FULL: (StoreFull, "the disk is full", "free some space on the disk, or run `assay gc`"),
    sqlite3.SQLITE_BUSY: (StoreBusy, "another process has locked it for too long", "end that process and try again"),
    sqlite3.SQLITE_LOCKED: (StoreBusy, "another process has locked it for too long", "end that process and try again"),
    sqlite3.SQLITE_READONLY: (StoreReadOnly, "it cannot be written", "use a project folder that can be written"),
    sqlite3.SQLITE_PERM: (StoreReadOnly, "permission denied", "check the owner and the permissions of this folder"),
    sqlite3.SQLITE_CANTOPEN: (StoreReadOnly, "it cannot be opened", "check the owner and permissions of this folder"),
    sqlite3.SQLITE_CORRUPT: (StoreDamaged, "it is damaged", ""),
    sqlite3.SQLITE_NOTADB: (StoreDamaged, "it is damaged: not a database", ""),
    sqlite3.SQLITE_IOERR: (StoreDamaged, "the disk reports an input/output error", "check the disk and its free space"),
}
_DAMAGE_HINT = "move this file away: artifacts stay, the record of past runs is lost"


class Database:
    """One SQLite file in WAL mode, one connection a thread, safe after fork.

    Args:
        path: The file.
        create: Make it when it is missing; else a missing file is a ``StoreError``.

    Raises:
        StoreError: Read-only folder, damaged file, file of a later version, no such file.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        if not create and not path.exists():
            raise StoreError("no run was ever recorded here", culprit=str(path), hint="start one with `assay run`")
        with explaining("open the store", path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
            # WAL needs files beside the database, even for reading; SQLite says so only later and less clearly.
            _require_writable(path)
        self._prepare()

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection; a forked child gets one of its own."""
        local = self._local
        if getattr(local, "pid", 0) != os.getpid():
            local.connection = self._connect()
            local.pid = os.getpid()
            self._open.append(local.connection)
        connection: sqlite3.Connection = local.connection
        return connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection; SQLite's errors come out as StoreError."""
        try:
            yield self.connection()
        except sqlite3.Error as error:
            raise self._explain(error) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection inside one transaction that no other writer can be in; committed at the end."""
        try:
            connection = self.connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise self._explain(error) from error

    def compact(self) -> None:
        """Give the file's free pages back to the disk; needs room for a copy, and does nothing without it."""
        with contextlib.suppress(sqlite3.OperationalError):
            self.connection().execute("VACUUM")
            self.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every connection; only when no thread uses the database any more."""
        for connection in self._open:
            connection.close()
        self._open.clear()
        self._local = threading.local()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _prepare(self) -> None:
        """Bring the schema up to date; one process at a time."""
        with self.reading() as connection:
            found = _version(connection)
            if found == VERSION:
                return
            if found > VERSION:
                raise StoreTooNew(
                    f"the store was written by a later version of Assay (schema {found}, this one knows {VERSION})",
                    culprit=str(self.path),
                    hint="upgrade with `pip install --upgrade assay-ml`, or use another folder",
                )
        lock = f"{self.path.parent}/locks/schema.lock"
        with (
            locked(lock, shared=False, patience=_BUSY_SECONDS, refusal="the store is being set up", hint="try again"),
            self.reading() as connection,
        ):
            # Not inside the transaction: the journal's mode can only change outside.
            connection.execute("PRAGMA journal_mode = WAL")
            self._migrate()

    def _migrate(self) -> None:
        with self.writing() as connection:
            for version in range(_version(connection), VERSION):
                for statement in MIGRATIONS[version]:
                    connection.execute(statement)
                connection.execute("INSERT INTO migrations VALUES (?, ?)", (version + 1, time.time()))
                connection.execute(f"PRAGMA user_version = {version + 1}")

    def _free_space(self) -> int:
        facts = os.statvfs(self.path.parent)
        return facts.f_bavail * facts.f_frsize

    def _explain(self, error: sqlite3.Error) -> StoreError:
        code = getattr(error, "sqlite_errorcode", None)
        primary = code & 0xFF if isinstance(code, int) else -1
        # On a full disk SQLite fails to grow the file it shares between processes, and calls that an input/output error.
        if primary == sqlite3.SQLITE_IOERR and self._free_space() < _LITTLE_SPACE:
            primary = sqlite3.SQLITE_FULL
        kind, says, hint = _KINDS.get(primary, (StoreDamaged, str(error), ""))
        return kind(f"the run database: {says}", culprit=str(self.path), hint=hint or _DAMAGE_HINT)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _require_writable(path: Path) -> None:
    for place in (path.parent, path):
        if place.exists() and not os.access(place, os.W_OK):
            raise StoreReadOnly(
                "the store cannot be written",
                culprit=str(place),
                hint="use a project folder that can be written; check its owner, its permissions, its mount",
            )
