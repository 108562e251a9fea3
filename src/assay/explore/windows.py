"""Pixels of any depth as greys of a screen: by a window in Hounsfield units, by percentiles, or over their whole range."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.data.images import LUNG_WINDOW, SOFT_WINDOW
from assay.data.reading import Intensity
from assay.errors import NotFound

_TAILS = (1.0, 99.0)


class Window(enum.StrEnum):
    """How pixels become greys."""

    AUTO = "auto"
    LUNG = "lung"
    MEDIASTINUM = "mediastinum"
    PERCENTILES = "percentiles"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Greys:
    """What a screen shows.

    Attributes:
        shares: 0 black to 1 white, height x width.
        window: What was taken; never ``auto``.
        low, high: What is black and what is white, in ``unit``.
        unit: ``HU``, or empty: the share of the largest number that the file can hold.
    """

    shares: NDArray[np.float32]
    window: Window
    low: float
    high: float
    unit: str


def greys(values: NDArray[np.float32], intensity: Intensity, window: Window, *, deep: bool) -> Greys:
    """Return pixels as greys.

    Args:
        values: Hounsfield units, or grey in 0..1, height x width.
        intensity: Which of them.
        window: ``auto``: the lung window for Hounsfield units (level -600, width 1500), percentiles for deep greys, all of them for others.
            ``mediastinum``: level 40, width 400. ``percentiles``: the 1st is black, the 99th white. ``full``: the smallest is black, the
            largest white; for greys 0 and 1.
        deep: Whether there are more than 8 bits: such a picture often uses few of its greys, and looks black.

    Raises:
        NotFound: A window in Hounsfield units of a picture that has none.
    """
    hounsfield = intensity is Intensity.HOUNSFIELD
    if window is Window.AUTO:
        window = Window.LUNG if hounsfield else Window.PERCENTILES if deep else Window.FULL
    low, high = _ends(values, window, hounsfield=hounsfield)
    scaled = (values - np.float32(low)) / np.float32(max(high - low, 1e-6))
    return Greys(np.clip(scaled, 0, 1).astype(np.float32), window, low, high, "HU" if hounsfield else "")


def _ends(values: NDArray[np.float32], window: Window, *, hounsfield: bool) -> tuple[float, float]:
    if window in {Window.LUNG, Window.MEDIASTINUM}:
        if not hounsfield:
            raise NotFound(
                "this picture holds no Hounsfield units", culprit=str(window), hint="choose percentiles, or all greys"
            )
        level, width = LUNG_WINDOW if window is Window.LUNG else SOFT_WINDOW
        return level - width / 2, level + width / 2
    if window is Window.PERCENTILES:
        low, high = np.percentile(values, _TAILS)
        if high > low:
            return float(low), float(high)
    return (float(values.min()), float(values.max())) if hounsfield else (0.0, 1.0)
