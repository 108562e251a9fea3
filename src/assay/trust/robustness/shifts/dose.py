"""Less dose: more noise, coloured as filtered back-projection colours it."""

from __future__ import annotations

import numpy as np

from assay.trust.robustness.shifts.picture import Picture

FULL_DOSE_NOISE = 12.0
"""Standard deviation in HU of the noise that is in the picture already: a usual chest CT."""


def low_dose(picture: Picture, share: float, random: np.random.Generator) -> Picture:
    """Return the picture as taken with ``share`` of its dose (0..1).

    Noise variance goes with 1 / dose, so noise of variance (1 / share - 1) times that of full dose is added. Its power rises
    with frequency like the ramp filter and falls towards the edge of what the kernel passes (Riederer, Pelc and Chesler 1978).
    """
    height, width = picture.values.shape
    down, across = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]
    squared = down**2 + across**2
    colour = np.sqrt(np.sqrt(squared)) * np.exp(-squared / (2 * 0.25**2))
    noise = np.fft.irfft2(np.fft.rfft2(random.standard_normal((height, width))) * colour, (height, width))
    spread = picture.amount(FULL_DOSE_NOISE) * np.sqrt(1 / share - 1)
    return picture.changed(picture.values + noise * (spread / max(float(noise.std()), 1e-12)))
