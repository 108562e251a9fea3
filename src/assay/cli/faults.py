"""Faults and errors as text: what, where with the line and a caret, and what to do next."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from assay.cli.terminal import clean, styled
from assay.errors import AssayError, Fault, InvalidDocument, Location, Severity

_LONGEST_LINE = 110
_SHORTEST_LINE = 20
_MARGIN = " " * 7
_MOST_SHOWN = 50


def error_text(error: AssayError, texts: Mapping[str, str] | None = None) -> str:
    """Return everything a person needs to mend ``error``; ``texts`` holds sources that are already read."""
    if isinstance(error, InvalidDocument):
        return faults_text(error.faults, texts)
    return fault_text(error.fault(), texts)


def faults_text(faults: Iterable[Fault], texts: Mapping[str, str] | None = None) -> str:
    """Return all ``faults``, in the order of their places, one paragraph each."""
    ordered = sorted(faults, key=_place)
    shown = [fault_text(fault, texts) for fault in ordered[:_MOST_SHOWN]]
    if len(ordered) > _MOST_SHOWN:
        shown.append(f"… and {len(ordered) - _MOST_SHOWN} more")
    return "\n".join(shown)


def fault_text(fault: Fault, texts: Mapping[str, str] | None = None) -> str:
    """Return ``error [code] message``, its place with a source excerpt, and the hint."""
    paint = "bold red" if fault.severity is Severity.ERROR else "bold yellow"
    lines = [f"{styled(f'{fault.severity} [{fault.code}]', paint, sys.stderr)} {clean(fault.message)}"]
    if fault.location is not None:
        lines.append(f"  --> {clean(str(fault.location))}")
        lines += excerpt(fault.location, fault.culprit, _source(fault.location.file, texts or {}))
    if fault.hint:
        lines.append(f"  {styled('hint:', 'bold', sys.stderr)} {clean(fault.hint)}")
    return "\n".join(lines)


def excerpt(place: Location, culprit: str, text: str | None) -> list[str]:
    """Return the line at ``place`` with carets under ``culprit``; nothing when there is no such line."""
    lines = text.split("\n") if text is not None else []
    if not 1 <= place.line <= len(lines):
        return []
    line = clean(lines[place.line - 1].rstrip("\r")).replace("\t", " ")
    start = min(max(place.column - 1, 0), len(line))
    marked = max(len(culprit) if culprit and line.startswith(culprit, start) else 1, 1)
    room = _room() - len(str(place.line))
    if _width(line) > room:
        line, start = _window(line, start, room)
    number = str(place.line)
    carets = "^" * max(_width(line[start : start + marked]), 1)
    margin = " " * len(number)
    return [f" {margin} |", f" {number} | {line}", f" {margin} | {' ' * _width(line[:start])}{carets}"]


def _room() -> int:
    """Return how much of a line is shown: a wrapped line would leave its carets behind."""
    if not sys.stderr.isatty():
        return _LONGEST_LINE
    return max(min(_LONGEST_LINE, shutil.get_terminal_size().columns - len(_MARGIN)), _SHORTEST_LINE)


def _window(line: str, start: int, room: int) -> tuple[str, int]:
    first = max(0, start - room // 2)
    cut = line[first : first + room]
    before = "…" if first else ""
    after = "…" if first + room < len(line) else ""
    return f"{before}{cut}{after}", start - first + len(before)


def _width(text: str) -> int:
    """Columns of a terminal that ``text`` takes: East Asian wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _source(file: str, texts: Mapping[str, str]) -> str | None:
    if file in texts:
        return texts[file]
    try:
        return Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def _place(fault: Fault) -> tuple[str, int, int]:
    place = fault.location
    return (place.file, place.line, place.column) if place else ("", 0, 0)
