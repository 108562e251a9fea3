"""Heat as a picture: an overlay a map, and a gallery of hits and errors drawn by lot."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import Heat, Pictures

FOR, AGAINST, OUTLINE = (214, 39, 40), (31, 119, 180), (255, 221, 51)
"""Colours of heat that speaks for the positive label, of heat against it, and of a mask's edge."""
_FAULT = (122, 31, 31)
_STRONGEST = 0.65
_TILE, _GAP, _HEAD = 160, 6, 20
_PREVIEW_QUALITY = 60


def overlay(picture: Pictures, heat: Heat, mask: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
    """Return the picture with heat over it, shape (height, width, 3): red speaks for the label, blue against, yellow rings the mask.

    Opacity is the size of the heat over the largest of this map: two maps do not share a scale.

    Args:
        picture: Shape (height, width), 0..1.
        heat: Shape (height, width).
        mask: Where the lesion is.
    """
    strength = np.abs(heat) / max(float(np.abs(heat).max()), 1e-12) * _STRONGEST
    colour = np.where((heat > 0)[..., None], FOR, AGAINST)
    grey = np.repeat((picture * 255)[..., None], 3, axis=2)
    shown = grey * (1 - strength[..., None]) + colour * strength[..., None]
    if mask is not None and mask.any():
        shown[rim(mask)] = OUTLINE
    return np.clip(shown, 0, 255).astype(np.uint8)


def rim(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels of a mask, shape (height, width), that have a neighbour outside it."""
    ringed = np.pad(mask, 1)
    inner = ringed[:-2, 1:-1] & ringed[2:, 1:-1] & ringed[1:-1, :-2] & ringed[1:-1, 2:]
    edge: NDArray[np.bool_] = mask & ~inner
    return edge


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return pixels, shape (height, width, 3), or 4 with opacity, as a PNG file's content."""
    from PIL import Image  # only who writes pictures needs it

    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "png")
    return stream.getvalue()


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of a gallery: a heading and its overlays."""

    heading: str
    tiles: Sequence[NDArray[np.uint8]]


def gallery(title: str, strips: Sequence[Strip], *, fault: str = "") -> tuple[bytes, bytes]:
    """Return the gallery as a PNG file's content and, small enough for a preview, as a JPEG's.

    Args:
        title: First line.
        strips: Rows; an empty one says that there is none of its kind.
        fault: Why the method must not be believed; stands in a red bar above the pictures.
    """
    from PIL import Image, ImageDraw  # as above

    across = max(4, *(len(strip.tiles) for strip in strips))
    width = across * (_TILE + _GAP) + _GAP
    top = 2 * _HEAD + (2 * _HEAD if fault else 0)
    height = top + sum(_HEAD + (_TILE + _GAP if strip.tiles else _HEAD) for strip in strips)
    sheet = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((_GAP, _GAP), _fitting(title, width), fill="black")
    if fault:
        pen.rectangle((0, _HEAD + _GAP, width, _HEAD + _GAP + 2 * _HEAD), fill=_FAULT)
        pen.text((_GAP, _HEAD + 2 * _GAP), "FAILS ITS CONTROLS: do not read these maps as an explanation", fill="white")
        pen.text((_GAP, 2 * _HEAD + 2 * _GAP), _fitting(fault, width), fill="white")
    for strip in strips:
        pen.text((_GAP, top + 2), strip.heading + ("" if strip.tiles else ": none"), fill="black")
        top += _HEAD
        for place, tile in enumerate(strip.tiles):
            sized = Image.fromarray(tile).resize((_TILE, _TILE), Image.Resampling.BILINEAR)
            sheet.paste(sized, (_GAP + place * (_TILE + _GAP), top))
        top += _TILE + _GAP if strip.tiles else _HEAD
    whole, small = io.BytesIO(), io.BytesIO()
    sheet.save(whole, "png", optimize=True)
    sheet.save(small, "jpeg", quality=_PREVIEW_QUALITY)
    return whole.getvalue(), small.getvalue()


def _fitting(text: str, width: int) -> str:
    most = width // 6
    return text if len(text) <= most else text[: most - 1] + "…"
