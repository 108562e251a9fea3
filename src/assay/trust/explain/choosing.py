"""Choose the method by measurement on validation pictures: where it points, or, without masks, whether the score follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.judging import Judge, gain


@dataclass(frozen=True, slots=True)
class Merit:
    """How a candidate did.

    Attributes:
        rank: What it is ranked by, best first: with masks pointing and then IoU; without, insertion minus deletion.
        figures: Mean of each figure that was looked at.
    """

    rank: tuple[float, ...]
    figures: Mapping[str, float]


def by_place(judge: Judge, heat: NDArray[np.float64]) -> Merit:
    """Return how well maps lie in the lesions: mean pointing, ties (to a hundredth) by mean IoU.

    Only pictures with a mask count; the sample must have some.
    """
    means = {name: float(np.nanmean(values)) for name, values in judge.localised(heat).items()}
    return Merit((round(means["pointing"], 2), means["iou"]), means)


def by_score(judge: Judge, heat: NDArray[np.float64]) -> Merit:
    """Return how well the score follows the maps: insertion minus deletion, mean over the fills."""
    figures = judge.figures(heat)
    means = {f"gain, {fill}": float(gain(figures, str(fill)).mean()) for fill in judge.fills}
    return Merit((float(np.mean(list(means.values()))),), means)
