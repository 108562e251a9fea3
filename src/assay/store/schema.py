"""The tables of the run database, as numbered migrations. A released migration never changes; a new one is added."""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE migrations (version INTEGER PRIMARY KEY, applied REAL NOT NULL)",
        """CREATE TABLE runs (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            pipeline TEXT NOT NULL,
            file TEXT NOT NULL,
            started REAL NOT NULL,
            finished REAL,
            outcome TEXT
        )""",
        "CREATE INDEX runs_by_pipeline ON runs (pipeline, number)",
        """CREATE TABLE events (
            run TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            time REAL NOT NULL,
            type TEXT NOT NULL,
            step TEXT,
            item INTEGER,
            payload TEXT NOT NULL,
            PRIMARY KEY (run, sequence)
        ) WITHOUT ROWID""",
        """CREATE TABLE places (
            run TEXT NOT NULL,
            step TEXT NOT NULL,
            item INTEGER NOT NULL,
            state TEXT NOT NULL,
            PRIMARY KEY (run, step, item)
        ) WITHOUT ROWID""",
        """CREATE TABLE cache (
            key TEXT PRIMARY KEY,
            outputs TEXT NOT NULL,
            run TEXT NOT NULL,
            step TEXT NOT NULL,
            created REAL NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE last_execution (
            pipeline TEXT NOT NULL,
            step TEXT NOT NULL,
            parts TEXT NOT NULL,
            run TEXT NOT NULL,
            PRIMARY KEY (pipeline, step)
        ) WITHOUT ROWID""",
        """CREATE TABLE file_digests (
            path TEXT PRIMARY KEY,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            ctime_ns INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            digest TEXT NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE claims (
            run TEXT NOT NULL,
            step TEXT NOT NULL,
            item INTEGER NOT NULL,
            owner TEXT NOT NULL,
            PRIMARY KEY (run, step, item)
        ) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE offers (
            number INTEGER PRIMARY KEY,
            run TEXT NOT NULL,
            step TEXT NOT NULL,
            item INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            parallel INTEGER,
            payload TEXT NOT NULL,
            UNIQUE (run, step, item)
        )""",
        """CREATE TABLE workers (
            run TEXT NOT NULL,
            owner TEXT NOT NULL,
            PRIMARY KEY (run, owner)
        ) WITHOUT ROWID""",
    ),
)

VERSION = len(MIGRATIONS)
