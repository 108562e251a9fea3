"""Integrated gradients (Sundararajan et al. 2017, arXiv:1703.01365), by Captum."""

from __future__ import annotations

import numpy as np
from captum.attr import IntegratedGradients
from numpy.typing import NDArray

from assay.trust.explain.asking import BATCH, Pictures
from assay.trust.explain.gradient.target import LogOdds, to_heat, to_torch


def integrated_gradients(
    target: LogOdds, pictures: Pictures, baseline: Pictures, *, steps: int = 50
) -> NDArray[np.float64]:
    """Return the gradient along the way from ``baseline`` to each picture, times the way.

    The baseline decides what can be seen: where picture and baseline are alike there is no heat, whatever the model does.

    Args:
        target: The model.
        pictures: Shape (pictures, height, width).
        baseline: Shape (pictures, height, width).
        steps: Points on the way.
    """
    attributed = IntegratedGradients(target).attribute(
        to_torch(pictures), baselines=to_torch(baseline), n_steps=steps, internal_batch_size=max(BATCH, len(pictures))
    )
    return to_heat(attributed)
