"""Another reconstruction kernel: smoother, or sharper with more noise at the edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.trust.robustness.shifts.picture import Picture


def blurred(picture: Picture, mm: float) -> Picture:
    """Return the picture convolved with a Gaussian of ``mm`` standard deviation, as a softer kernel does."""
    return picture.changed(gaussian(picture.values, picture.pixels(mm)))


def sharpened(picture: Picture, strength: float) -> Picture:
    """Return the picture with its detail below 1.5 mm raised by ``strength`` (unsharp mask), as a lung or bone kernel does."""
    detail = picture.values - gaussian(picture.values, picture.pixels(1.5))
    return picture.changed(picture.values + np.float32(strength) * detail)


def gaussian(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Return ``values`` blurred by ``sigma`` pixels, edges repeated."""
    from scipy import ndimage  # heavy; only blurring needs it

    blurry: NDArray[np.float32] = ndimage.gaussian_filter(values, sigma, mode="nearest", truncate=3.0)
    return blurry
