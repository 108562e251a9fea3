"""A page of a CSV file, and what its columns hold."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
_LONGEST_LINE = 100_000


SEPARATORS = ",;\t|"
"""What may stand between cells; a file has the one that its first line has most of."""
_JSON_LINES = frozenset({".jsonl", ".ndjson"})


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a table, by its first ``looked_at`` rows."""

    columns: list[Column]
    looked_at: int


def table_schema(path: Path, separators: str = ",") -> Schema:
    """Return what the first 5,000 rows say of each column; none for what is no table.

    Args:
        path: Separated text with a header row, UTF-8; or, by its ending, JSON lines.
        separators: Those that it may have.
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        if path.suffix.lower() in _JSON_LINES:
            names, rows = _objects(file)
        else:
            first = file.readline(_LONGEST_LINE)
            file.seek(0)
            lines = _cells(file, max(separators, key=first.count))
            names = next(lines, [])
            rows = [] if "\0" in first else list(islice(lines, LOOKED_AT))
    return Schema(_columns(names, rows) if "\0" not in "".join(names) else [], len(rows))


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
    shown = [_square(row, len(names)) for row in rows]
    return TablePreview(columns=_columns(names, head), rows=shown, start=start, looked_at=len(head), total=total)


def _columns(names: Sequence[str], rows: Sequence[list[str]]) -> list[Column]:
    square = [_square(row, len(names)) for row in rows]
    return [_column(name, [row[place] for row in square]) for place, name in enumerate(names)]


def _objects(file: Iterator[str]) -> tuple[list[str], list[list[str]]]:
    """Return keys and values of JSON lines, up to the first that is no object."""
    found: list[dict[str, object]] = []
    for line in islice(file, LOOKED_AT):
        try:
            one = json.loads(line)
        except (ValueError, RecursionError):
            break
        if not isinstance(one, dict):
            break
        found.append(one)
    names = list(dict.fromkeys(name for one in found for name in one))
    return names, [[_text(one.get(name)) for name in names] for one in found]


def _text(value: object) -> str:
    return (
        "" if value is None else value[:_LONGEST_CELL] if isinstance(value, str) else json.dumps(value)[:_LONGEST_CELL]
    )


def _square(row: list[str], width: int) -> list[str]:
    return (row + [""] * width)[:width]


def _cells(file: Iterator[str], separator: str = ",") -> Iterator[list[str]]:
    """Yield rows with bounded cells; a NUL byte or a huge field, which csv refuses, ends the table."""
    try:
        for row in csv.reader(file, delimiter=separator):
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
