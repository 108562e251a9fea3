"""Smooth random fields."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FINE = 20
"""From this many knots on, bilinear interpolation looks as smooth as bicubic and costs half."""


def smooth_field(rng: np.random.Generator, size: int, knots: int) -> NDArray[np.float32]:
    """Return a random field, size x size, about zero mean and unit spread, that varies over ``knots`` cells an edge."""
    from PIL import Image  # heavy; kept out of `import assay.data`

    coarse = rng.standard_normal((knots + 2, knots + 2), dtype=np.float32)
    smoothly = Image.Resampling.BICUBIC if knots < _FINE else Image.Resampling.BILINEAR
    zoomed = Image.fromarray(coarse).resize((size, size), smoothly, box=(1, 1, knots + 1, knots + 1))
    return np.asarray(zoomed) * np.float32(1.35)
