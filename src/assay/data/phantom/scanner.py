"""From tissue to picture: blur by kernel and slice thickness, correlated noise by dose, and the field of view."""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

from assay.data.phantom.canvas import Frame
from assay.data.phantom.person import Kernel, Scanner, Vendor

LOWEST, HIGHEST = -1024.0, 3071.0

_BLUR_MM = {Kernel.SOFT: 0.85, Kernel.MEDIUM: 0.55, Kernel.SHARP: 0.30}
_BOOST = {Kernel.SOFT: 0.0, Kernel.MEDIUM: 0.12, Kernel.SHARP: 0.55}
_NOISE_HU = {Kernel.SOFT: 11.0, Kernel.MEDIUM: 17.0, Kernel.SHARP: 32.0}


def noise_level(scanner: Scanner) -> float:
    """Return the noise's standard deviation in HU in the middle of a usual chest."""
    dose = scanner.mas / 100 * math.pow(scanner.kv / 120, 2.4)
    return _NOISE_HU[scanner.kernel] / math.sqrt(dose) * math.pow(2.5 / scanner.slice_mm, 0.3)


def acquire(
    tissue: NDArray[np.float32], scanner: Scanner, frame: Frame, bulk: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return what the scanner makes of a slice, in HU.

    Noise is drawn in the frequency domain with a power spectrum that rises like the reconstruction's ramp filter and
    falls with the kernel (Riederer, Pelc and Chesler, 1978), and is stronger where the body is thick.

    Args:
        tissue: HU, size x size.
        scanner: Settings.
        frame: Pixel spacing.
        bulk: How much body the rays cross, about 1 in the middle, size x size.
        rng: Source of chance.
    """
    size = frame.size
    passed, colour = _filters(scanner.kernel, scanner.slice_mm, frame.spacing, size)
    white = rng.standard_normal((size, size // 2 + 1, 2), dtype=np.float32)
    waves = white.view(np.complex64)[..., 0] * colour
    noise = np.fft.irfft2(waves, (size, size)) * np.float32(noise_level(scanner))
    picture = np.fft.irfft2(np.fft.rfft2(tissue) * passed, (size, size)) + noise * bulk
    clipped: NDArray[np.float32] = np.clip(picture, LOWEST, HIGHEST).astype(np.float32)
    if scanner.vendor is Vendor.B:
        clipped[_outside(size)] = LOWEST
    return clipped


@functools.lru_cache(maxsize=4)
def _filters(
    kernel: Kernel, slice_mm: float, spacing: float, size: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what passes of each frequency, and the colour of noise of unit spread; an examination shares them."""
    fy = np.fft.fftfreq(size, spacing).astype(np.float32)[:, None]
    fx = np.fft.rfftfreq(size, spacing).astype(np.float32)[None, :]
    squared = fx * fx + fy * fy
    blur = math.hypot(_BLUR_MM[kernel], 0.16 * slice_mm)
    passed = np.exp(squared * np.float32(-2 * (math.pi * blur) ** 2)).astype(np.float32)
    if boost := _BOOST[kernel]:
        peak = squared / np.float32(0.22**2)
        passed = (passed * (1 + np.float32(boost) * peak * np.exp(1 - peak))).astype(np.float32)
    nyquist = np.float32(0.5 / spacing)
    ramp = np.sqrt(np.sqrt(squared)) * np.exp(squared * (np.float32(-1.6) / (nyquist * nyquist))) * np.sqrt(passed)
    twice = np.full(ramp.shape[1], 2.0)
    twice[[0, -1]] = 1.0
    spread = math.sqrt(float((2 * ramp.astype(np.float64) ** 2 * twice).sum())) / size**2
    return passed.astype(np.float32), (ramp / np.float32(spread)).astype(np.float32)


def _outside(size: int) -> NDArray[np.bool_]:
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size - 0.5
    return axis[None, :] ** 2 + axis[:, None] ** 2 > 0.25
