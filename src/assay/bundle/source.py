"""Where a bundle can lie: what verifying needs of a folder, an archive or a registry. Nothing is unpacked or loaded here."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

from assay.bundle.faults import Rejected
from assay.bundle.layout import LARGEST_DOCUMENT, MOST_FILES, unsafe
from assay.errors import Fault, NotFound


class Source(Protocol):
    """A bundle that nobody has verified yet.

    Attributes:
        name: For messages.
    """

    name: str

    def sizes(self) -> Mapping[str, int]:
        """Return path to bytes of every file there is; raises ``Rejected`` when one is a link, a device, or badly named."""

    def open(self, path: str) -> BinaryIO:
        """Open one of these files."""


def read_document(source: Source, path: str) -> bytes:
    """Return a file that is small by its nature; raises ``Rejected`` when it is not there or is not small."""
    size = source.sizes().get(path)
    if size is None:
        raise Rejected(source.name, [Fault("missing-file", f"there is no {path}", path)])
    if size <= LARGEST_DOCUMENT:  # a registry is not even asked for one that is said to be larger
        with source.open(path) as file:
            text = file.read(LARGEST_DOCUMENT + 1)
        if len(text) <= LARGEST_DOCUMENT:
            return text
    raise Rejected(source.name, [Fault("too-large", f"{path} is larger than {LARGEST_DOCUMENT >> 20} MiB", path)])


class FolderSource:
    """A bundle as a folder."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise NotFound(f"there is no bundle {folder}", culprit=str(folder))
        self.name = str(folder)
        self._folder = folder
        self._sizes: dict[str, int] | None = None

    def sizes(self) -> Mapping[str, int]:
        """Return path to bytes of every file there is."""
        if self._sizes is None:
            self._sizes = self._scan()
        return self._sizes

    def open(self, path: str) -> BinaryIO:
        """Open one of these files; never through a link."""
        return os.fdopen(os.open(self._folder / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")

    def _scan(self) -> dict[str, int]:
        found: dict[str, int] = {}
        faults: list[Fault] = []
        waiting = [""]
        while waiting and len(found) <= MOST_FILES:
            prefix = waiting.pop()
            with os.scandir(self._folder / prefix) as listing:
                for entry in listing:
                    name, info = prefix + entry.name, entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(info.st_mode):
                        waiting.append(f"{name}/")
                    elif stat.S_ISREG(info.st_mode):
                        found[name] = info.st_size
                        faults += bad_names([name])
                    else:
                        faults.append(no_file(name))
        if faults:
            raise Rejected(self.name, faults)
        return found


def bad_names(names: list[str]) -> list[Fault]:
    """Return a fault for every name that must not stand in a bundle."""
    return [
        Fault("unsafe-name", f"{name!r} cannot be the name of a file: {why}", name)
        for name in names
        if (why := unsafe(name))
    ]


def no_file(name: str) -> Fault:
    """Return the fault of a link, a device or a pipe."""
    return Fault("link", f"{name!r} is no file: links and devices have no place in a bundle", name)
