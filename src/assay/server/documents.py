"""The files of a workspace: listed, read, and saved without ever writing over what somebody else wrote."""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from assay.errors import AssayError
from assay.server.confinement import HIDDEN, existing, inside
from assay.views.mending import put

LARGEST_TEXT = 10_000_000
_MOST_FILES = 5000
Kind = Literal["pipeline", "component", "notebook", "data", "other"]
_PIPELINE = (".pipeline.yaml", ".pipeline.yml")
_SAVING = threading.Lock()
"""Requests are answered by threads: to look at what is there and to write is one act."""


class NotText(AssayError):  # noqa: N818  (like its kin in errors.py)
    """A file cannot be edited as text."""

    code: ClassVar[str] = "not-text"


class Conflict(AssayError):  # noqa: N818  (like its kin in errors.py)
    """The file is not the one that was opened: it was changed, made or removed meanwhile.

    Attributes:
        etag: Of what is there now; empty when nothing is.
        text: What is there now.
    """

    code: ClassVar[str] = "changed-on-disk"

    def __init__(self, name: str, etag: str, text: str) -> None:
        super().__init__(
            f"{name} was changed by somebody else", culprit=name, hint="merge the two, or save under another name"
        )
        self.etag = etag
        self.text = text


@dataclass(frozen=True, slots=True)
class Opened:
    """A text file and the mark of its content."""

    path: str
    text: str
    etag: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of the workspace; ``kind`` is ``pipeline``, ``component``, ``notebook``, ``data`` or ``other``."""

    path: str
    kind: Kind
    size: int
    modified: float


def listing(root: Path) -> list[Listed]:
    """Return the files of the workspace, folders that begin with a dot left out, at most 5,000."""
    found: list[Listed] = []
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if name not in HIDDEN and not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if name.startswith(".") or not path.is_file():
                continue
            info = path.stat()
            found.append(Listed(path.relative_to(root).as_posix(), kind_of(name), info.st_size, info.st_mtime))
            if len(found) >= _MOST_FILES:
                return found
    return found


def kind_of(name: str) -> Kind:
    """Return what a file is, by its name."""
    if name.endswith(_PIPELINE) or name in {"pipeline.yaml", "pipeline.yml"}:
        return "pipeline"
    suffix = Path(name).suffix.lower()
    kinds: dict[str, Kind] = {
        ".ipynb": "notebook",
        ".py": "component",
        ".sh": "component",
        ".r": "component",
        ".csv": "data",
        ".parquet": "data",
    }
    return kinds.get(suffix, "other")


def read(root: Path, relative: str) -> Opened:
    """Return a text file. Raises ``NotFound``, ``NotText``, ``OutsideWorkspace``."""
    path = existing(root, relative)
    if path.stat().st_size > LARGEST_TEXT:
        raise NotText(f"{relative} is too large to edit", culprit=relative, hint=f"at most {LARGEST_TEXT} bytes")
    data = path.read_bytes()
    try:
        return Opened(relative, data.decode(), etag(data))
    except UnicodeDecodeError as error:
        message = f"{relative} is no UTF-8 text (byte {error.start})"
        raise NotText(message, culprit=relative, hint="open it with the program that wrote it") from None


def save(root: Path, relative: str, text: str, seen: str | None) -> Opened:
    """Write a text file at once.

    Args:
        seen: ``etag`` of the content that the text was made from; ``None``: the file must be new.

    Raises:
        Conflict: What is there is not what was seen.
    """
    path = inside(root, relative)
    with _SAVING:
        return _saved(path, relative, text, seen)


def _saved(path: Path, relative: str, text: str, seen: str | None) -> Opened:
    before = path.read_bytes() if path.is_file() else None
    now = "" if before is None else etag(before)
    if now != (seen or ""):
        raise Conflict(relative, now, "" if before is None else before.decode("utf-8", errors="replace"))
    data = text.encode("utf-8", errors="strict")
    if len(data) > LARGEST_TEXT:
        raise NotText(f"{relative} would be too large", culprit=relative, hint=f"at most {LARGEST_TEXT} bytes")
    if before is None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(exist_ok=False)
    if data != before:
        put(path, text)
    return Opened(relative, text, etag(data))


def etag(data: bytes) -> str:
    """Return the mark of a content."""
    return hashlib.sha256(data).hexdigest()[:32]
