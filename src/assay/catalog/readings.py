"""What was read of components, kept over runs of the command: valid as long as every file that counted has the same content.

A file of JSON in the store; losing it costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import assay
from assay.authoring.reached import reaching
from assay.authoring.reading import Reading
from assay.catalog.packing import pack, unpack

CACHE_FILE = "readings.json"
_MOST = 20_000


class Readings:
    """Readings by file, kept in ``file``.

    Args:
        file: ``None``: kept as long as this object only.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._kept: dict[str, Any] | None = None
        self._digests: dict[str, str] = {}
        self._gone: dict[str, bool] = {}
        self._changed = False

    def get(self, file: Path, key: str, read: Callable[[], Reading]) -> Reading:
        """Return what ``read`` gives for ``file``, or gave when everything it looked at had the content it has now.

        Args:
            key: What else the reading depends on, such as the name that the component gets.
        """
        kept = self._load()
        place = f"{file}\n{key}"
        entry = kept.get(place)
        if entry is not None and self._valid(entry):
            with contextlib.suppress(KeyError, TypeError, ValueError, IndexError):
                found = unpack(entry["reading"])
                if isinstance(found, Reading):
                    return found
        self._digest(str(file))  # before it is read: one that changes meanwhile is read again the next time
        with reaching() as reached:
            reading = read()
        files = sorted(map(str, reached.files() | {file}))
        absent = sorted(map(str, reached.absent() - reached.files()))
        kept[place] = {
            "files": {name: self._digest(name) for name in files},
            "absent": absent,
            "reading": pack(reading),
        }
        self._changed = True
        return reading

    def save(self) -> None:
        """Write what has changed, and look at every file anew from now on; a store that cannot be written keeps what it has."""
        self._digests.clear()
        self._gone.clear()
        if self._file is None or not self._changed or self._kept is None:
            return
        kept = dict(list(self._kept.items())[-_MOST:])
        kept = {place: entry for place, entry in kept.items() if os.path.exists(place.partition("\n")[0])}
        temporary = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            temporary.write_text(
                json.dumps({"maker": _maker(), "kept": kept}, ensure_ascii=False, separators=(",", ":"))
            )
            os.replace(temporary, self._file)
        self._changed = False

    def _load(self) -> dict[str, Any]:
        if self._kept is None:
            self._kept = {}
            if self._file is not None:
                with contextlib.suppress(OSError, ValueError, RecursionError):
                    data = json.loads(self._file.read_bytes())
                    if isinstance(data, dict) and data.get("maker") == _maker() and isinstance(data.get("kept"), dict):
                        self._kept = data["kept"]
        return self._kept

    def _valid(self, entry: dict[str, Any]) -> bool:
        try:
            same = all(self._digest(name) == digest for name, digest in entry["files"].items())
            return same and all(map(self._absent, entry["absent"]))
        except (KeyError, AttributeError, TypeError):
            return False

    def _absent(self, name: str) -> bool:
        """Return whether nothing has this name, looked at once: files of one folder ask for the same names."""
        known = self._gone.get(name)
        if known is None:
            known = self._gone[name] = not os.path.exists(name)
        return known

    def _digest(self, name: str) -> str:
        """Return the digest of a file's content, once; empty when it cannot be read."""
        known = self._digests.get(name)
        if known is None:
            try:
                with open(name, "rb", buffering=0) as file:
                    known = hashlib.file_digest(file, "blake2b").hexdigest()[:32]
            except OSError:
                known = ""
            self._digests[name] = known
        return known


@functools.cache
def _maker() -> str:
    """Return what says that the same code would read the same: Assay's version and reading files, and the Python that parses."""
    root = Path(assay.__file__).parent
    parts = [assay.__version__, platform.python_implementation(), platform.python_version()]
    for folder in ("authoring", "model", "catalog"):
        for path in sorted((root / folder).rglob("*.py")):
            status = path.stat()
            parts.append(f"{path.name} {status.st_mtime_ns} {status.st_size}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
