"""A page of a CSV file, and what its columns hold."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Literal

from assay.server.wire.runs import Column, TablePreview

SHOWN = 50
LOOKED_AT = 5000
COUNTED = 20_000_000
"""Bytes: rows of a larger file are not counted."""
_LONGEST_CELL = 500
_EXAMPLES = 5


def table_preview(path: Path, page: int) -> TablePreview:
    """Return 50 rows, and what the first 5,000 say of each column; broken lines are shown as they are.

    Args:
        path: A CSV file with a header.
        page: Which 50 rows, from 0.
    """
    start = page * SHOWN
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        lines = _cells(file)
        names = next(lines, [])
        head = list(islice(lines, LOOKED_AT))
        rest = max(0, start - LOOKED_AT)
        seen = len(head) + sum(1 for _ in islice(lines, rest))
        rows = head[start : start + SHOWN] if start < LOOKED_AT else list(islice(lines, SHOWN))
        seen += 0 if start < LOOKED_AT else len(rows)
        more = next(lines, None) is not None
        total = None
        if not more or path.stat().st_size <= COUNTED:
            total = seen + more + sum(1 for _ in lines)
    width = len(names)
    square = [_square(row, width) for row in head]
    columns = [_column(name, [row[place] for row in square]) for place, name in enumerate(names)]
    shown = [_square(row, width) for row in rows]
    return TablePreview(columns=columns, rows=shown, start=start, looked_at=len(head), total=total)


def _square(row: list[str], width: int) -> list[str]:
    return (row + [""] * width)[:width]


def _cells(file: Iterator[str]) -> Iterator[list[str]]:
    """Yield rows with bounded cells; a NUL byte or a huge field, which csv refuses, ends the table."""
    try:
        for row in csv.reader(file):
            yield [cell[:_LONGEST_CELL] for cell in row]
    except csv.Error:
        return


def _column(name: str, values: Sequence[str]) -> Column:
    filled = [value for value in values if value.strip()]
    distinct = list(dict.fromkeys(filled))
    numbers = [_number(value) for value in distinct]
    kind: Literal["number", "text", "empty"] = "empty" if not filled else "text" if None in numbers else "number"
    finite = [number for number in numbers if number is not None and math.isfinite(number)] if kind == "number" else []
    return Column(
        name=name,
        type=kind,
        missing=1 - len(filled) / len(values) if values else 0.0,
        distinct=len(distinct),
        least=min(finite, default=None),
        most=max(finite, default=None),
        examples=distinct[:_EXAMPLES],
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
