"""Another level or another width of the grey scale: calibration, contrast medium, the window an archive saved."""

from __future__ import annotations

import numpy as np

from assay.trust.robustness.shifts.picture import Picture


def levelled(picture: Picture, hu: float) -> Picture:
    """Return the picture brighter by ``hu`` Hounsfield units (grey: by that share of the lung window's 1500 HU)."""
    return picture.changed(picture.values + np.float32(picture.amount(hu)))


def widened(picture: Picture, factor: float) -> Picture:
    """Return the picture as a window ``factor`` times as wide shows it: contrast divided by ``factor`` around the middle."""
    middle = picture.window[0] if picture.hounsfield else 0.5
    return picture.changed((picture.values - np.float32(middle)) / np.float32(factor) + np.float32(middle))
