"""The head of a CSV file and what its columns hold."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from assay.server.wire.runs import Column, TablePreview

SHOWN = 50
LOOKED_AT = 5000
_LONGEST_CELL = 500
_EXAMPLES = 5


def table_preview(path: Path) -> TablePreview:
    """Return the first rows, and types and missing shares of the first 5,000; broken lines are shown as they are."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        lines = _cells(file)
        names = next(lines, [])
        rows = [row for _, row in zip(range(LOOKED_AT), lines, strict=False)]
        whole = next(lines, None) is None
    width = len(names)
    square = [(row + [""] * width)[:width] for row in rows]
    columns = [_column(name, [row[place] for row in square]) for place, name in enumerate(names)]
    return TablePreview(columns=columns, rows=square[:SHOWN], total=len(rows) if whole else None)


def _cells(file: Iterator[str]) -> Iterator[list[str]]:
    """Yield rows with bounded cells; a NUL byte or a huge field, which csv refuses, ends the table."""
    try:
        for row in csv.reader(file):
            yield [cell[:_LONGEST_CELL] for cell in row]
    except csv.Error:
        return


def _column(name: str, values: list[str]) -> Column:
    filled = [value for value in values if value.strip()]
    missing = 1 - len(filled) / len(values) if values else 0.0
    kind: Literal["number", "text", "empty"] = (
        "empty" if not filled else "number" if all(map(_is_number, filled)) else "text"
    )
    return Column(name=name, type=kind, missing=missing, examples=list(dict.fromkeys(filled))[:_EXAMPLES])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
