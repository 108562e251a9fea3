"""The cues of a folder of images, and its pictures without them: what evaluate/shortcut-audit looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay import step
from assay.data.images import resize
from assay.training.cases import Asker, Cases
from assay.trust.shortcuts.audit import Target
from assay.trust.shortcuts.cues import PixelCue, pixel_cues
from assay.trust.shortcuts.learner import Features
from assay.trust.shortcuts.records import NEEDS, record_cues
from assay.trust.shortcuts.regions import EDGE, Regions, regions, unit_scaled, unscaled
from assay.trust.shortcuts.removal import Removal, removed

_UNKNOWN = frozenset({"", "unknown"})


@dataclass(frozen=True, slots=True)
class Cues:
    """Of every image.

    Attributes:
        features: Cue to its features.
        missing: Cue to the reason why it cannot be had.
        parts: Regions of each image.
    """

    features: dict[str, Features]
    missing: dict[str, str]
    parts: list[Regions]


def collected(cases: Cases) -> Cues:
    """Look at every image once."""
    columns = {name: cases.column(name) for names in NEEDS.values() for name in names if name in cases.index}
    records, missing = record_cues(columns, len(cases))
    rows: dict[PixelCue, list[NDArray[np.float64]]] = {cue: [] for cue in PixelCue}
    parts: list[Regions] = []
    for row in range(len(cases)):
        small = resize(unit_scaled(cases.values(row), hounsfield=cases.hounsfield), EDGE)
        parts.append(regions(small))
        for cue, numbers in pixel_cues(small, parts[-1]).items():
            rows[cue].append(numbers)
        step.progress(row + 1, len(cases), "looking at images")
    features = {str(cue): made for cue, made in records.items()}
    features |= {str(cue): Features(np.array(numbers)) for cue, numbers in rows.items()}
    return Cues(features, {str(cue): why for cue, why in missing.items()}, parts)


def target_of(cases: Cases, cues: Cues, column: str, value: str) -> Target:
    """Return the rows whose value in ``column`` is known, those with ``value`` being the positive ones."""
    cells = np.array(cases.column(column))
    known = np.flatnonzero([cell not in _UNKNOWN for cell in cells])
    patient = np.unique(cases.patient[known], return_inverse=True)[1].astype(np.intp)
    features = {cue: made.taken(known) for cue, made in cues.features.items()}
    return Target(features, cells[known] == value, patient)


def common_values(cases: Cases, column: str, most: int) -> list[str]:
    """Return the known values of a column, most common first; of two values one, since each tells the other."""
    values, counts = np.unique([cell for cell in cases.column(column) if cell not in _UNKNOWN], return_counts=True)
    if column == "label":
        return [cases.positive]
    ordered = [str(values[place]) for place in np.argsort(-counts, kind="stable")]
    return sorted(ordered)[:1] if len(ordered) == 2 else ordered[:most]


def scores_without(asker: Asker, cases: Cases, cues: Cues, removal: Removal) -> NDArray[np.float64]:
    """Return the model's scores of all pictures without a cue."""

    def pictures() -> Iterator[NDArray[np.float32]]:
        for row, parts in enumerate(cues.parts):
            values = cases.values(row)
            unit = unit_scaled(values, hounsfield=cases.hounsfield)
            without = removed(unit, parts, removal)
            # Only what was changed is put back: the scale of 0..1 is bounded, and HU beyond it stay as they are.
            yield np.where(without == unit, values, unscaled(without, hounsfield=cases.hounsfield))
            step.progress(row + 1, len(cues.parts), f"asking the model: {removal}")

    return asker.scores_of(pictures(), cases.meta)
