"""What a form offers: files and folders of the workspace, and columns of the tables that reach a step."""

from __future__ import annotations

import enum
from typing import Literal

from msgspec import field

from assay.server.wire import Wire
from assay.server.wire.documents import Draft
from assay.server.wire.runs import Column


class FolderEntry(Wire):
    """A file or folder of a folder; ``size`` in bytes and ``kind`` are those of a file, ``modified`` is seconds since the epoch."""

    name: str
    folder: bool
    kind: Literal["pipeline", "component", "notebook", "data", "other"]
    size: int
    modified: float


class FolderList(Wire):
    """What is in a folder of the workspace, folders first; ``total`` counts what was left out as well."""

    path: str
    entries: list[FolderEntry]
    total: int


class ColumnsAsked(Draft, kw_only=True):
    """Which parameter of which step of the draft names a column. ``run`` is the run that is looked at, if any, and ``within`` what
    its steps' names begin with where the draft is a pipeline inside another one: ``adults/``."""

    step: str
    param: str
    run: str | None = None
    within: str = ""


class Unknown(enum.StrEnum):
    """Why no column is known yet."""

    BROKEN = "broken"
    """The text cannot be read, or the step has no component."""
    NO_COLUMN = "no-column"
    """The parameter names no column."""
    NOT_CONNECTED = "not-connected"
    NOT_CHOSEN = "not-chosen"
    """The parameter that names the table is not given, or is computed when the pipeline runs."""
    OUTSIDE = "outside"
    """The table lies outside the workspace."""
    MISSING = "missing"
    """There is no such file."""
    UNREADABLE = "unreadable"
    """The file is no table that can be read here: separated text with a header row, or JSON lines."""
    NOT_RUN = "not-run"
    """Nothing before the step has been run, and none of it reads a table of the workspace."""


class ColumnsKnown(Wire):
    """The columns that a parameter may name, by the first ``looked_at`` rows.

    ``source`` is whether an artifact of ``run`` told them, or a file. ``place`` is that output (``split.train``) or file. ``near`` is
    false when steps between it and the one asked about may add, rename or drop columns. ``of`` is the port or parameter whose table
    it is about, and ``why`` says why there are none.
    """

    of: str
    source: Literal["run", "file", "none"]
    place: str = ""
    run: str | None = None
    near: bool = True
    looked_at: int = 0
    columns: list[Column] = field(default_factory=list)
    why: Unknown | None = None
