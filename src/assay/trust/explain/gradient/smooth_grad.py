"""SmoothGrad (Smilkov et al. 2017, arXiv:1706.03825), by Captum."""

from __future__ import annotations

import numpy as np
from captum.attr import NoiseTunnel, Saliency
from numpy.typing import NDArray

from assay.trust.explain.asking import Pictures
from assay.trust.explain.gradient.gradient_shap import seeded
from assay.trust.explain.gradient.target import LogOdds, to_heat, to_torch


def smooth_grad(
    target: LogOdds, pictures: Pictures, *, samples: int, deviation: float, seed: int
) -> NDArray[np.float64]:
    """Return the mean size of the gradient over noisy copies of each picture. It has no sign.

    Args:
        target: The model.
        pictures: Shape (pictures, height, width).
        samples: Copies a picture.
        deviation: Of the noise added to pictures in 0..1.
        seed: Of the noise.
    """
    parts = []
    for picture in pictures:
        with seeded(seed):
            attributed = NoiseTunnel(Saliency(target)).attribute(
                to_torch(picture[None]), nt_type="smoothgrad", nt_samples=samples, stdevs=deviation, abs=True
            )
        parts.append(to_heat(attributed))
    return np.concatenate(parts)
