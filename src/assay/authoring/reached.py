"""Which files the reading of one component has looked at, and which it has looked for in vain: whoever keeps what was read asks for both."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class Probing(Protocol):
    """A parsed file that looks for modules beside it."""

    @property
    def path(self) -> Path:
        """Where it is."""

    @property
    def absent(self) -> set[Path]:
        """The files that it looked for and that are not there."""


@dataclass(slots=True)
class Reached:
    """What one reading has touched."""

    sources: list[Probing] = field(default_factory=list)
    others: set[Path] = field(default_factory=set)

    def files(self) -> set[Path]:
        """Return the files whose content the reading depends on."""
        return self.others | {source.path for source in self.sources}

    def absent(self) -> set[Path]:
        """Return the files that would change the reading if they came to be."""
        return {path for source in self.sources for path in source.absent}


_OPEN: list[Reached] = []


@contextlib.contextmanager
def reaching() -> Iterator[Reached]:
    """Note what is touched meanwhile."""
    reached = Reached()
    _OPEN.append(reached)
    try:
        yield reached
    finally:
        _OPEN.remove(reached)


def note_source(source: Probing) -> None:
    """Note that a parsed file is used."""
    for reached in _OPEN:
        reached.sources.append(source)


def note_file(path: Path) -> None:
    """Note that the content of a file counts."""
    for reached in _OPEN:
        reached.others.add(path)
