"""Images that a model is explained on: read row by row without pandas, pictures only of the rows that are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from assay.data.images import ImagesMeta, load_mask, load_pixels, picture_size, read_meta, read_rows
from assay.errors import ComponentError, did_you_mean
from assay.training.predictor import ModelFacts

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Examined:
    """Rows of an Images folder as a model takes them.

    Attributes:
        folder: The Images folder.
        meta: What holds for all of its images.
        facts: Of the model.
        rows: The index, cells as text.
        truth: Whether each image has the positive label, shape (rows,).
        patient: Whole number of the patient of each image, shape (rows,).
    """

    folder: Path
    meta: ImagesMeta
    facts: ModelFacts
    rows: Sequence[dict[str, str]]
    truth: NDArray[np.bool_]
    patient: NDArray[np.intp]

    @classmethod
    def read(cls, folder: Path, facts: ModelFacts, *, what: str) -> Self:
        """Read the index of an Images folder; ``what`` names it in an error.

        Raises:
            ComponentError: No images, an image without patient or label, or a label that the model does not know.
        """
        rows = read_rows(folder)
        if not rows:
            raise ComponentError(f"the {what} are empty: there is nothing to explain", culprit=what)
        for column in ("patient", "label"):
            empty = [row["file"] for row in rows if not row[column]]
            if empty:
                raise ComponentError(f"{len(empty)} of the {what} have no {column}", culprit=empty[0])
        unknown = sorted({row["label"] for row in rows} - set(facts.labels))
        if unknown:
            raise ComponentError(
                f"the model does not know the label {unknown[0]!r} of the {what}",
                culprit=unknown[0],
                hint=did_you_mean(unknown[0], facts.labels) or f"its labels: {', '.join(facts.labels)}",
            )
        truth = np.array([row["label"] == facts.positive for row in rows], dtype=bool)
        patient = np.unique([row["patient"] for row in rows], return_inverse=True)[1].astype(np.intp)
        return cls(Path(folder), read_meta(folder), facts, rows, truth, patient)

    @property
    def masked(self) -> NDArray[np.bool_]:
        """Which images name a mask."""
        return np.array([bool(row.get("mask")) for row in self.rows], dtype=bool)

    def negatives(self, most: int, seed: int) -> NDArray[np.intp]:
        """Return rows without the positive label; of more than ``most`` that many by lot, in row order."""
        found = np.flatnonzero(~self.truth)
        return found if len(found) <= most else np.sort(np.random.default_rng(seed).permutation(found)[:most])

    def pictures(self, rows: Sequence[int] | NDArray[np.intp]) -> NDArray[np.float32]:
        """Return pictures in 0..1 before mean and deviation, shape (rows, size, size)."""
        steps = self.facts.preprocessing
        if not len(rows):
            return np.empty((0, steps.size, steps.size), dtype=np.float32)
        files = [self.folder / self.rows[row]["file"] for row in rows]
        return np.stack([load_pixels(file, self.meta, steps.window, steps.size) for file in files])

    def masks(self, rows: Sequence[int] | NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return masks as the model would see them, shape (rows, size, size); all false where there is none.

        Raises:
            ComponentError: A mask is of another size than its image; all such are counted, the first few named.
        """
        size = self.facts.preprocessing.size
        made = np.zeros((len(rows), size, size), dtype=bool)
        wrong = []
        for place, row in enumerate(rows):
            name = self.rows[row].get("mask", "")
            if not name:
                continue
            there, meant = picture_size(self.folder / name), picture_size(self.folder / self.rows[row]["file"])
            if there != meant:
                wrong.append(f"{name} is {there[0]} x {there[1]}, its image {meant[0]} x {meant[1]}")
                continue
            made[place] = load_mask(self.folder / name, size)
        if wrong:
            more = f" … and {len(wrong) - _MOST_NAMED} more" if len(wrong) > _MOST_NAMED else ""
            raise ComponentError(
                f"{len(wrong)} masks are of another size than their images: {'; '.join(wrong[:_MOST_NAMED])}{more}",
                culprit=wrong[0].partition(" ")[0],
                hint="a mask covers its image pixel by pixel; export both at the same size",
            )
        return made
