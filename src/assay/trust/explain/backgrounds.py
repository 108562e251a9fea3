"""What takes the place of a part that is taken away. No fill is neutral, so every figure is taken with two of them.

Blur, mean and black are no lungs: a blurred lung is grey where a healthy one is dark, and a classifier of opacities calls it ill.
Another person without the finding, of similar build at a similar height, is what the part would look like if it were healthy.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import Pictures


class Fill(enum.StrEnum):
    """The closed set of fills."""

    NEIGHBOURS = "neighbours"
    BLUR = "blur"
    MEAN = "mean"
    BLACK = "black"


_BLUR_SHARE = 10
"""The blur's deviation is this part of the edge: lesions go, the outline of the chest stays."""

_COARSE = 16
"""Likeness of pictures is judged on this many cells along an edge: build and height of the slice count, noise does not."""


@dataclass(frozen=True)
class Backgrounds:
    """Makes fills.

    Attributes:
        reference: Pictures without the positive label, shape (pictures, height, width); none: no neighbours to be had.
    """

    reference: Pictures

    @property
    def known(self) -> tuple[Fill, ...]:
        """The fills that can be made."""
        return tuple(fill for fill in Fill if fill is not Fill.NEIGHBOURS or len(self.reference))

    @property
    def judging(self) -> tuple[Fill, Fill]:
        """The two fills of deletion and insertion."""
        return (Fill.NEIGHBOURS, Fill.BLUR) if len(self.reference) else (Fill.BLUR, Fill.MEAN)

    @cached_property
    def _reference(self) -> NDArray[np.float64]:
        """The reference pictures, coarse: hundreds of them, and asked for with every map."""
        return _coarse(self.reference)

    def fills(self, pictures: Pictures, fill: Fill, count: int = 1) -> Pictures:
        """Return what replaces each picture, shape (pictures, fills, height, width).

        Args:
            pictures: Shape (pictures, height, width).
            fill: ``neighbours``: the ``count`` nearest reference pictures; the others give one: the picture without detail,
                its mean brightness everywhere, or 0.
            count: Neighbours, at most as many as there are.

        Raises:
            ValueError: ``neighbours`` without reference pictures.
        """
        match fill:
            case Fill.NEIGHBOURS:
                return self.reference[self._nearest(pictures, count)]
            case Fill.BLUR:
                return blurred(pictures, pictures.shape[-1] / _BLUR_SHARE)[:, None]
            case Fill.MEAN:
                means = pictures.mean(axis=(1, 2), keepdims=True)
                return np.broadcast_to(means, pictures.shape).astype(np.float32)[:, None]
            case Fill.BLACK:
                return np.zeros_like(pictures)[:, None]

    def _nearest(self, pictures: Pictures, count: int) -> NDArray[np.intp]:
        if not len(self.reference):
            raise ValueError("neighbours need reference pictures without the positive label")
        mine, theirs = _coarse(pictures), self._reference
        # |a - b|**2 without the shared |a|**2, which changes no order.
        far = (theirs**2).sum(axis=1) - 2 * mine @ theirs.T
        # A picture that is itself in the reference is no neighbour of its own: nothing would be taken away.
        same = np.abs(far + (mine**2).sum(axis=1)[:, None]) < 1e-9
        return np.argsort(np.where(same, np.inf, far), axis=1, kind="stable")[:, :count]


def _coarse(pictures: Pictures) -> NDArray[np.float64]:
    """Return the means of the cells of a coarse grid, shape (pictures, cells)."""
    count, height, width = pictures.shape
    rows, columns = np.arange(height) * _COARSE // height, np.arange(width) * _COARSE // width
    starts = [np.flatnonzero(np.diff(axis, prepend=-1)) for axis in (rows, columns)]
    sums = np.add.reduceat(np.add.reduceat(pictures, starts[0], axis=1, dtype=np.float64), starts[1], axis=2)
    sizes = np.outer(*(np.diff(first, append=length) for first, length in zip(starts, (height, width), strict=True)))
    means: NDArray[np.float64] = (sums / sizes).reshape(count, sizes.size)
    return means


def blurred(pictures: NDArray[np.floating], deviation: float) -> Pictures:
    """Return pictures blurred by a Gaussian of ``deviation`` pixels, shape (pictures, height, width); edges are continued."""
    reach = max(1, round(3 * deviation))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    weights /= weights.sum()
    down, across = (_smoother(length, weights) for length in pictures.shape[1:])
    soft: Pictures = (down @ pictures @ across.T).astype(np.float32)
    return soft


def _smoother(size: int, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the blur of one axis as a matrix size x size; the weight beyond the edge goes to the edge pixel."""
    reach = len(weights) // 2
    matrix = np.zeros((size, size))
    sources = np.clip(np.arange(size)[:, None] + np.arange(-reach, reach + 1), 0, size - 1)
    np.add.at(matrix, (np.arange(size)[:, None], sources), weights)
    return matrix
