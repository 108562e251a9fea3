"""Where the loop gets its batches from: pictures changed on the fly, or features of a frozen network computed once."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from assay.training.augmentation import Level, augment
from assay.training.export import export_onnx
from assay.training.pixels import Pixels
from assay.training.session import open_session

Observe = Callable[[int, int], None]
VIEWS = 4
"""Changed copies of each picture whose frozen features are kept; epochs take turns with them."""


class Batch(NamedTuple):
    """Rows that the optimiser sees at once: inputs, class numbers N, and how much each row counts (``None``: all alike)."""

    inputs: torch.Tensor
    classes: torch.Tensor
    weights: torch.Tensor | None = None


@dataclass(frozen=True, slots=True)
class Targets:
    """What is learnt of each picture.

    Attributes:
        classes: Class numbers, shape (pictures,).
        weights: How much each counts, with mean 1; ``None``: all alike.
    """

    classes: NDArray[np.int64]
    weights: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.classes)

    def batch(self, inputs: torch.Tensor, rows: NDArray[np.intp]) -> Batch:
        """Return inputs with the targets of their rows."""
        weights = None if self.weights is None else torch.from_numpy(self.weights[rows])
        return Batch(inputs, torch.from_numpy(self.classes[rows]), weights)


class Batches(Protocol):
    """Batches of inputs and what is learnt of them."""

    def __len__(self) -> int:
        """Batches an epoch."""
        ...

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield the batches of an epoch (from 0), shuffled anew for each, the same for the same seed."""
        ...


class Normaliser:
    """Pixels in 0..1 to a network's input."""

    def __init__(self, mean: float, std: float) -> None:
        self.mean, self.std = mean, std

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return (pixels - mean) / std."""
        return (pixels - self.mean) / self.std


class PictureBatches:
    """Pictures, shuffled and changed anew in each epoch.

    A last batch of one picture is left out of its epoch: batch norm cannot tell a single row's spread.
    """

    def __init__(
        self,
        pixels: Pixels,
        targets: Targets,
        normalise: Normaliser,
        *,
        size: int,
        level: Level,
        flip: bool,
        seed: int,
    ) -> None:
        self._pixels, self._targets, self._normalise = pixels, targets, normalise
        self._size, self._level, self._flip, self._seed = size, level, flip, seed

    def __len__(self) -> int:
        return len(_cut(len(self._targets), self._size))

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield changed pictures N x 1 x H x W, normalised."""
        random = torch.Generator().manual_seed(self._seed * 10_007 + number)
        order = torch.randperm(len(self._targets), generator=random).numpy()
        for rows in _cut(len(order), self._size):
            pixels = torch.from_numpy(self._pixels.rows(order[rows]))
            changed = augment(pixels, self._level, random, flip=self._flip)
            yield self._targets.batch(self._normalise(changed), order[rows])


class FeatureBatches:
    """Features of a network that does not learn, computed once for a few changed copies of each picture."""

    def __init__(
        self,
        pixels: Pixels,
        targets: Targets,
        features: Callable[[torch.Tensor], torch.Tensor],
        *,
        size: int,
        level: Level,
        flip: bool,
        seed: int,
        observe: Observe,
    ) -> None:
        self._targets, self._size, self._seed = targets, size, seed
        views = 1 if level is Level.NONE and not flip else VIEWS
        rows = np.arange(len(targets))
        self._views = []
        for view in range(views):
            random = torch.Generator().manual_seed(seed * 10_007 + view)
            parts = []
            for start in range(0, len(rows), size):
                changed = augment(torch.from_numpy(pixels.rows(rows[start : start + size])), level, random, flip=flip)
                parts.append(features(changed))
                observe(view * len(rows) + min(start + size, len(rows)), views * len(rows))
            self._views.append(torch.cat(parts))

    def __len__(self) -> int:
        return len(_cut(len(self._targets), self._size))

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield features N x F."""
        random = torch.Generator().manual_seed(self._seed * 10_007 + number)
        order = torch.randperm(len(self._targets), generator=random)
        view = self._views[number % len(self._views)]
        for rows in _cut(len(order), self._size):
            chosen = order[rows]
            yield self._targets.batch(view[chosen], chosen.numpy())


def frozen(
    network: nn.Module, normalise: Normaliser, size: int, threads: int
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return a function from pictures N x 1 x size x size to features of a network that does not learn.

    Computed by ONNX Runtime, which takes 22 ms where PyTorch takes 57 (EfficientNet-Lite0, 224 pixels, one core).
    """
    network.eval().requires_grad_(requires_grad=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "features.onnx"
        export_onnx(network, size, path)
        session = open_session(path, threads)

    def features(pixels: torch.Tensor) -> torch.Tensor:
        made = session.run(None, {"image": normalise(pixels).numpy()})[0]
        return torch.from_numpy(made)

    return features


def in_order(pixels: Pixels, size: int) -> Iterator[torch.Tensor]:
    """Yield unchanged pictures in order, N x 1 x H x W in 0..1."""
    for start in range(0, len(pixels), size):
        yield torch.from_numpy(pixels.rows(np.arange(start, min(start + size, len(pixels)))))


def _cut(count: int, size: int) -> list[slice]:
    slices = [slice(start, min(start + size, count)) for start in range(0, count, size)]
    return [part for part in slices if part.stop - part.start > 1] or slices
