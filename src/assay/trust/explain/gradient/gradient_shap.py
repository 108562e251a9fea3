"""GradientSHAP (Lundberg and Lee 2017; expected gradients, Erion et al. 2021), by Captum."""

from __future__ import annotations

import numpy as np
import torch
from captum.attr import GradientShap
from numpy.typing import NDArray

from assay.trust.explain.asking import Pictures
from assay.trust.explain.gradient.target import LogOdds, to_heat, to_torch


def gradient_shap(
    target: LogOdds, pictures: Pictures, baselines: Pictures, *, samples: int, deviation: float, seed: int
) -> NDArray[np.float64]:
    """Return gradients at random points between random baselines and the noisy picture, times the way, on average.

    Args:
        target: The model.
        pictures: Shape (pictures, height, width).
        baselines: What each picture is held against, shape (pictures, baselines, height, width).
        samples: Points a picture.
        deviation: Of the noise added to pictures in 0..1.
        seed: Of baselines, points and noise.
    """
    parts = []
    for picture, own in zip(pictures, baselines, strict=True):
        # The same seed for each: the heat of a picture must not depend on which others are explained beside it.
        with seeded(seed):
            attributed = GradientShap(target).attribute(
                to_torch(picture[None]), baselines=to_torch(own), n_samples=samples, stdevs=deviation
            )
        parts.append(to_heat(attributed))
    return np.concatenate(parts)


class seeded:  # noqa: N801  (reads as a statement: with seeded(…))
    """Random numbers of PyTorch and NumPy from a seed within the block; Captum draws from both. Restored afterwards."""

    def __init__(self, seed: int) -> None:
        self._seed = int(np.random.SeedSequence(seed).generate_state(1)[0])

    def __enter__(self) -> None:
        self._torch, self._numpy = torch.get_rng_state(), np.random.get_state()  # noqa: NPY002  (Captum uses the old one)
        torch.manual_seed(self._seed)
        np.random.seed(self._seed)  # noqa: NPY002  (as above)

    def __exit__(self, *_exception: object) -> None:
        torch.set_rng_state(self._torch)
        np.random.set_state(self._numpy)  # noqa: NPY002  (as above)
