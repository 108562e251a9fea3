"""Kernel SHAP (Lundberg and Lee 2017, arXiv:1705.07874): Shapley values as a weighted regression over coalitions.

Coalitions come in pairs with their complements (Covert and Lee 2021, arXiv:2012.01536), which halves the noise for nothing;
with few players all of them are asked, and the values are exact.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import Ask, Heat, Pictures
from assay.trust.explain.superpixels import answered, painted

Worth = Callable[[NDArray[np.bool_]], NDArray[np.float64]]
"""Coalitions, shape (rows, players), to what each is worth, shape (rows,)."""


def shapley(worth: Worth, players: int, *, samples: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return the Shapley value of each player, shape (players,); they sum to worth(all) - worth(none) exactly.

    Args:
        worth: What coalitions are worth.
        players: How many, at least 1.
        samples: Coalitions asked about, at most; all of them when there are no more.
        random: Source of chance.
    """
    ends = np.array([np.zeros(players, bool), np.ones(players, bool)])
    none, everybody = worth(ends)
    if players == 1:
        return np.array([everybody - none])
    shown, weights = _coalitions(players, samples, random)
    return _solved(shown, worth(shown) - none, weights, float(everybody - none))


def _coalitions(
    players: int, samples: int, random: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    sizes = np.arange(1, players)
    # The Shapley kernel summed over all coalitions of a size.
    mass = (players - 1) / (sizes * (players - sizes))
    if players < 31 and 2**players - 2 <= samples:
        numbers = np.arange(1, 2**players - 1)
        shown = (numbers[:, None] >> np.arange(players)) & 1 == 1
        count = shown.sum(axis=1)
        return shown, mass[count - 1] / np.bincount(count, minlength=players)[count]
    pairs = max(1, samples // 2)
    drawn = random.choice(sizes, size=pairs, p=mass / mass.sum())
    ranks = random.random((pairs, players)).argsort(axis=1).argsort(axis=1)
    half = ranks < drawn[:, None]
    return np.concatenate([half, ~half]), np.ones(2 * pairs)


def _solved(
    shown: NDArray[np.bool_], gains: NDArray[np.float64], weights: NDArray[np.float64], total: float
) -> NDArray[np.float64]:
    """Weighted least squares whose coefficients sum to ``total``; the least norm where coalitions are too few."""
    root = np.sqrt(weights)[:, None]
    design = (shown[:, :-1].astype(np.float64) - shown[:, -1:]) * root
    target = (gains - shown[:, -1] * total) * root[:, 0]
    first, *_ = np.linalg.lstsq(design, target, rcond=None)
    return np.append(first, total - first.sum())


def kernel_shap(
    ask: Ask,
    picture: Pictures,
    fills: Pictures,
    parts: NDArray[np.intp],
    *,
    samples: int,
    random: np.random.Generator,
) -> Heat:
    """Return the Shapley value of each superpixel, spread over its pixels.

    Args:
        ask: The model.
        picture: Shape (height, width).
        fills: What absent parts show, shape (fills, height, width); coalitions take turns with them.
        parts: Part of each pixel.
        samples: Coalitions asked about.
        random: Source of chance.
    """
    values = shapley(
        lambda shown: answered(ask, picture, fills, parts, shown), int(parts.max()) + 1, samples=samples, random=random
    )
    return painted(values, parts)
