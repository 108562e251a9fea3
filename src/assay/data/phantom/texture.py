"""Smooth random fields."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def smooth_field(rng: np.random.Generator, size: int, knots: int) -> NDArray[np.float32]:
    """Return a random field, size x size, about zero mean and unit spread, that varies over ``knots`` cells an edge."""
    from PIL import Image  # heavy; kept out of `import assay.data`

    coarse = rng.standard_normal((knots + 2, knots + 2), dtype=np.float32)
    zoomed = Image.fromarray(coarse).resize((size, size), Image.Resampling.BICUBIC, box=(1, 1, knots + 1, knots + 1))
    return np.asarray(zoomed) * np.float32(1.35)
