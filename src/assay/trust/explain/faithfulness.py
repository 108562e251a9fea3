"""Deletion and insertion (Petsiuk et al. 2018, arXiv:1806.07421): does the score follow the heat?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import Ask, Heat, Pictures, probability

STEPS = 24
"""Parts in which a picture is taken away; the curve's area is steady from about 20."""


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """Mean probability of the positive label while the hottest pixels go, or come.

    Attributes:
        deletion: Low when the hottest pixels carry the score, 0..1.
        insertion: High when the hottest pixels suffice for it, 0..1.
    """

    deletion: float
    insertion: float


def ranked(heat: Heat, random: np.random.Generator) -> NDArray[np.intp]:
    """Return pixel numbers by descending heat; ties in random order, because raster order is a place too."""
    flat = heat.ravel()
    return np.lexsort((random.random(flat.size), -flat))


def turns(heat: Heat, random: np.random.Generator, steps: int = STEPS) -> NDArray[np.intp]:
    """Return the step, from 0, at which each pixel goes, hottest first, shape (height, width): one order serves every fill.

    Args:
        heat: Shape (height, width).
        random: For ties.
        steps: Parts.
    """
    order = ranked(heat, random)
    when = np.empty(order.size, dtype=np.intp)
    when[order] = np.arange(order.size) * steps // order.size
    return when.reshape(heat.shape)


def faithfulness(
    ask: Ask, picture: Pictures, fill: Pictures, when: NDArray[np.intp], steps: int = STEPS
) -> Faithfulness:
    """Take pixels away, hottest first, and put them into the fill, hottest first.

    Args:
        ask: The model.
        picture: Shape (height, width).
        fill: What takes their place, shape (height, width).
        when: Of ``turns`` with as many steps.
        steps: Parts.
    """
    gone = when[None] < np.arange(steps + 1)[:, None, None]
    taken = probability(ask(np.where(gone, fill, picture)))
    given = probability(ask(np.where(gone, picture, fill)))
    return Faithfulness(_area(taken), _area(given))


def _area(curve: NDArray[np.float64]) -> float:
    return float(np.trapezoid(curve) / (len(curve) - 1))
