"""LIME (Ribeiro et al. 2016, arXiv:1602.04938) on superpixels: random hiding, weights by closeness, ridge in closed form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import Ask, Heat, Pictures
from assay.trust.explain.superpixels import answered, painted

KERNEL_WIDTH = 0.25
"""Of the exponential kernel over cosine distance; what the ``lime`` package takes for pictures."""


def masks(parts: int, samples: int, random: np.random.Generator) -> NDArray[np.bool_]:
    """Return which parts are shown in each sample, shape (samples, parts); the first row shows all."""
    shown = random.random((samples, parts)) < 0.5
    shown[0] = True
    return shown


def closeness(shown: NDArray[np.bool_], width: float = KERNEL_WIDTH) -> NDArray[np.float64]:
    """Return the weight of each sample: exp(-d**2 / width**2) ** 0.5 of its cosine distance d to the whole picture."""
    distance = 1.0 - np.sqrt(shown.mean(axis=1))
    near: NDArray[np.float64] = np.sqrt(np.exp(-((distance / width) ** 2)))
    return near


def ridge(
    shown: NDArray[np.bool_], answers: NDArray[np.float64], weights: NDArray[np.float64], penalty: float = 1.0
) -> NDArray[np.float64]:
    """Return the coefficients of a weighted ridge regression with a free intercept, shape (parts,).

    Args:
        shown: Shape (samples, parts).
        answers: Of the model, shape (samples,).
        weights: Of the samples, not negative.
        penalty: On the squared coefficients.
    """
    share = weights / weights.sum()
    # Single precision would do for the products, but the sums over a thousand samples lose digits in it.
    centred = shown - share @ shown
    scaled = centred * weights[:, None]
    normal = scaled.T @ centred
    normal[np.diag_indices_from(normal)] += penalty
    return np.linalg.solve(normal, scaled.T @ (answers - share @ answers))


def lime(
    ask: Ask,
    picture: Pictures,
    fills: Pictures,
    parts: NDArray[np.intp],
    *,
    samples: int,
    random: np.random.Generator,
    penalty: float = 1.0,
) -> Heat:
    """Return LIME's coefficient of each part, spread over its pixels.

    Args:
        ask: The model.
        picture: Shape (height, width).
        fills: What hidden parts show, shape (fills, height, width); samples take turns with them.
        parts: Part of each pixel.
        samples: Pictures asked about.
        random: Source of chance.
        penalty: Of the ridge.
    """
    shown = masks(int(parts.max()) + 1, samples, random)
    answers = answered(ask, picture, fills, parts, shown)
    return painted(ridge(shown, answers, closeness(shown), penalty), parts)
