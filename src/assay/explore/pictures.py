"""Pictures for a browser: an image in its window, heat and masks as layers that can be seen through."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.images import is_deep, is_inside, load_mask, load_pixels, load_values, read_meta
from assay.errors import NotFound
from assay.explore.windows import Window, greys
from assay.training.predictor import ModelFacts
from assay.trust.explain.asking import Heat
from assay.trust.explain.heatmaps import Heatmaps, read_heatmaps
from assay.trust.explain.picturing import AGAINST, FOR, OUTLINE, png, rim

_MOST_PIXELS = 1 << 22
"""A larger picture is made smaller before anything is done with it."""

_INSIDE = 60
"""Opacity of a mask inside its outline, of 255: what lies below stays visible."""


def picture(folder: Path, name: str, model: str | None, edge: int) -> bytes:
    """Return an image of an Images folder as PNG, 8 bits grey, in its own proportions.

    Args:
        folder: The Images folder.
        name: Path of the image inside it.
        model: Model folder whose window is used; default: the lung window for Hounsfield units, all greys otherwise.
        edge: Longer edge in pixels, at most; a smaller picture stays as it is.

    Raises:
        NotFound: The folder has no such file.
        ComponentError: It is no image, or of more than 64 million pixels.
    """
    meta = read_meta(folder)
    window = None
    if model is not None:
        facts = ModelFacts.read(Path(model) / "model.json")
        if facts.intensity == meta.intensity:
            window = facts.preprocessing.window
    return grey_png(load_pixels(file_in(folder, name), meta, window), edge)


def windowed(folder: Path, name: str, window: Window, edge: int) -> tuple[dict[str, Any], bytes]:
    """Return an image of an Images folder as ``picture`` does, but in a window that was asked for, and which it was.

    Returns:
        ``window``, ``low``, ``high`` and ``unit`` (see ``Greys``), and PNG.

    Raises:
        ComponentError: See ``picture``.
        NotFound: See ``picture`` and ``greys``.
    """
    meta, file = read_meta(folder), file_in(folder, name)
    made = greys(load_values(file, meta), meta.intensity, window, deep=is_deep(file))
    told = {"window": str(made.window), "low": made.low, "high": made.high, "unit": made.unit}
    return told, grey_png(made.shares, edge)


def mask_picture(folder: Path, name: str) -> bytes:
    """Return a mask as PNG with opacity: yellow along its edge, faint inside. Raises as ``picture``."""
    inside = load_mask(file_in(folder, name))
    layer = np.zeros((*inside.shape, 4), dtype=np.uint8)
    layer[inside] = (*OUTLINE, _INSIDE)
    layer[rim(inside)] = (*OUTLINE, 255)
    return png(layer)


def heat_picture(folder: Path, row: int) -> tuple[float, bytes]:
    """Return one map of a Heatmaps folder: its largest heat in log-odds, and a layer as ``layered`` makes it.

    Raises:
        ComponentError: The folder cannot be read.
        NotFound: It has no such map.
    """
    found = _maps(folder)
    if not 0 <= row < len(found.heat):
        raise NotFound(f"there are {len(found.heat)} maps", culprit=str(row))
    return layered(found.heat[row].astype(np.float64))


@lru_cache(maxsize=2)
def _maps(folder: Path) -> Heatmaps:
    """Read a folder once for all of its maps; what the store holds never changes."""
    return read_heatmaps(folder)


def layered(heat: Heat) -> tuple[float, bytes]:
    """Return the largest heat, and PNG with opacity: red speaks for the label, blue against, the hottest place is opaque.

    Every map has its own scale: two layers cannot be held against each other, their largest heat can.
    """
    strongest = float(np.abs(heat).max())
    layer = np.zeros((*heat.shape, 4), dtype=np.uint8)
    layer[..., :3] = np.where((heat > 0)[..., None], FOR, AGAINST)
    layer[..., 3] = np.abs(heat) / max(strongest, 1e-12) * 255
    return strongest, png(layer)


def file_in(folder: Path, name: str) -> Path:
    """Return the path of a file inside a folder; raises ``NotFound`` for one that is not there, leads out, or is a link."""
    path = folder / name
    if not is_inside(name) or path.is_symlink() or not path.is_file():
        raise NotFound(f"the images have no file {name}", culprit=name)
    return path


def grey_png(shares: NDArray[np.float32], edge: int) -> bytes:
    """Return a picture in 0..1 as PNG, 8 bits grey, made smaller when its longer edge has more than ``edge`` pixels."""
    from PIL import Image  # only who writes pictures needs it

    pixels = (np.clip(shares, 0, 1) * 255).astype(np.uint8)
    shown = Image.fromarray(pixels)
    if pixels.size > _MOST_PIXELS or max(shown.size) > edge:
        shown.thumbnail((edge, edge), Image.Resampling.BOX)
    stream = io.BytesIO()
    shown.save(stream, "png")
    return stream.getvalue()
