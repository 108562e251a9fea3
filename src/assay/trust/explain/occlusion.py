"""Occlusion (Zeiler and Fergus 2014, arXiv:1311.2901), a batch of windows a call of the model."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import BATCH, Ask, Heat, Pictures


def places(size: int, window: int, stride: int) -> list[int]:
    """Return the first pixel of each window along an edge; the last window ends at the edge."""
    last = max(0, size - window)
    return sorted({*range(0, last + 1, stride), last})


def occlude(ask: Ask, picture: Pictures, fills: Pictures, *, window: int, stride: int) -> Heat:
    """Return how much log-odds each pixel's surroundings carry: the mean loss over the windows that cover it.

    Args:
        ask: The model.
        picture: Shape (height, width).
        fills: What a covered part shows, shape (fills, height, width); the loss is their mean.
        window: Edge of a window in pixels.
        stride: Pixels between two windows, at most ``window``, so that no pixel stays uncovered.
    """
    height, width = picture.shape
    corners = list(product(places(height, window, stride), places(width, window, stride)))
    lost = np.zeros(len(corners))
    for fill in fills:
        lost += float(ask(picture[None])[0]) - _covered(ask, picture, fill, corners, window)
    heat, cover = np.zeros((height, width)), np.zeros((height, width))
    for loss, (y, x) in zip(lost / len(fills), corners, strict=True):
        heat[y : y + window, x : x + window] += loss
        cover[y : y + window, x : x + window] += 1
    return heat / cover


def _covered(
    ask: Ask, picture: Pictures, fill: Pictures, corners: list[tuple[int, int]], window: int
) -> NDArray[np.float64]:
    answers = np.empty(len(corners))
    for start in range(0, len(corners), BATCH):
        batch = corners[start : start + BATCH]
        copies = np.repeat(picture[None], len(batch), axis=0)
        for copy, (y, x) in zip(copies, batch, strict=True):
            copy[y : y + window, x : x + window] = fill[y : y + window, x : x + window]
        answers[start : start + len(batch)] = ask(copies)
    return answers
