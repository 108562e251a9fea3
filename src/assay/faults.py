"""Faults: what is wrong with a document, as data. ``assay.errors`` gives them out with the exceptions.

A module of their own because dataclasses cost a step's fresh interpreter ten milliseconds, and components raise ``ComponentError``.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """How bad a fault is: an error stops a run, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a text file; ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Fix:
    """A replacement of ``text[start:end]`` (character offsets) that mends a fault."""

    title: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a document.

    Attributes:
        code: Stable and searchable, such as ``unknown-port``.
        message: One sentence for a person.
        culprit: The name or value at fault, as written.
        location: Where, when the document has places.
        hint: The next thing to do, such as ``did you mean 'train'?``.
        fix: A mechanical repair, where there is exactly one.
    """

    code: str
    message: str
    culprit: str = ""
    location: Location | None = None
    hint: str = ""
    severity: Severity = Severity.ERROR
    fix: Fix | None = None

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.severity} [{self.code}] {self.message}{hint}"
