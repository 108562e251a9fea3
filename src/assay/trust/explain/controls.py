"""Control rows: maps that know nothing of the model. A method that is no better than these explains nothing."""

from __future__ import annotations

import enum

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import Pictures


class Control(enum.StrEnum):
    """The closed set of controls."""

    RANDOM = "random"
    INTENSITY = "intensity"
    EDGES = "edges"


def control_heat(pictures: Pictures, control: Control, random: np.random.Generator) -> NDArray[np.float64]:
    """Return the control's heat, shape (pictures, height, width).

    ``random``: uniform noise; ``intensity``: the picture itself; ``edges``: the size of its Sobel gradient, which a map has
    to beat because the eye takes edges for an explanation (Adebayo et al. 2018, arXiv:1810.03292).
    """
    match control:
        case Control.RANDOM:
            return random.random(pictures.shape)
        case Control.INTENSITY:
            return pictures.astype(np.float64)
        case Control.EDGES:
            return _sobel(pictures.astype(np.float64))


def _sobel(pictures: NDArray[np.float64]) -> NDArray[np.float64]:
    ringed = np.pad(pictures, ((0, 0), (1, 1), (1, 1)), mode="edge")
    down, across = ringed[:, 2:] - ringed[:, :-2], ringed[:, :, 2:] - ringed[:, :, :-2]
    vertical = down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:]
    horizontal = across[:, :-2] + 2 * across[:, 1:-1] + across[:, 2:]
    return np.hypot(vertical, horizontal)
