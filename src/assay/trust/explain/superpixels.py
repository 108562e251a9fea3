"""Parts of a picture that are shown or hidden as one: a grid of squares.

A grid, because the colour segmentation that the ``lime`` package uses by default finds five or six segments in a small grey
picture, none of them near a lesion. Its cells have a size that is known, and a lesion's size can be held against it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import BATCH, Ask, Heat, Pictures


def grid(shape: tuple[int, int], cell: int) -> NDArray[np.intp]:
    """Return the part that each pixel belongs to, numbered from 0 row by row; cells at the edge may be smaller."""
    rows, columns = (np.arange(length) // cell for length in shape)
    numbers: NDArray[np.intp] = rows[:, None] * (columns[-1] + 1) + columns[None, :]
    return numbers


def composed(picture: Pictures, fills: Pictures, parts: NDArray[np.intp], shown: NDArray[np.bool_]) -> Pictures:
    """Return a picture a row of ``shown``, its hidden parts replaced.

    Args:
        picture: Shape (height, width).
        fills: What hidden parts show: one for all rows, or one a row; shape (1 or rows, height, width).
        parts: Part of each pixel, shape (height, width).
        shown: Shape (rows, parts).
    """
    return np.where(shown[:, parts], picture, fills)


def answered(
    ask: Ask, picture: Pictures, fills: Pictures, parts: NDArray[np.intp], shown: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the model's answer to each row of ``shown``; never more than a batch of pictures is in memory.

    Args:
        ask: The model.
        picture: Shape (height, width).
        fills: Shape (fills, height, width); rows take turns with them.
        parts: Part of each pixel, shape (height, width).
        shown: Shape (rows, parts).
    """
    answers = []
    for start in range(0, len(shown), BATCH):
        rows = shown[start : start + BATCH]
        turn = fills if len(fills) == 1 else fills[np.arange(start, start + len(rows)) % len(fills)]
        answers.append(ask(composed(picture, turn, parts, rows)))
    return np.concatenate(answers)


def painted(weights: NDArray[np.float64], parts: NDArray[np.intp]) -> Heat:
    """Return heat that spreads each part's weight over its pixels, so that its sum is the sum of the weights."""
    share: Heat = (weights / np.bincount(parts.ravel(), minlength=len(weights)))[parts]
    return share
