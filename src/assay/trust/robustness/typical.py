"""What the pictures of the training look like, so that whoever serves the model can say how unlike them another picture is.

Mahalanobis distance (as in Lee et al. 2018, arXiv:1807.03888) of plain facts of the pixels that the network is given: layout, grey
values, edges, grain. It asks whether a picture is of the kind the model knows, before the model is asked; it does not know diseases.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from assay.errors import ComponentError
from assay.trust.robustness.outliers import Gaussian

FILE = "typical.json"
"""Its place in a model folder."""

METHOD = (
    "squared Mahalanobis distance of layout, grey values, edges and grain to the nearest label of the training pictures"
)
QUANTILE = 0.99
"""Share of held-out pictures of the model's own kind that lie within the bound."""

MOST_LOOKED_AT = 4000
"""Pictures of one part of the data that are looked at, evenly chosen: more change no figure."""

FORMAT = 1
_LOOKED_AT_ONCE = 64
_GRID = 8
_SHARES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
_DARK, _BRIGHT = 0.02, 0.98
_SAMPLED = 1024
"""Pixels that grey values are counted on, evenly spread."""
_FAINTEST = 1e-3
_LEAST_SPREAD = 0.02
"""A fact that hardly varies in training must not shout when it does: nothing counts as steadier than this."""
_DIGITS = 7
_ARRAYS = ("centre", "scale", "means", "precision")


