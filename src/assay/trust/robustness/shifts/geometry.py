"""The patient lies turned, or the field of view is cut."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.trust.robustness.shifts.picture import Picture


def rotated(picture: Picture, degrees: float, random: np.random.Generator) -> Picture:
    """Return the picture turned by ``degrees``, to either side; what comes in from outside is air or black."""
    from PIL import Image  # heavy; only geometry and files need it

    angle = degrees if random.random() < 0.5 else -degrees
    image = Image.fromarray(picture.values)
    turned = image.rotate(angle, Image.Resampling.BILINEAR, fillcolor=picture.darkest)
    return picture.changed(np.asarray(turned))


def cropped(picture: Picture, share: float) -> Picture:
    """Return the picture without ``share`` of its extent at each edge: a smaller field of view."""
    margins = [round(extent * share) for extent in picture.values.shape]
    height, width = picture.values.shape
    kept = picture.values[margins[0] : height - margins[0], margins[1] : width - margins[1]]
    return picture.changed(kept) if kept.size else picture


def zoomed(values: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    """Return ``values`` larger (``factor`` above 1) or smaller around the middle, on the same pixels, edges repeated."""
    rows, columns = (
        np.clip((np.arange(extent) - (extent - 1) / 2) / factor + (extent - 1) / 2, 0, extent - 1)
        for extent in values.shape
    )
    top, left = np.floor(rows).astype(np.intp), np.floor(columns).astype(np.intp)
    below, right = np.minimum(top + 1, values.shape[0] - 1), np.minimum(left + 1, values.shape[1] - 1)
    down, across = (rows - top).astype(np.float32)[:, None], (columns - left).astype(np.float32)[None, :]
    upper = values[np.ix_(top, left)] * (1 - across) + values[np.ix_(top, right)] * across
    lower = values[np.ix_(below, left)] * (1 - across) + values[np.ix_(below, right)] * across
    mixed: NDArray[np.float32] = upper * (1 - down) + lower * down
    return mixed
