"""Thicker slices: each shows the mean of what used to be several."""

from __future__ import annotations

import numpy as np

from assay.trust.robustness.shifts.geometry import zoomed
from assay.trust.robustness.shifts.picture import Picture

SWELLING = 0.012
"""By how much the chest's outline grows or shrinks from one slice to the next, where the next one is not there."""


def thickened(picture: Picture, slices: float) -> Picture:
    """Return the picture as the mean of itself and ``slices`` slices on each side.

    With adjacent slices it is just that. Without them the neighbours are approximated: anatomy a little higher or lower is
    taken to be the same picture a little larger or smaller, which blurs outlines and vessels as partial volume does, and
    says nothing of what truly lies there.
    """
    count = round(slices)
    if len(picture.below) >= count and len(picture.above) >= count:
        stack = [picture.values, *picture.below[:count], *picture.above[:count]]
    else:
        steps = [SWELLING * step for step in range(1, count + 1)]
        stack = [picture.values, *(zoomed(picture.values, 1 + sign * step) for step in steps for sign in (1, -1))]
    return picture.changed(np.mean(stack, axis=0))


def has_neighbours(picture: Picture, slices: float) -> bool:
    """Return whether ``thickened`` averages slices that were really taken."""
    return min(len(picture.below), len(picture.above)) >= round(slices)
