"""Shortcut markers burnt into a slice: what a network may learn instead of the lesion."""

from __future__ import annotations

import enum

import numpy as np
from numpy.typing import NDArray


class Marker(enum.StrEnum):
    """What is burnt in."""

    NONE = "none"
    TEXT = "text"
    CLIP = "clip"
    RING = "ring"


_LETTER_R = np.array(
    [
        [1, 1, 1, 1, 0],
        [1, 0, 0, 0, 1],
        [1, 0, 0, 0, 1],
        [1, 1, 1, 1, 0],
        [1, 0, 1, 0, 0],
        [1, 0, 0, 1, 0],
        [1, 0, 0, 0, 1],
    ],
    dtype=bool,
)
_BRIGHT = {Marker.TEXT: 1200.0, Marker.CLIP: 2600.0, Marker.RING: 1800.0}


def shape_of(marker: Marker, size: int) -> NDArray[np.bool_]:
    """Return a marker's pixels in its bounding box, for a picture of ``size`` pixels an edge."""
    scale = max(1, round(size / 128))
    if marker is Marker.TEXT:
        return np.kron(_LETTER_R, np.ones((scale, scale), dtype=bool))
    if marker is Marker.CLIP:
        return np.ones((scale, 5 * scale), dtype=bool)
    axis = np.arange(9 * scale) - (9 * scale - 1) / 2
    radius = np.hypot(axis[:, None], axis[None, :]) / scale
    ring: NDArray[np.bool_] = (radius < 4.5) & (radius > 2.8)
    return ring


def burn(
    pixels: NDArray[np.float32], marker: Marker, *, varied: bool, rng: np.random.Generator
) -> tuple[int, int, int, int]:
    """Burn a marker into ``pixels`` (HU, changed in place) and return its box: left, top, right, bottom in pixels.

    A fixed marker stands in the upper left corner (text, ring) or over the right chest wall (clip); a varied one
    anywhere in the upper quarter of the picture.
    """
    size = len(pixels)
    shape = shape_of(marker, size)
    height, width = shape.shape
    if varied:
        left, top = int(rng.uniform(0.04, 0.96 - width / size) * size), int(rng.uniform(0.02, 0.22) * size)
    else:
        x, y = (0.20, 0.30) if marker is Marker.CLIP else (0.06, 0.05)
        left, top = round(x * size), round(y * size)
    region = pixels[top : top + height, left : left + width]
    region[shape] = _BRIGHT[marker]
    return left, top, left + width, top + height
