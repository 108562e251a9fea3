"""Fast gradient sign method: one step (Goodfellow, Shlens and Szegedy 2015, arXiv:1412.6572)."""

from __future__ import annotations

import torch

from assay.trust.robustness.attacks.ball import Norm, kept_inside, steepest
from assay.trust.robustness.attacks.decision import Margin, gradient


def fgsm(
    margin: Margin, pixels: torch.Tensor, truth: torch.Tensor, budget: float, norm: Norm = Norm.LINF
) -> torch.Tensor:
    """Return pixels moved by the whole budget along the gradient's sign.

    Args:
        margin: The decision.
        pixels: N x 1 x H x W in 0..1.
        truth: Booleans, shape (N,).
        budget: Largest change, in units of the pixel range.
        norm: How it is measured.
    """
    _, slope = gradient(margin, pixels, truth)
    return kept_inside(pixels + budget * steepest(slope, norm), pixels, budget, norm)
