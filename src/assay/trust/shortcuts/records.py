"""Cues that need no pixel: what the original file says of itself, and the order of the rows."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assay.trust.shortcuts.learner import Features


class RecordCue(enum.StrEnum):
    """The closed set of cues beside the pixels."""

    FORMAT = "file type and colour mode"
    SIZE = "picture size"
    COMPRESSION = "compression"
    HEADER = "file header"
    ORDER = "order of the rows"


NEEDS = {
    RecordCue.FORMAT: ("file_type", "file_mode"),
    RecordCue.SIZE: ("file_width", "file_height"),
    RecordCue.COMPRESSION: ("file_bytes", "file_width", "file_height", "file_quality"),
    RecordCue.HEADER: ("file_header",),
    RecordCue.ORDER: (),
}
"""Columns of the index that each cue is made of."""


def record_cues(
    columns: Mapping[str, Sequence[str]], rows: int
) -> tuple[dict[RecordCue, Features], dict[RecordCue, str]]:
    """Return the features of each cue, and why a cue cannot be had.

    Args:
        columns: Column name to its cells as text, each of length ``rows``; an empty cell: not known.
        rows: Number of rows.
    """
    made: dict[RecordCue, Features] = {}
    missing: dict[RecordCue, str] = {}
    for cue, needed in NEEDS.items():
        lacking = [name for name in needed if name not in columns]
        if lacking:
            missing[cue] = f"the images do not have the column {', '.join(lacking)}; input/image-folder keeps it"
        else:
            made[cue] = _features(cue, columns, rows)
    return made, missing


def _features(cue: RecordCue, columns: Mapping[str, Sequence[str]], rows: int) -> Features:
    match cue:
        case RecordCue.FORMAT:
            pair = [f"{kind} {mode}" for kind, mode in zip(columns["file_type"], columns["file_mode"], strict=True)]
            return Features(kinds=(tuple(columns["file_type"]), tuple(columns["file_mode"]), tuple(pair)))
        case RecordCue.SIZE:
            width, height = _numbers(columns["file_width"]), _numbers(columns["file_height"])
            return Features(np.column_stack([width, height, width / height, width * height]))
        case RecordCue.COMPRESSION:
            area = _numbers(columns["file_width"]) * _numbers(columns["file_height"])
            size = _numbers(columns["file_bytes"])
            return Features(np.column_stack([size, size / area, _numbers(columns["file_quality"])]))
        case RecordCue.HEADER:
            return Features(kinds=_header(columns["file_header"]))
        case RecordCue.ORDER:
            return Features(np.linspace(0, 1, rows)[:, None])


def _header(cells: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    fields = [dict(part.split("=", 1) for part in cell.split("; ") if "=" in part) for cell in cells]
    names = sorted({name for row in fields for name in row})
    return tuple(tuple(row.get(name, "") for row in fields) for name in names) or (("",) * len(cells),)


def _numbers(cells: Sequence[str]) -> NDArray[np.float64]:
    return np.array([float(cell) if cell else np.nan for cell in cells])
