"""Take a cue out of a picture and leave the lungs as they are (or take only the lungs out), to see what the model's score loses."""

from __future__ import annotations

import enum
import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from assay.trust.shortcuts.cues import strokes
from assay.trust.shortcuts.regions import EDGE, Regions, enlarged

Picture = NDArray[np.float32]
_STROKE = 0.15
_FRAME = 0.04
_QUALITY = 75


class Removal(enum.StrEnum):
    """The closed set of what can be taken out."""

    TEXT = "burnt-in text painted over"
    OUTSIDE_BODY = "outside of the body blanked"
    BORDERS = "borders cut off"
    FILES = "files harmonised"
    LUNGS = "lungs masked"


HELP = {
    Removal.TEXT: "Bright strokes outside the lungs take the shade of what surrounds them.",
    Removal.OUTSIDE_BODY: "All that surrounds the body becomes as dark as the darkest place.",
    Removal.BORDERS: "A frame of 4 % of each side repeats the pixels next to it.",
    Removal.FILES: "Every picture goes through the same size, 8 bits and JPEG of the same quality.",
    Removal.LUNGS: "Only the chest wall and what surrounds it are left: a model that still tells the truth looks elsewhere.",
}
"""What each removal does to a picture, in a sentence."""


def removed(unit: Picture, parts: Regions, what: Removal) -> Picture:
    """Return a picture without a cue.

    Args:
        unit: In 0..1, height x width of any size.
        parts: Its regions, on a square of ``regions.EDGE`` pixels.
        what: The cue to take out.
    """
    return _WAYS[what](unit, parts)


def _paint_over(unit: Picture, parts: Regions) -> Picture:
    from scipy import ndimage  # heavy; only whoever looks for text needs it

    pen = max(1, round(max(unit.shape) / EDGE))
    outside = ~enlarged(parts.inside, unit.shape)
    written = (strokes(unit, 2 * pen + 1) > _STROKE) & outside
    if not written.any():
        return unit
    written = ndimage.binary_dilation(written, iterations=pen) & outside
    calm = ndimage.grey_opening(unit, size=(5 * pen, 5 * pen))
    return np.where(written, calm, unit)


def _blank_outside(unit: Picture, parts: Regions) -> Picture:
    if not parts.found:
        return np.where(enlarged(parts.body, unit.shape), unit, np.float32(unit.min()))
    return np.where(enlarged(_grown(parts.body), unit.shape), unit, np.float32(unit.min()))


def _grown(body: NDArray[np.bool_]) -> NDArray[np.bool_]:
    from scipy import ndimage  # heavy; only whoever blanks needs it

    grown: NDArray[np.bool_] = ndimage.binary_dilation(body, iterations=1)
    return grown


def _cut_borders(unit: Picture, _parts: Regions) -> Picture:
    margins = [max(1, round(extent * _FRAME)) for extent in unit.shape]
    kept = unit[margins[0] : -margins[0], margins[1] : -margins[1]]
    return np.pad(kept, [(margin, margin) for margin in margins], mode="edge") if kept.size else unit


def _harmonise(unit: Picture, _parts: Regions) -> Picture:
    from PIL import Image  # heavy, and only files need it

    grey = Image.fromarray(np.rint(np.clip(unit, 0, 1) * 255).astype(np.uint8))
    stream = io.BytesIO()
    grey.resize((EDGE, EDGE), Image.Resampling.BILINEAR).save(stream, "JPEG", quality=_QUALITY)
    with Image.open(stream) as again:
        alike = np.asarray(again.resize(grey.size, Image.Resampling.BILINEAR), dtype=np.float32)
    return alike / np.float32(255)


def _mask_lungs(unit: Picture, parts: Regions) -> Picture:
    inside = enlarged(parts.inside, unit.shape)
    wall = enlarged(parts.body, unit.shape) & ~inside
    shade = unit[wall].mean() if wall.any() else unit.mean()
    return np.where(inside, np.float32(shade), unit)


_WAYS: dict[Removal, Callable[[Picture, Regions], Picture]] = {
    Removal.TEXT: _paint_over,
    Removal.OUTSIDE_BODY: _blank_outside,
    Removal.BORDERS: _cut_borders,
    Removal.FILES: _harmonise,
    Removal.LUNGS: _mask_lungs,
}
