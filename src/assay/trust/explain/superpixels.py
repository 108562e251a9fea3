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


def answered(
    ask: Ask, picture: Pictures, fills: Pictures, parts: NDArray[np.intp], shown: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the model's answer to each row of ``shown``, its hidden parts replaced.

    Args:
        ask: The model.
        picture: Shape (height, width).
        fills: What hidden parts show, shape (fills, height, width); rows take turns with them.
        parts: Part of each pixel, shape (height, width).
        shown: Shape (rows, parts).
    """
    answers = np.empty(len(shown))
    # Rows of pixels that meet the same parts are looked up once: an index a pixel would be the dearest step of all.
    new = np.append([True], (parts[1:] != parts[:-1]).any(axis=1))
    short, which = parts[new], np.cumsum(new) - 1
    # Pixels as bits: what a hidden part changes is one "and" and one "exclusive or", exact, and half the time of a masked copy.
    whole, under = (np.ascontiguousarray(each, dtype=np.float32).view(np.uint32) for each in (picture, fills))
    change = whole ^ under
    hidden = np.where(shown, np.uint32(0), ~np.uint32(0))
    # The same array for every batch: the page faults of new ones cost a tenth of what a small network computes.
    made = np.empty((BATCH, *picture.shape), dtype=np.uint32)
    for start in range(0, len(shown), BATCH):
        rows = hidden[start : start + BATCH]
        count = len(rows)
        np.take(rows[:, short], which, axis=1, out=made[:count], mode="clip")
        for row, bits in enumerate(made[:count], start):
            np.bitwise_and(bits, change[row % len(fills)], out=bits)
            np.bitwise_xor(bits, whole, out=bits)
        answers[start : start + count] = ask(made[:count].view(np.float32))
    return answers


def painted(weights: NDArray[np.float64], parts: NDArray[np.intp]) -> Heat:
    """Return heat that spreads each part's weight over its pixels, so that its sum is the sum of the weights."""
    share: Heat = (weights / np.bincount(parts.ravel(), minlength=len(weights)))[parts]
    return share
