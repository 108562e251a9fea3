"""What was read of components, kept over runs of the command: valid as long as every file that counted has the same content.

Two files of JSON: one in the project's store, and one for all projects of a user with what was read of installed packages, the
built-in library above all. Losing them costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assay.authoring.reached import reaching
from assay.authoring.reading import Reading
from assay.catalog.keeping import Kept
from assay.catalog.packing import pack, unpack


class Readings:
    """Readings by file.

    Args:
        file: Where they are kept for this project; ``None``: as long as this object only.
        shared: Where those of installed packages are kept for all projects; ``None``, or a place that cannot be written:
            with the others.
    """

    def __init__(self, file: Path | None = None, shared: Path | None = None) -> None:
        self._own = Kept(file)
        self._shared = None if shared is None else Kept(shared, alone=True)
        self._digests: dict[str, str] = {}
        self._gone: dict[str, bool] = {}

    def get(self, file: Path, key: str, read: Callable[[], Reading], *, installed: bool = False) -> Reading:
        """Return what ``read`` gives for ``file``, or gave when everything it looked at had the content it has now.

        Args:
            key: What else the reading depends on, such as the name that the component gets.
            installed: The file is part of an installed package, which other projects read too.
        """
        homes = [self._shared, self._own] if installed and self._shared is not None else [self._own]
        place = f"{file}\n{key}"
        for home in homes:
            entry = home.get(place)
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
        entry = {"files": {name: self._digest(name) for name in files}, "absent": absent, "reading": pack(reading)}
        homes[0].put(place, entry)
        return reading

    def save(self) -> None:
        """Write what has changed, and look at every file anew from now on; a store that cannot be written keeps what it has."""
        self._digests.clear()
        self._gone.clear()
        for place, entry in (self._shared.write() if self._shared is not None else {}).items():
            self._own.put(place, entry)
        self._own.write()

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
