"""Rows that a model over tables is judged on: encoded once, with truth, patient and columns beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from assay.data.tables.rows import is_synthetic, people, read_rows, refuse_labels
from assay.data.tables.schema import LABEL
from assay.errors import ComponentError
from assay.training.tables.facts import TableFacts, encode

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TableCases:
    """Rows with what is known of them.

    Attributes:
        rows: Every cell as text.
        matrix: As the model takes them, shape (rows, columns), float32.
        truth: Whether each is positive.
        patient: Whole number of the patient of each.
        synthetic: Whether any describes no real person.
    """

    rows: pd.DataFrame
    matrix: NDArray[np.float32]
    truth: NDArray[np.bool_]
    patient: NDArray[np.intp]
    synthetic: bool

    @classmethod
    def read(cls, path: Path, facts: TableFacts, what: str = "the table") -> Self:
        """Read rows that a model is to be judged on; unseen categories are printed.

        Raises:
            ComponentError: See ``read_rows`` and ``encode``; a label that the model does not know, or one class only.
        """
        rows = read_rows(path, what)
        refuse_labels(rows, facts.labels, what)
        encoded = encode(rows, facts.features, what)
        for note in encoded.notes():
            print(f"WARNING: {note}")  # noqa: T201  (print() is the log of a step)
        truth = (rows[LABEL] == facts.positive).to_numpy(dtype=bool)
        if truth.all() or not truth.any():
            said = "every row is" if truth.all() else "no row is"
            raise ComponentError(f"{said} {facts.positive!r}: {what} has one class only", culprit=facts.positive)
        return cls(rows, encoded.matrix, truth, people(rows), is_synthetic(rows))

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def patients(self) -> int:
        """How many patients there are."""
        return len(np.unique(self.patient))

    def chosen(self, rows: NDArray[np.intp]) -> Self:
        """Return some of the rows, their patients numbered anew."""
        patient = np.unique(self.patient[rows], return_inverse=True)[1].astype(np.intp)
        picked = self.rows.iloc[rows].reset_index(drop=True)
        return type(self)(picked, self.matrix[rows], self.truth[rows], patient, self.synthetic)

    def sample(self, most: int, seed: int) -> Self:
        """Return at most ``most`` rows drawn by lot, both classes in their shares, in row order."""
        if len(self) <= most:
            return self
        random = np.random.default_rng(seed)
        taken = []
        for kind in (True, False):
            members = np.flatnonzero(self.truth == kind)
            count = min(len(members), max(1, round(most * len(members) / len(self))))
            taken.append(random.permutation(members)[:count])
        return self.chosen(np.sort(np.concatenate(taken)))
