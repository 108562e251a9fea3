"""The training images that are most like an image to the model: cosine distance between what its last layer reads.

What the model sees in the training images is computed once and kept, a part of 256 images at a time, so that an answer never has
to wait for all of them: whoever asks again goes on where the last question stopped.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from assay.data.images import load_pixels, read_meta, read_rows, resize
from assay.errors import ComponentError
from assay.explore.pictures import file_in
from assay.training.embedding import Embedder
from assay.training.new_head import NoFeatures
from assay.training.predictor import ModelFacts

MOST = 50_000
"""Of more training images, this many are looked at, drawn by lot."""

PART = 256
_EDGE = 32
_SEED = 0

Kind = Literal["features", "pixels"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked about.

    Attributes:
        model: The Model folder.
        images: The Images folder of the image.
        name: The image inside it.
        training: The Images folder that the model was fitted on.
        cache: Folder for what is computed of ``training``; made when it is not there.
    """

    model: Path
    images: Path
    name: str
    training: Path
    cache: Path


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training image.

    Attributes:
        distance: 1 minus the cosine between the two pictures' features: 0 alike, 1 nothing in common, at most 2.
        same_patient: Whether it is of the patient of the image: the split leaks.
        same_file: Whether its file holds the same bytes: the split leaks, whatever the patient is called.
    """

    file: str
    patient: str
    label: str
    split: str
    distance: float
    same_patient: bool
    same_file: bool


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The answer.

    Attributes:
        done: Training images whose features are known; ``nearest`` is empty until they are all.
        among: Training images that are looked at.
        total: Training images there are.
        kind: ``features``: what the model's last layer reads; ``pixels``: the picture as the model is given it, made small.
        why: Why it is ``pixels``; empty otherwise.
        median: Distance of the middle training image: what a small distance is small beside.
        of_patient: Training images of the patient of the image; more than none is a leak.
    """

    done: int
    among: int
    total: int
    kind: Kind
    why: str
    median: float | None
    of_patient: int
    nearest: tuple[Neighbour, ...]


class _Seeing(Protocol):
    """Pictures of the model's size in 0..1, shape (pictures, size, size), to what is compared, shape (pictures, features)."""

    kind: Kind
    why: str
    facts: ModelFacts

    def __call__(self, pictures: NDArray[np.float32]) -> NDArray[np.float64]: ...


def neighbours(wanted: Wanted, patient: str, most: int, seconds: float) -> Neighbourhood:
    """Return the training images nearest to an image, nearest first; or how many of them were looked at so far.

    Args:
        wanted: What is asked about.
        patient: Of the image; empty when not known.
        most: How many neighbours.
        seconds: After this time no further part of the training images is looked at; one part always is.

    Raises:
        ComponentError: A folder cannot be read, or the model answers with what is no number.
        NotFound: There is no such image.
    """
    see = _seeing(wanted.model)
    rows = read_rows(wanted.training)
    drawn = [rows[row] for row in _drawn(len(rows))]
    parts = _Parts(wanted, see, [row["file"] for row in drawn])
    done = parts.fill(seconds)
    of_patient = sum(bool(patient) and row["patient"] == patient for row in rows)
    if done < len(drawn) or not drawn:
        return Neighbourhood(done, len(drawn), len(rows), see.kind, see.why, None, of_patient, ())
    content = file_in(wanted.images, wanted.name).read_bytes()
    own = _checked(see(_pictures(see.facts, wanted.images, [wanted.name])), wanted.name)[0]
    distances = np.concatenate([cosine_distances(own, part) for part in parts.all()])
    nearest = tuple(
        Neighbour(
            row["file"],
            row["patient"],
            row["label"],
            row.get("split", ""),
            float(distances[place]),
            bool(patient) and row["patient"] == patient,
            _same(file_in(wanted.training, row["file"]), content),
        )
        for place in np.argsort(distances, kind="stable")[:most].tolist()
        for row in (drawn[place],)
    )
    middle = float(np.median(distances))
    return Neighbourhood(done, len(drawn), len(rows), see.kind, see.why, middle, of_patient, nearest)


