"""Square attack: a random search that asks only for scores (Andriushchenko et al. 2020, arXiv:1912.00049)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

BlackBox = Callable[[NDArray[np.float32]], NDArray[np.float64]]
"""Pixels N x 1 x H x W in 0..1 to the signed margin, shape (N,): at least 0 means called positive."""

_FIRST_SHARE = 0.8
_HALVINGS = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)
_BUDGET_OF_PAPER = 10_000


def square(
    margin: BlackBox,
    pixels: NDArray[np.float32],
    truth: NDArray[np.bool_],
    budget: float,
    *,
    queries: int = 200,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Return pixels changed by squares of ± ``budget`` (L-inf), each kept when it brings the decision nearer to wrong.

    Args:
        margin: The decision, as a black box.
        pixels: N x 1 x H x W in 0..1.
        truth: Booleans, shape (N,).
        budget: Largest change of a pixel.
        queries: Questions a picture, at most.
        seed: Of the search.
    """
    random = np.random.default_rng(seed)
    count, _, height, width = pixels.shape
    stripes = random.choice(np.array([-budget, budget], dtype=np.float32), (count, 1, 1, width))
    best: NDArray[np.float32] = np.clip(pixels + stripes, 0, 1).astype(np.float32)
    value = margin(best)
    gap = np.where(truth, value, -value)
    for query in range(1, queries):
        rows = np.flatnonzero((value >= 0) == truth)
        if not len(rows):
            break
        side = max(1, round(np.sqrt(_share(query, queries) * height * width)))
        side = min(side, height, width)
        tried = best[rows].copy()
        for place, row in enumerate(rows):
            top, left = int(random.integers(height - side + 1)), int(random.integers(width - side + 1))
            sign = np.float32(random.choice([-budget, budget]))
            part = (slice(None), slice(top, top + side), slice(left, left + side))
            tried[place][part] = np.clip(pixels[row][part] + sign, 0, 1)
        answer = margin(tried)
        nearer = np.where(truth[rows], answer, -answer)
        won = nearer < gap[rows]
        best[rows[won]], gap[rows[won]], value[rows[won]] = tried[won], nearer[won], answer[won]
    return best


def _share(query: int, queries: int) -> float:
    """Return the share of the picture that a square covers; the schedule of the paper, drawn together to ``queries``."""
    at = query / queries * _BUDGET_OF_PAPER
    return float(_FIRST_SHARE / 2 ** sum(at > bound for bound in _HALVINGS))
