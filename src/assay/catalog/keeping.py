"""What was read of components as a file of JSON: written whole or not at all, and believed only when nothing in it is damaged."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import platform
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import assay

CACHE_FILE = "readings.json"
_MOST = 20_000
_MAKERS = 8
"""Files of so many makers are kept for a user: of Assay in several environments, or before and after a change of its code."""
_AN_HOUR = 3600.0


def user_file(environment: Mapping[str, str]) -> Path | None:
    """Return the file of what was read of installed packages, for all projects of a user; ``None`` for one without a home.

    It lies in ``$ASSAY_CACHE``, else in ``assay`` in the user's cache folder (XDG base directories), and is called after
    its maker, so that two versions of Assay do not take each other's place.
    """
    folder = environment.get("ASSAY_CACHE")
    if folder:
        return Path(folder) / f"readings-{maker()[:16]}.json"
    base = environment.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "assay" / f"readings-{maker()[:16]}.json"
    except RuntimeError:
        return None


class Kept:
    """Entries of one file; one that is missing, damaged or of another maker is empty.

    Args:
        file: ``None``: they live as long as this object.
        alone: Make the folder where there is none, and remove from it what the files of older makers left.
    """

    def __init__(self, file: Path | None, *, alone: bool = False) -> None:
        self.file = file
        self._alone = alone
        self._entries: dict[str, Any] | None = None
        self._new: dict[str, Any] = {}

    def get(self, place: str) -> Any:
        """Return the entry of this name, or ``None``."""
        if self._entries is None:
            self._entries = _read(self.file)
        return self._entries.get(place)

    def put(self, place: str, entry: Any) -> None:
        """Keep an entry."""
        if self._entries is None:
            self._entries = _read(self.file)
        self._entries[place] = self._new[place] = entry

    def write(self) -> Mapping[str, Any]:
        """Add what is new to the file, and return it when that is not possible.

        What another process has written meanwhile stays. Entries of files that are gone are left out.
        """
        new, self._new = self._new, {}
        if self.file is None or not new:
            return new
        known = {**_read(self.file), **(self._entries or {}), **new}
        kept = {
            place: entry for place, entry in list(known.items())[-_MOST:] if os.path.exists(place.partition("\n")[0])
        }
        body = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")
        temporary = self.file.with_name(f".{self.file.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            if self._alone:
                self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary.write_bytes(_head(body) + body)
            os.replace(temporary, self.file)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            return new
        if self._alone:
            _tidy(self.file.parent)
        return {}


def _head(body: bytes) -> bytes:
    """Return the first line of a file: who made it, and the digest of the rest."""
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    return json.dumps({"maker": maker(), "digest": digest}).encode() + b"\n"


def _read(file: Path | None) -> dict[str, Any]:
    if file is not None:
        with contextlib.suppress(OSError, ValueError, RecursionError):
            head, _, body = file.read_bytes().partition(b"\n")
            if head + b"\n" == _head(body) and isinstance(kept := json.loads(body), dict):
                return kept
    return {}


def _tidy(folder: Path) -> None:
    """Remove the files of all but the latest makers, and what processes that were killed left half written."""

    def written(file: Path) -> float:
        with contextlib.suppress(OSError):
            return file.stat().st_mtime
        return 0.0

    latest = sorted(folder.glob("readings-*.json"), key=written, reverse=True)
    half = [file for file in folder.glob(".readings-*") if written(file) < time.time() - _AN_HOUR]
    for file in [*latest[_MAKERS:], *half]:
        with contextlib.suppress(OSError):
            file.unlink()


@functools.cache
def maker() -> str:
    """Return what says that the same code would read the same: Assay's version and reading files, and the Python that parses."""
    root = Path(assay.__file__).parent
    parts = [assay.__version__, platform.python_implementation(), platform.python_version()]
    for folder in ("authoring", "model", "catalog"):
        for path in sorted((root / folder).rglob("*.py")):
            status = path.stat()
            parts.append(f"{path} {status.st_mtime_ns} {status.st_size}")
    return hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()
