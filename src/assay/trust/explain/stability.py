"""Does a map stay when what should not matter changes: a hardly visible change of the picture, another seed?"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import Explain, Pictures
from assay.trust.explain.likeness import spearman

RADIUS = 0.02
"""Largest change of a pixel in 0..1: 30 HU of the lung window, less than the noise of a low-dose scan."""


def max_sensitivity(
    explain: Explain, pictures: Pictures, heat: NDArray[np.float64], *, draws: int, seed: int, radius: float = RADIUS
) -> NDArray[np.float64]:
    """Return max-sensitivity (Yeh et al. 2019, arXiv:1901.09392) of each picture, relative to the map's size.

    The largest ``|heat(x + d) - heat(x)| / |heat(x)|`` over ``draws`` random d within ``radius``; 0 is steady. The method's
    own seed stays, so that its chance is not taken for sensitivity.

    Args:
        explain: The method.
        pictures: Shape (pictures, height, width).
        heat: Of these pictures with ``seed``.
        draws: Changes tried.
        seed: Of the method and of the changes.
        radius: Largest change of a pixel.
    """
    random = np.random.default_rng([seed, 3])
    size = np.linalg.norm(heat, axis=(1, 2))
    worst = np.zeros(len(pictures))
    for _ in range(draws):
        change = random.uniform(-radius, radius, pictures.shape).astype(np.float32)
        moved = explain(np.clip(pictures + change, 0.0, 1.0), seed)
        worst = np.maximum(worst, np.linalg.norm(moved - heat, axis=(1, 2)) / np.maximum(size, 1e-12))
    return worst


def repeatability(
    explain: Explain, pictures: Pictures, heat: NDArray[np.float64], seeds: list[int]
) -> NDArray[np.float64]:
    """Return the mean rank correlation between the maps of different seeds, one figure a picture; 1 repeats exactly."""
    runs = [heat, *(explain(pictures, seed) for seed in seeds)]
    pairs = list(combinations(runs, 2))
    return np.array([np.mean([spearman(one[row], other[row]) for one, other in pairs]) for row in range(len(pictures))])
