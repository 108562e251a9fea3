"""Infidelity (Yeh et al. 2019, arXiv:1901.09392), normalised: does heat forecast what a change costs?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import Ask, Heat, Pictures


@dataclass(frozen=True, slots=True)
class Probes:
    """Random squares of a picture replaced by a fill, and what each cost; one set serves every method.

    Attributes:
        boxes: Top, left, bottom, right of each, shape (probes, 4).
        lost: Log-odds lost, shape (probes,).
    """

    boxes: NDArray[np.intp]
    lost: NDArray[np.float64]


def probes(ask: Ask, picture: Pictures, fill: Pictures, *, count: int, random: np.random.Generator) -> Probes:
    """Replace ``count`` random squares, an eighth to a third of the edge wide, and ask."""
    height, width = picture.shape
    edge = random.integers(max(1, min(height, width) // 8), max(2, min(height, width) // 3), count)
    top, left = random.integers(0, height - edge + 1), random.integers(0, width - edge + 1)
    boxes = np.stack([top, left, top + edge, left + edge], axis=1)
    changed = np.repeat(picture[None], count, axis=0)
    for copy, (y, x, below, right) in zip(changed, boxes, strict=True):
        copy[y:below, x:right] = fill[y:below, x:right]
    return Probes(boxes, float(ask(picture[None])[0]) - ask(changed))


def infidelity(heat: Heat, probed: Probes) -> float:
    """Return the share of the changes that heat does not forecast, 0..1; 1 for a map that forecasts nothing.

    ``min over b >= 0 of mean((b * heat_in_box - lost) ** 2) / mean(lost ** 2)``: the best scale is granted, because infidelity
    as published grows with the map's brightness and compares no two methods. A map that forecasts the opposite gets 1.
    """
    corner = np.pad(heat.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    top, left, bottom, right = probed.boxes.T
    inside = corner[bottom, right] - corner[top, right] - corner[bottom, left] + corner[top, left]
    product, power = float(inside @ probed.lost), float(inside @ inside) * float(probed.lost @ probed.lost)
    return 1.0 if product <= 0 or power <= 0 else max(0.0, 1.0 - product**2 / power)
