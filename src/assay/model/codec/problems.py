"""The faults of one document while it is read: each with its place, its path in the tree, and a suggestion within a budget."""

from __future__ import annotations

import bisect
import difflib
import re
from collections.abc import Collection

from assay.errors import Fault, Fix, Location, Severity, bounded
from assay.model.codec.codes import CODES

Path = tuple[str | int, ...]

_MOST_FAULTS = 300
_MOST_SUGGESTIONS = 40
_MOST_COMPARED = 400
_LONGEST_COMPARED = 64
_LINE_END = re.compile(r"\r\n|\n|\r")


class Lines:
    """Character offsets to lines and columns."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
        self._mark = 1 if text.startswith("\ufeff") else 0

    def where(self, place: int) -> Location:
        """Return the location of a character offset; a byte order mark takes no column."""
        line = bisect.bisect_right(self._starts, place)
        column = place - self._starts[line - 1] + 1
        return Location(self._file, line, max(column - self._mark, 1) if line == 1 else column)


class Suggestions:
    """The nearest known names, for a bounded number of unknown ones: a file of nonsense must not take minutes."""

    def __init__(self) -> None:
        self._left = _MOST_SUGGESTIONS

    def near(self, name: str, known: Collection[str]) -> tuple[str, ...]:
        """Return up to two names near ``name``, nearest first."""
        if self._left <= 0 or not 0 < len(name) <= _LONGEST_COMPARED:
            return ()
        self._left -= 1
        if len(known) > _MOST_COMPARED:
            known = [other for other in known if abs(len(other) - len(name)) <= 2 and other[:1] == name[:1]][
                :_MOST_COMPARED
            ]
        if name.lower() in known:
            return (name.lower(),)
        return tuple(difflib.get_close_matches(name, known, n=2, cutoff=0.6))

    def best(self, name: str, known: Collection[str]) -> tuple[str, bool]:
        """Return the nearest name (or an empty text), and whether it is the only one that can be meant."""
        near = self.near(name, known)
        if not near:
            return "", False
        ratios = [difflib.SequenceMatcher(None, name, other).ratio() for other in near]
        return near[0], len(near) == 1 or ratios[0] - ratios[1] > 0.08


class Problems:
    """Collects faults in the order they are found.

    Attributes:
        path: Where in the tree the reader is.
        broken: Paths of values that had a fault and are missing or wrong in the model.
        lines: Offsets to lines.
        broken_text: The text could not be read to its end.
    """

    def __init__(self, text: str, file: str) -> None:
        self.lines = Lines(text, file)
        self.faults: list[Fault] = []
        self.path: list[str | int] = []
        self.broken: set[Path] = set()
        self.broken_text = False
        self.suggestions = Suggestions()

    def where(self, place: int) -> Location:
        """Return the location of a character offset."""
        return self.lines.where(place)

    def add(
        self,
        code: str,
        message: str = "",
        *,
        at: int,
        culprit: str = "",
        hint: str = "",
        fix: Fix | None = None,
        severity: Severity = Severity.ERROR,
        break_path: bool = True,
    ) -> None:
        """Add a fault; without ``message`` and ``hint`` those of the code's entry in the table are taken."""
        facts = CODES[code]
        if break_path and severity is Severity.ERROR:
            self.broken.add(tuple(self.path))
        if len(self.faults) == _MOST_FAULTS:
            self.faults.append(Fault("too-many-faults", CODES["too-many-faults"].message, location=self.where(at)))
        if len(self.faults) > _MOST_FAULTS:
            return
        self.faults.append(
            Fault(
                code,
                message or facts.message,
                bounded(culprit, 120),
                self.where(at),
                hint or facts.hint,
                severity,
                fix,
            )
        )

    def unknown(
        self,
        code: str,
        name: str,
        known: Collection[str],
        message: str,
        span: tuple[int, int],
        *,
        severity: Severity = Severity.ERROR,
        otherwise: str = "",
    ) -> None:
        """Add a fault for a name that is not among ``known``; ``span`` is where the name alone stands in the text."""
        best, sure = self.suggestions.best(name, known)
        fix = Fix(f"write {best!r}", *span, best) if best and sure else None
        hint = f"did you mean {best!r}?" if best else otherwise
        self.add(code, message, at=span[0], culprit=name, hint=hint, fix=fix, severity=severity)
