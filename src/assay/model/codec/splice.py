"""Changes of a text as replacements of spans, applied together, with an inverse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Splice:
    """``text[start:end]`` becomes ``new``."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Splices in the order of the text, which do not overlap."""

    splices: tuple[Splice, ...]

    @staticmethod
    def of(splices: Iterable[Splice]) -> Edit:
        """Return an edit of splices in any order."""
        return Edit(tuple(sorted(splices, key=lambda splice: splice.start)))

    def apply(self, text: str) -> str:
        """Return the changed text."""
        parts, place = [], 0
        for splice in self.splices:
            parts += [text[place : splice.start], splice.new]
            place = splice.end
        return "".join([*parts, text[place:]])

    def inverse(self, text: str) -> Edit:
        """Return the edit that turns ``apply(text)`` back into ``text``."""
        shift, back = 0, []
        for splice in self.splices:
            start = splice.start + shift
            back.append(Splice(start, start + len(splice.new), text[splice.start : splice.end]))
            shift += len(splice.new) - (splice.end - splice.start)
        return Edit(tuple(back))
