"""Which part of a picture is body, and which part of the body may hold lungs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EDGE = 128
"""Pictures are looked at on a square of this many pixels, so that their own size tells nothing."""

_AIR, _BONE = -1024.0, 1400.0
_SMALLEST_BODY, _LARGEST_BODY = 0.15, 0.97
_WALL = 0.11
"""How deep the chest wall is counted, as a share of the body's diameter: lungs lie deeper in nearly everybody."""


@dataclass(frozen=True, slots=True)
class Regions:
    """Parts of one picture, booleans, height x width.

    Attributes:
        body: The body with all that is inside, or the ellipse that touches the picture's edges where no body stands out.
        inside: Body without its wall: where lungs may lie. Its outline does not depend on the lungs.
        found: Whether a body stands out from what surrounds it.
    """

    body: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    found: bool


def unit_scaled(values: NDArray[np.float32], *, hounsfield: bool) -> NDArray[np.float32]:
    """Return a picture in 0..1: HU from air (-1024) to dense bone (1400), grey as it is."""
    if not hounsfield:
        return values
    scaled: NDArray[np.float32] = np.clip((values - np.float32(_AIR)) / np.float32(_BONE - _AIR), 0, 1)
    return scaled


def unscaled(unit: NDArray[np.float32], *, hounsfield: bool) -> NDArray[np.float32]:
    """Return a picture of ``unit_scaled`` in its own unit again."""
    return unit * np.float32(_BONE - _AIR) + np.float32(_AIR) if hounsfield else unit


def regions(unit: NDArray[np.float32]) -> Regions:
    """Find the body in a picture in 0..1: what is brighter than Otsu's threshold (1979), its largest piece, holes filled.

    A chest film or a figure cut tight has no body that stands out; there the ellipse inside the picture's frame takes its
    place, and what lies in the corners counts as outside.
    """
    from scipy import ndimage  # heavy; only whoever looks for bodies needs it

    solid = ndimage.binary_opening(unit > _otsu(unit), iterations=1)
    pieces, count = ndimage.label(solid)
    body = np.zeros(unit.shape, dtype=bool)
    if count:
        sizes = np.bincount(pieces.ravel())
        sizes[0] = 0
        body = ndimage.binary_fill_holes(pieces == sizes.argmax())
    found = bool(_SMALLEST_BODY <= body.mean() <= _LARGEST_BODY)
    if not found:
        body = _ellipse(unit.shape)
    depth = ndimage.distance_transform_edt(np.pad(body, 1))[1:-1, 1:-1]
    diameter = 2 * np.sqrt(body.sum() / np.pi)
    return Regions(body, depth > _WALL * diameter, found)


def enlarged(mask: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return a mask at another size, by nearest neighbour."""
    if mask.shape == shape:
        return mask
    rows = np.arange(shape[0]) * mask.shape[0] // shape[0]
    columns = np.arange(shape[1]) * mask.shape[1] // shape[1]
    return mask[np.ix_(rows, columns)]


def _otsu(unit: NDArray[np.float32]) -> float:
    counts, edges = np.histogram(unit, bins=128, range=(0.0, 1.0))
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    mass = np.cumsum(counts * centres)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = below * above * (mass / below - (mass[-1] - mass) / above) ** 2
    return float(centres[int(np.nan_to_num(apart).argmax())])


def _ellipse(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    y, x = ((np.arange(extent) + 0.5) / extent * 2 - 1 for extent in shape)
    inside: NDArray[np.bool_] = x[None, :] ** 2 + y[:, None] ** 2 <= 1
    return inside
