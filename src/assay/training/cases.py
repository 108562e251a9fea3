"""Images with their truth, patients and groups, and what a model answers to changed copies of them: ONNX Runtime alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from assay.data.images import ImagesMeta, Intensity, load_values, prepared, read_index, read_meta
from assay.data.splitting import age_group
from assay.errors import ComponentError, did_you_mean
from assay.training.predictor import Predictor

if TYPE_CHECKING:
    import pandas as pd

AGE_GROUP = "age_group"
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Cases:
    """Rows of an Images folder, ready to be judged.

    Attributes:
        folder: The Images folder.
        meta: What holds for all of its images.
        index: One row an image.
        truth: Whether each image has the positive label, shape (rows,).
        patient: Whole number of the patient of each image, 0..patients-1, shape (rows,).
        positive: The positive label.
    """

    folder: Path
    meta: ImagesMeta
    index: pd.DataFrame
    truth: NDArray[np.bool_]
    patient: NDArray[np.intp]
    positive: str

    @classmethod
    def read(cls, folder: Path, positive: str = "", *, what: str = "images") -> Self:
        """Read an Images folder.

        Args:
            folder: The folder.
            positive: The positive label; empty: what ``images.json`` states.
            what: Names the folder in an error.

        Raises:
            ComponentError: No images, or an image without patient or label; nothing says which label is positive.
        """
        meta, index = read_meta(folder), read_index(folder)
        if not len(index):
            raise ComponentError(f"the {what} are empty: there is nothing to measure", culprit=what)
        for column in ("patient", "label"):
            empty = index["file"][index[column] == ""]
            if len(empty):
                raise ComponentError(f"{len(empty)} of the {what} have no {column}", culprit=str(empty.iloc[0]))
        labels = meta.labels or tuple(sorted(set(index["label"])))
        chosen = positive or meta.positive
        if chosen not in labels:
            hint = did_you_mean(chosen, labels) or f"labels: {', '.join(labels)}"
            said = f"{chosen!r} is no label of the {what}" if chosen else f"which label of the {what} is positive?"
            raise ComponentError(said, culprit=chosen, hint=hint)
        return cls(Path(folder), meta, index, _truth(index, chosen), _numbered(index["patient"]), chosen)

    def __len__(self) -> int:
        return len(self.index)

    @property
    def patients(self) -> int:
        """Number of patients."""
        return int(self.patient.max()) + 1

    @property
    def hounsfield(self) -> bool:
        """Whether pixels are in Hounsfield units."""
        return self.meta.intensity is Intensity.HOUNSFIELD

    def values(self, row: int) -> NDArray[np.float32]:
        """Return the pixels of an image in their own unit (HU, or grey in 0..1), height x width."""
        return load_values(self.folder / self.index["file"].iloc[row], self.meta)

    def chosen(self, rows: NDArray[np.intp]) -> Cases:
        """Return some of the rows, their patients numbered anew."""
        index = self.index.iloc[rows].reset_index(drop=True)
        return Cases(self.folder, self.meta, index, self.truth[rows], _numbered(index["patient"]), self.positive)

    def groups(self, by: Sequence[str]) -> list[tuple[Mapping[str, str], NDArray[np.bool_]]]:
        """Return every group of every column of ``by`` with the mask of its rows; unknown values make no group.

        ``age_group`` is made of ``age`` where the index has no such column.

        Raises:
            ComponentError: A column is not there.
        """
        found: list[tuple[Mapping[str, str], NDArray[np.bool_]]] = []
        for name in by:
            cells = np.array(self.column(name))
            found += [({name: value}, cells == value) for value in sorted({*cells.tolist()} - {"", "unknown"})]
        return found

    def column(self, name: str) -> list[str]:
        """Return the cells of a column as text; what is not known is empty.

        Raises:
            ComponentError: It is not there.
        """
        if name == AGE_GROUP and name not in self.index and "age" in self.index:
            return [age_group(age) for age in self.index["age"]]
        if name not in self.index:
            columns = [str(column) for column in self.index.columns]
            hint = did_you_mean(name, columns) or f"columns there: {', '.join(columns)}"
            raise ComponentError(f"the images have no column {name!r}", culprit=name, hint=hint)
        unknown = self.index[name].isna()
        return ["" if lacking else str(cell) for cell, lacking in zip(self.index[name], unknown, strict=True)]

    def sample(self, most: int, seed: int) -> Cases:
        """Return at most ``most`` rows: first one of every patient, then a second, …, the classes by turns; in row order."""
        if len(self) <= most:
            return self
        random = np.random.default_rng(seed)
        order = random.permutation(len(self))
        turn = np.empty(len(self), dtype=np.intp)
        seen: dict[int, int] = {}
        for row in order:
            turn[row] = seen[int(self.patient[row])] = seen.get(int(self.patient[row]), -1) + 1
        place = np.empty(len(self), dtype=np.intp)
        for kind in (True, False):
            members = [row for row in order if self.truth[row] == kind]
            members.sort(key=lambda row: int(turn[row]))
            place[members] = np.arange(len(members))
        return self.chosen(np.sort(np.lexsort((self.truth, place))[:most]))


class Asker:
    """A model that is asked about pictures in their own unit, before its own preprocessing.

    Attributes:
        asked: Pictures asked about so far.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self.predictor = Predictor(folder, threads=threads)
        self.facts = self.predictor.facts
        self._positive = self.facts.labels.index(self.facts.positive)
        self.asked = 0

    def cases(self, images: Path, *, what: str = "images") -> Cases:
        """Read images that the model is to be judged on; a difference to those it was fitted on is printed.

        Raises:
            ComponentError: See ``Cases.read``; also when the images hold a label that the model does not know.
        """
        cases = Cases.read(images, self.facts.positive, what=what)
        unknown = sorted(set(cases.index["label"]) - set(self.facts.labels))
        if unknown:
            raise ComponentError(
                f"the model does not know the label {unknown[0]!r} of the {what}",
                culprit=unknown[0],
                hint=did_you_mean(unknown[0], self.facts.labels) or f"its labels: {', '.join(self.facts.labels)}",
            )
        for difference in self.facts.differences(cases.meta):
            print(f"WARNING: {difference}")  # noqa: T201  (print() is the log of a step)
        return cases

    def prepared(self, values: NDArray[np.float32], meta: ImagesMeta) -> NDArray[np.float32]:
        """Return a picture as the network takes it before mean and deviation: size x size in 0..1."""
        steps = self.facts.preprocessing
        return prepared(values, meta, steps.window, steps.size)

    def pixels(self, cases: Cases) -> NDArray[np.float32]:
        """Return all pictures as the network takes them, N x 1 x size x size in 0..1."""
        return np.stack([self.prepared(cases.values(row), cases.meta) for row in range(len(cases))])[:, None]

    def scores(self, pixels: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probability of the positive label of pixels N x 1 x size x size in 0..1, shape (N,)."""
        self.asked += len(pixels)
        parts = [
            self.predictor.probabilities(pixels[start : start + _BATCH])[:, self._positive]
            for start in range(0, len(pixels), _BATCH)
        ]
        return np.concatenate(parts) if parts else np.empty(0)

    def scores_of(self, pictures: Iterable[NDArray[np.float32]], meta: ImagesMeta) -> NDArray[np.float64]:
        """Return the probability of the positive label of pictures in their own unit, shape (pictures,); in bounded memory."""
        parts = [self.scores(batch) for batch in _batched(self.prepared(values, meta) for values in pictures)]
        return np.concatenate(parts) if parts else np.empty(0)


def _batched(pictures: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    waiting: list[NDArray[np.float32]] = []
    for picture in pictures:
        waiting.append(picture)
        if len(waiting) == _BATCH:
            yield np.stack(waiting)[:, None]
            waiting = []
    if waiting:
        yield np.stack(waiting)[:, None]


def _truth(index: pd.DataFrame, positive: str) -> NDArray[np.bool_]:
    truth: NDArray[np.bool_] = (index["label"] == positive).to_numpy(dtype=bool)
    return truth


def _numbered(patients: pd.Series[str]) -> NDArray[np.intp]:
    return np.unique(patients.to_numpy(dtype=str), return_inverse=True)[1].astype(np.intp)
