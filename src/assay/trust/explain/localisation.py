"""Does heat lie in the lesion? Four figures, each fair to maps of patches, where many pixels share the highest heat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import Heat
from assay.trust.performance.ranking import auroc

_SAME = 1e-9
"""Heat that differs by less than this share of its range is the same: sums of equal parts differ in the last digits."""


@dataclass(frozen=True, slots=True)
class Localisation:
    """Where heat lies, each 0..1 and better when higher.

    Attributes:
        pointing: Share of the hottest pixels that are in the lesion: the pointing game (Zhang et al. 2016), and for a map
            of patches the expected hit over the hottest patch.
        iou: Overlap of the lesion with as many hottest pixels as it has.
        pixel_auroc: Chance that a pixel of the lesion is hotter than one outside.
        energy: Share of the positive heat that lies in the lesion; 0 when there is no positive heat.
    """

    pointing: float
    iou: float
    pixel_auroc: float
    energy: float


def localisation(heat: Heat, mask: NDArray[np.bool_]) -> Localisation:
    """Hold heat against a mask.

    Args:
        heat: Shape (height, width).
        mask: True inside the lesion, the same shape, with at least one pixel inside and one outside.

    Raises:
        ValueError: Another shape, or nothing to be found.
    """
    if heat.shape != mask.shape:
        raise ValueError(f"heat of shape {heat.shape} cannot be held against a mask of shape {mask.shape}")
    if not mask.any() or mask.all():
        raise ValueError("a mask needs pixels inside and outside")
    even = rounded(heat)
    hottest = even == even.max()
    positive = np.clip(even, 0.0, None)
    return Localisation(
        pointing=float(mask[hottest].mean()),
        iou=_overlap(even, mask),
        pixel_auroc=auroc(mask.ravel(), even.ravel()),
        energy=float(positive[mask].sum() / positive.sum()) if positive.any() else 0.0,
    )


def rounded(heat: Heat) -> Heat:
    """Return heat in steps of a billionth of its range, so that equal heat is equal."""
    span = float(np.ptp(heat))
    steps: Heat = np.round(heat / (span * _SAME)) * (span * _SAME) if span > 0 else heat
    return steps


def is_constant(heat: Heat) -> bool:
    """Return whether a map is the same everywhere, or not finite: there is nothing to see in it."""
    return not np.isfinite(heat).all() or float(np.ptp(heat)) <= 1e-12 * max(1.0, float(np.abs(heat).max()))


def _overlap(heat: Heat, mask: NDArray[np.bool_]) -> float:
    """IoU of the lesion with as many hottest pixels; of those that tie at the cut, their expected share."""
    size = int(mask.sum())
    cut = np.partition(heat.ravel(), heat.size - size)[heat.size - size]
    above, level = heat > cut, heat == cut
    share = (size - int(above.sum())) / int(level.sum())
    common = float(mask[above].sum() + share * mask[level].sum())
    return common / (2 * size - common)