def cosine_distances(one: NDArray[np.float64], others: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return 1 minus the cosine of the angle between a vector and each of others, shape (others,); 1 beside a vector of zeros."""
    lengths = np.linalg.norm(one) * np.linalg.norm(others.astype(np.float64), axis=1)
    products = others.astype(np.float64) @ one
    cosines = np.divide(products, lengths, out=np.zeros(len(others)), where=lengths > 0)
    distances: NDArray[np.float64] = 1.0 - np.clip(cosines, -1.0, 1.0)
    return distances


class _Features:
    """What the last layer of the model reads."""

    kind: Kind = "features"
    why = ""

    def __init__(self, model: Path) -> None:
        self._embedder = Embedder(model)
        self.facts = self._embedder.facts

    def __call__(self, pictures: NDArray[np.float32]) -> NDArray[np.float64]:
        return self._embedder.features(pictures[:, None])


class _Pixels:
    """The picture as the model is given it, 32 pixels an edge, without its mean: the cosine is then a correlation."""

    kind: Kind = "pixels"

    def __init__(self, facts: ModelFacts, why: str) -> None:
        self.facts, self.why = facts, why

    def __call__(self, pictures: NDArray[np.float32]) -> NDArray[np.float64]:
        small = np.stack([resize(picture, _EDGE).ravel() for picture in pictures]).astype(np.float64)
        centred: NDArray[np.float64] = small - small.mean(axis=1, keepdims=True)
        return centred


@lru_cache(maxsize=2)
def _seeing(model: Path) -> _Seeing:
    """Open a model once for all of its questions; what the store holds never changes."""
    facts = ModelFacts.read(model / "model.json")
    if facts.channels != 1:
        return _Pixels(facts, "the model sees colours, and the images are grey")
    try:
        return _Features(model)
    except NoFeatures as error:
        return _Pixels(facts, error.message)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What was seen in the training images, kept in files of at most 256 rows each."""

    wanted: Wanted
    see: _Seeing
    files: Sequence[str]

    def fill(self, seconds: float) -> int:
        """Compute what is missing until the time is over; return how many images are known."""
        until = time.monotonic() + seconds
        computed = False
        for start in range(0, len(self.files), PART):
            if self._kept(start) is not None:
                continue
            if computed and time.monotonic() >= until:
                return start
            self._compute(start)
            computed = True
        return len(self.files)

    def all(self) -> Iterator[NDArray[np.float32]]:
        """Yield the parts in order; one in memory at a time."""
        for start in range(0, len(self.files), PART):
            kept = self._kept(start)
            yield self._compute(start) if kept is None else kept

    def _names(self, start: int) -> Sequence[str]:
        return self.files[start : start + PART]

    def _path(self, start: int) -> Path:
        return self.wanted.cache / f"{self.see.kind}-{start:06d}.npy"

    def _kept(self, start: int) -> NDArray[np.float32] | None:
        """Return a part that is there and whole."""
        try:
            found: NDArray[np.float32] = np.load(self._path(start), mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        whole = found.ndim == 2 and len(found) == len(self._names(start)) and found.dtype == np.float32
        return found if whole else None

    def _compute(self, start: int) -> NDArray[np.float32]:
        names = self._names(start)
        seen = _checked(self.see(_pictures(self.see.facts, self.wanted.training, names)), names[0]).astype(np.float32)
        path = self._path(start)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as stream:
            np.save(stream, seen, allow_pickle=False)
        os.replace(stream.name, path)
        return seen


def _pictures(facts: ModelFacts, folder: Path, names: Sequence[str]) -> NDArray[np.float32]:
    meta, steps = read_meta(folder), facts.preprocessing
    return np.stack([load_pixels(file_in(folder, name), meta, steps.window, steps.size) for name in names])


def _checked(seen: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    if not np.isfinite(seen).all():
        raise ComponentError("what the model sees in a picture is no number: there is no distance", culprit=name)
    return seen


def _drawn(total: int) -> NDArray[np.intp]:
    if total <= MOST:
        return np.arange(total)
    return np.sort(np.random.default_rng(_SEED).permutation(total)[:MOST])


def _same(file: Path, content: bytes) -> bool:
    return file.stat().st_size == len(content) and file.read_bytes() == content
