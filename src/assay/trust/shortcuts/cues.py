"""Cues in the pixels that should not matter: borders, burnt-in text, what lies outside the body or outside the lungs.

Every cue turns a picture on a square of ``regions.EDGE`` pixels, in 0..1, into a short row of numbers. What the lungs show never
enters one of them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from assay.trust.shortcuts.regions import Regions

_CELLS = 4
_STROKE = 0.2
_USUAL, _OUTSTANDING, _FAINTEST = 0.99, 2.5, 0.02
_FRAME = 2
_FLAT = 0.01
Row = NDArray[np.float64]


class PixelCue(enum.StrEnum):
    """The closed set of cues in the pixels."""

    BORDERS = "borders"
    TEXT = "burnt-in text"
    OUTSIDE_BODY = "outside the body"
    OUTSIDE_LUNGS = "outside the lungs"


def pixel_cues(unit: NDArray[np.float32], parts: Regions) -> dict[PixelCue, Row]:
    """Return the numbers of every pixel cue of one picture, ``unit`` in 0..1, EDGE x EDGE."""
    return {cue: made(unit, parts) for cue, made in _CUES.items()}


def strokes(unit: NDArray[np.float32], width: int = 3) -> NDArray[np.float32]:
    """Return how far each pixel stands above all surroundings wider than a pen stroke (white top-hat, Serra 1982)."""
    from scipy import ndimage  # heavy; only whoever looks for text needs it

    hat: NDArray[np.float32] = unit - ndimage.grey_opening(unit, size=(width, width))
    return hat


def _borders(unit: NDArray[np.float32], _parts: Regions) -> Row:
    numbers: list[float] = []
    for turned in (unit, unit[::-1], unit.T, unit.T[::-1]):
        flat = turned.std(axis=1) < _FLAT
        margin = len(flat) if flat.all() else int(np.argmin(flat))
        numbers += [float(turned[:_FRAME].mean()), float(turned[:_FRAME].std()), margin / len(flat)]
    return np.array(numbers)


def _text(unit: NDArray[np.float32], parts: Regions) -> Row:
    """Strokes outside the lungs that stand out from the body's own texture: skin, ribs and the table draw fainter lines.

    A phantom's strongest line is 1.7 to 2.8 times its texture, a letter 4 times. The lungs only help to set that bar.
    """
    hat = strokes(unit)
    texture = max(float(np.quantile(hat[parts.body], _USUAL)), _FAINTEST)
    hat = np.where(parts.inside | (hat < _OUTSTANDING * texture), 0, hat)
    return np.concatenate([_blocks(hat).max(axis=1), [float(hat.max()), float((hat > _STROKE).sum())]])


def _outside_body(unit: NDArray[np.float32], parts: Regions) -> Row:
    return _inside_cells(unit, ~parts.body)


def _outside_lungs(unit: NDArray[np.float32], parts: Regions) -> Row:
    return _inside_cells(unit, ~parts.inside)


def _inside_cells(unit: NDArray[np.float32], region: NDArray[np.bool_]) -> Row:
    """Return mean and deviation of the pixels of ``region`` in each cell of a coarse grid; 0 where a cell has none."""
    weight = _blocks(region).astype(np.float64)
    pixels = _blocks(unit).astype(np.float64)
    count = np.maximum(weight.sum(axis=1), 1)
    mean = (pixels * weight).sum(axis=1) / count
    spread = np.sqrt((weight * (pixels - mean[:, None]) ** 2).sum(axis=1) / count)
    return np.concatenate([mean, spread])


def _blocks(picture: NDArray[np.generic]) -> NDArray[np.generic]:
    side = picture.shape[0] // _CELLS
    cells = picture[: side * _CELLS, : side * _CELLS].reshape(_CELLS, side, _CELLS, side)
    return cells.swapaxes(1, 2).reshape(_CELLS * _CELLS, side * side)


_CUES: dict[PixelCue, Callable[[NDArray[np.float32], Regions], Row]] = {
    PixelCue.BORDERS: _borders,
    PixelCue.TEXT: _text,
    PixelCue.OUTSIDE_BODY: _outside_body,
    PixelCue.OUTSIDE_LUNGS: _outside_lungs,
}