def describe(pixels: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return facts of pictures, N x F: means of an 8 x 8 grid, spread, quantiles, shares of black and white, logs of edges and grain.

    Args:
        pixels: N x 1 x size x size (or more channels, which are averaged) in 0..1, as the network is given them before mean and deviation.
    """
    # Sums and one filled array in place of means and joined ones: every picture that is served passes here, and each call counts.
    channels = pixels.shape[1]
    grey = np.add.reduce(pixels, axis=1) / np.float32(channels) if channels > 1 else pixels[:, 0]
    number, size = len(grey), grey.shape[1]
    starts, areas = _cells(size)
    flat = grey.reshape(number, -1)
    away = flat - np.add.reduce(flat, axis=1, keepdims=True) / np.float32(flat.shape[1])
    some = np.sort(flat[:, :: max(1, flat.shape[1] // _SAMPLED)], axis=1)
    across, down = grey[:, :, 1:] - grey[:, :, :-1], grey[:, 1:] - grey[:, :-1]
    parts = (across, down, across[:, :, 1:] - across[:, :, :-1])
    facts: NDArray[np.float64] = np.empty((number, areas.size + 1 + len(_SHARES) + 2 + len(parts)))
    layout, rest = facts[:, : areas.size], facts[:, areas.size :]
    cells = np.add.reduceat(np.add.reduceat(grey, starts, axis=1), starts, axis=2)
    layout[:] = (cells / areas).reshape(number, -1)
    rest[:, 0] = np.sqrt(np.add.reduce(away * away, axis=1) / np.float32(flat.shape[1]))
    rest[:, 1:6] = some[:, (_SHARES * (some.shape[1] - 1)).astype(np.intp)]
    rest[:, 6] = np.add.reduce(some <= _DARK, axis=1, dtype=np.intp) / some.shape[1]
    rest[:, 7] = np.add.reduce(some >= _BRIGHT, axis=1, dtype=np.intp) / some.shape[1]
    for place, part in enumerate(parts, start=8):
        np.abs(part, out=part)
        rest[:, place] = np.add.reduce(part, axis=(1, 2)) / max(1, part[0].size)
    rest[:, 8:] = np.log(rest[:, 8:] + _FAINTEST)
    return facts


class Rows(Protocol):
    """Pictures that are read when they are asked for."""

    def rows(self, numbers: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return pictures N x 1 x size x size in 0..1."""
        ...


def facts_of(pictures: Rows, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return facts of the chosen pictures, N x F, some at a time."""
    batches = np.array_split(chosen, -(-len(chosen) // _LOOKED_AT_ONCE))
    return np.concatenate([describe(pictures.rows(batch)) for batch in batches])


@lru_cache(maxsize=8)
def _cells(size: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return where the cells of the grid begin along an edge, and how many pixels each holds."""
    starts = np.unique(np.linspace(0, size, _GRID, endpoint=False).astype(np.intp))
    extent = np.diff(np.append(starts, size))
    return starts, np.outer(extent, extent).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over training pictures, as they can be put together from several places.

    Attributes:
        images: Pictures by label, shape (labels,), each above 0.
        means: Of each fact by label, shape (labels, F).
        scatter: Products of the facts less their label's mean, summed over all pictures, shape (F, F).
    """

    images: NDArray[np.int64]
    means: NDArray[np.float64]
    scatter: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Typical:
    """Statistics of the training pictures, and how far held-out pictures of the same kind lie from them.

    Attributes:
        centre, scale: Of each fact over all training pictures, shape (F,).
        known: Mean of each label and one precision, of the facts less ``centre`` over ``scale``.
        bound: Distance within which the share ``quantile`` of the held-out pictures lies.
        quantile: 0..1.
        fitted_on: Training pictures.
        held_out: Pictures of other patients behind the bound.
    """

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    known: Gaussian
    bound: float
    quantile: float
    fitted_on: int
    held_out: int

    @classmethod
    def fitted(
        cls,
        train: NDArray[np.float64],
        classes: NDArray[np.intp],
        held_out: NDArray[np.float64],
        quantile: float = QUANTILE,
    ) -> Self:
        """Fit to facts of training pictures; the bound is chosen on pictures of patients that were not among them.

        Args:
            train: N x F from ``describe``.
            classes: Label of each of them, a number.
            held_out: M x F.
            quantile: Share of the held-out ones that shall lie within.
        """
        centre, scale = _rounded(train.mean(axis=0)), _rounded(np.maximum(train.std(axis=0), _LEAST_SPREAD))
        known = Gaussian.fitted((train - centre) / scale, classes)
        rounded = Gaussian(_rounded(known.means), _rounded(known.precision))
        found = cls(centre, scale, rounded, 1.0, quantile, len(train), len(held_out))
        return found.within(float(np.quantile(found.distances(held_out), quantile, method="higher")), len(held_out))

    @classmethod
    def of_moments(cls, moments: Moments) -> Self:
        """Fit to sums over training pictures; ``within`` gives it a bound. The numbers are those of ``fitted``, but for rounding."""
        images, means = moments.images, moments.means
        number = int(images.sum())
        centre = images @ means / number
        apart = means - centre
        variance = (np.diag(moments.scatter) + images @ apart**2) / number
        middle, scale = _rounded(centre), _rounded(np.maximum(np.sqrt(variance), _LEAST_SPREAD))
        spread = moments.scatter / np.outer(scale, scale) / max(1, number - len(images))
        known = Gaussian.of((means - middle) / scale, spread)
        return cls(middle, scale, Gaussian(_rounded(known.means), _rounded(known.precision)), 1.0, QUANTILE, number, 0)

    @classmethod
    def unbounded(
        cls,
        centre: NDArray[np.float64],
        scale: NDArray[np.float64],
        means: NDArray[np.float64],
        precision: NDArray[np.float64],
    ) -> Self:
        """Return statistics that were fitted elsewhere, to tell distances by."""
        return cls(centre, scale, Gaussian(means, precision), 1.0, QUANTILE, 0, 0)

    def within(self, bound: float, held_out: int) -> Self:
        """Return the statistics with a bound that was chosen on so many held-out pictures."""
        return replace(self, bound=float(_rounded(np.array(bound))), held_out=held_out)

    def ratios(self, pixels: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return distance over bound of each picture, shape (N,): above 1 it is less like the training pictures than the bound allows.

        Args:
            pixels: As ``describe`` takes them.
        """
        found: NDArray[np.float64] = self.distances(describe(pixels)) / self.bound
        return found

    def distances(self, facts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the squared Mahalanobis distance of each picture from the nearest label, shape (N,), from facts N x F."""
        return self.known.distance((facts - self.centre) / self.scale)

    def write(self, folder: Path) -> None:
        """Write ``typical.json`` into a model folder; it holds means and spreads over all pictures, and none of any one."""
        body = {
            "format": FORMAT,
            "method": METHOD,
            "quantile": self.quantile,
            "bound": self.bound,
            "fitted_on": self.fitted_on,
            "held_out": self.held_out,
            "centre": self.centre.tolist(),
            "scale": self.scale.tolist(),
            "means": self.known.means.tolist(),
            "precision": self.known.precision.tolist(),
        }
        (folder / FILE).write_text(json.dumps(body) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path, size: int) -> Self | None:
        """Return the statistics in a model folder; ``None`` when it holds none.

        Args:
            size: Edge of the pictures that the model takes.

        Raises:
            ComponentError: The file is damaged, of another format, or of pictures of another size.
        """
        path = folder / FILE
        if not path.is_file():
            return None
        try:
            body: Any = json.loads(path.read_text(encoding="utf-8"))
            if body["format"] != FORMAT:
                raise ValueError(f"format {body['format']!r} is not known here, {FORMAT} is")  # noqa: TRY301  (told below)
            centre, scale, means, precision = (np.array(body[name], dtype=np.float64) for name in _ARRAYS)
            found = cls(
                centre,
                scale,
                Gaussian(means, precision),
                float(body["bound"]),
                float(body["quantile"]),
                int(body["fitted_on"]),
                int(body["held_out"]),
            )
            facts = describe(np.zeros((1, 1, size, size), dtype=np.float32)).shape[1]
            shapes = [(facts,), (facts,), (len(means), facts), (facts, facts)]
            if [one.shape for one in (centre, scale, means, precision)] != shapes or not found.bound > 0:
                raise ValueError("its numbers do not fit the pictures that the model takes")  # noqa: TRY301  (told below)
        except (ValueError, KeyError, TypeError) as error:
            raise ComponentError(
                f"{FILE} cannot be read: {error}",
                culprit=FILE,
                hint="fit the model again, or take the file out before the gate judges",
            ) from None
        return found


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values with seven digits: what is written is what is used."""
    return np.array([float(f"{value:.{_DIGITS}g}") for value in values.ravel()]).reshape(values.shape)
