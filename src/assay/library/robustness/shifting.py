"""A model's scores of the same images under many acquisition shifts, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay import step
from assay.data.images import LUNG_WINDOW
from assay.training.cases import Asker, Cases
from assay.trust.robustness.shifts.kinds import SHIFTS, ShiftName, shifted
from assay.trust.robustness.shifts.picture import Picture
from assay.trust.robustness.shifts.thickness import has_neighbours

_AT_ONCE = 32
_MOST_NEIGHBOURS = 5
Condition = tuple[ShiftName, int]


@dataclass(frozen=True, slots=True)
class Shifted:
    """Scores of every image, clean and under each condition; and how many images lacked true neighbours for thicker slices."""

    clean: NDArray[np.float64]
    scores: dict[Condition, NDArray[np.float64]]
    approximated: int


def scores_under(asker: Asker, cases: Cases, conditions: Sequence[Condition], seed: int) -> Shifted:
    """Shift every image by every condition, before the model's own preprocessing, and ask the model."""
    clean = np.empty(len(cases))
    scores = {condition: np.empty(len(cases)) for condition in conditions}
    window = asker.facts.preprocessing.window or LUNG_WINDOW
    beside = _Beside(cases) if any(name is ShiftName.THICKNESS for name, _ in conditions) else None
    approximated = 0
    for start in range(0, len(cases), _AT_ONCE):
        rows = range(start, min(start + _AT_ONCE, len(cases)))
        pictures = [_picture(cases, row, window, beside) for row in rows]
        approximated += sum(beside is not None and not has_neighbours(picture, 1) for picture in pictures)
        clean[start : rows.stop] = _asked(asker, cases, pictures)
        for condition in conditions:
            name, severity = condition
            number = list(ShiftName).index(name)
            changed = [
                shifted(picture, name, severity, np.random.default_rng([seed, row, number, severity]))
                for row, picture in zip(rows, pictures, strict=True)
            ]
            scores[condition][start : rows.stop] = _asked(asker, cases, changed)
        step.progress(rows.stop, len(cases), "images under every shift")
    return Shifted(clean, scores, approximated)


def _asked(asker: Asker, cases: Cases, pictures: Sequence[Picture]) -> NDArray[np.float64]:
    return asker.scores_of((picture.values for picture in pictures), cases.meta)


def _picture(cases: Cases, row: int, window: tuple[float, float], beside: _Beside | None) -> Picture:
    below, above = beside.of(row) if beside else ((), ())
    return Picture(cases.values(row), cases.hounsfield, window, below, above)


class _Beside:
    """Adjacent slices of an image: rows of the same patient and file whose frame is the next one."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self._rows: dict[tuple[str, str, str], int] = {}
        self._keys: list[tuple[str, str, str]] = []
        if {"source", "frame"} <= set(cases.index.columns):
            frames = [cell.removesuffix(".0") for cell in cases.column("frame")]
            self._keys = list(zip(cases.column("patient"), cases.column("source"), frames, strict=True))
            self._rows = {key: row for row, key in enumerate(self._keys) if key[2].isdigit()}

    def of(self, row: int) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
        """Return the slices below and above, nearest first, as far as there is no gap."""
        return list(self._walk(row, -1)), list(self._walk(row, 1))

    def _walk(self, row: int, way: int) -> Iterator[NDArray[np.float32]]:
        if not self._keys or not self._keys[row][2].isdigit():
            return
        patient, source, frame = self._keys[row]
        for far in range(1, _MOST_NEIGHBOURS + 1):
            other = self._rows.get((patient, source, str(int(frame) + way * far)))
            if other is None:
                return
            yield self._cases.values(other)


def conditions_of(names: Sequence[str], severities: Sequence[int]) -> list[Condition]:
    """Return every shift with every severity, in order."""
    return [(ShiftName(name), severity) for name in names for severity in sorted(set(severities))]


def amount_words(name: ShiftName, severity: int) -> str:
    """Return what a severity means, such as ``100 HU``."""
    return f"{SHIFTS[name].amounts[severity - 1]:g} {SHIFTS[name].unit}"
