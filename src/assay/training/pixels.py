"""Labelled pictures in memory, as lean as can be: half precision (steps of 1/2048), and beyond a bound read again from disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assay.data.images import INDEX_FILE, META_FILE, ImagesMeta, load_pixels, read_index, read_meta
from assay.data.weighing import sample_weights
from assay.errors import ComponentError


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a stored picture becomes a network's input, before mean and deviation.

    Attributes:
        window: Level and width, in HU or grey 0..1; ``None``: what ``load_pixels`` takes by default.
        size: Edge in pixels of the square.
    """

    window: tuple[float, float] | None
    size: int


@dataclass(frozen=True, slots=True)
class LabelledImages:
    """One part of a data set.

    Attributes:
        folder: The Images folder.
        meta: What holds for all of its images.
        files: Paths inside the folder, one an image.
        labels: Text labels, one an image.
        patients: Patient ids, one an image.
        weights: How much each image counts in training, from 0; ``None``: all alike.
    """

    folder: Path
    meta: ImagesMeta
    files: Sequence[str]
    labels: Sequence[str]
    patients: Sequence[str]
    weights: NDArray[np.float64] | None = None

    @classmethod
    def read(cls, folder: Path, *, what: str) -> LabelledImages:
        """Read the index of an Images folder; ``what`` names it in an error.

        Raises:
            ComponentError: No images, an image without patient or label, a weight that is no number from 0.
        """
        index = read_index(folder)
        if not len(index):
            raise ComponentError(f"the {what} set has no images", culprit=what)
        for column in ("patient", "label"):
            empty = index["file"][index[column] == ""]
            if len(empty):
                raise ComponentError(f"{len(empty)} {what} images have no {column}", culprit=str(empty.iloc[0]))
        files, labels, patients = (list(index[column]) for column in ("file", "label", "patient"))
        return cls(Path(folder), read_meta(folder), files, labels, patients, sample_weights(index, what))

    def digest(self) -> str:
        """Return sha256 over the index, ``images.json`` and every picture, in index order."""
        whole = hashlib.sha256()
        for name in (INDEX_FILE, META_FILE, *self.files):
            path = self.folder / name
            whole.update(hashlib.sha256(path.read_bytes() if path.exists() else b"").digest())
        return whole.hexdigest()


class Pixels:
    """Pictures by row number, preprocessed once.

    Args:
        images: Which.
        preprocessing: How.
        bound: Bytes kept in memory; rows beyond it are read from disk each time.
        threads: Files read at once.
        observe: Called with the number of pictures done and their total.
    """

    def __init__(
        self,
        images: LabelledImages,
        preprocessing: Preprocessing,
        *,
        bound: int = 1 << 30,
        threads: int = 1,
        observe: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> None:
        self.images = images
        self.preprocessing = preprocessing
        size = preprocessing.size
        kept = min(len(images.files), max(0, bound // (2 * size * size)))
        self._kept = np.empty((kept, size, size), dtype=np.float16)
        from concurrent.futures import ThreadPoolExecutor  # for training only: steps that predict do without

        with ThreadPoolExecutor(threads) as pool:
            for row, picture in enumerate(pool.map(self._load, range(kept))):
                self._kept[row] = picture
                observe(row + 1, kept)

    def __len__(self) -> int:
        return len(self.images.files)

    def rows(self, numbers: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return pictures N x 1 x size x size in 0..1."""
        size = self.preprocessing.size
        batch = np.empty((len(numbers), 1, size, size), dtype=np.float32)
        for place, row in enumerate(numbers):
            batch[place, 0] = self._kept[row] if row < len(self._kept) else self._load(int(row))
        return batch

    def evenly(self, most: int) -> NDArray[np.intp]:
        """Return the numbers of at most ``most`` pictures, evenly chosen."""
        return np.unique(np.linspace(0, len(self) - 1, min(len(self), most)).astype(np.intp))

    def spread(self) -> tuple[float, float]:
        """Return mean and standard deviation over (at most 512 evenly chosen) pictures."""
        sample = self.rows(self.evenly(512)).astype(np.float64)
        return float(sample.mean()), max(float(sample.std()), 1e-3)

    def _load(self, row: int) -> NDArray[np.float16]:
        path = self.images.folder / self.images.files[row]
        # Rounded here and not when kept, so that the bound on memory never changes a result.
        return load_pixels(path, self.images.meta, self.preprocessing.window, self.preprocessing.size).astype(
            np.float16
        )
