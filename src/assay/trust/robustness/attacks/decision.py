"""What an adversary wants to turn: the decision at the model's own threshold."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

Margin = Callable[[torch.Tensor], torch.Tensor]
"""Pixels N x 1 x H x W in 0..1 to the signed margin, shape (N,): at least 0 means called positive."""

_EDGE = 1e-6


def threshold_margin(logits: Callable[[torch.Tensor], torch.Tensor], positive: int, threshold: float) -> Margin:
    """Return the margin of a model: log-odds of the positive label against all others, less those of the threshold.

    Two classes or more, it is one number whose sign is the decision that a hospital would see. Its gradient has the sign of
    the cross-entropy's and, unlike it, does not vanish where the model is sure: an attack by it cannot be masked by saturation.
    """
    bounded = min(max(threshold, _EDGE), 1 - _EDGE)
    level = math.log(bounded / (1 - bounded))

    def margin(pixels: torch.Tensor) -> torch.Tensor:
        answers = logits(pixels)
        others = torch.cat([answers[:, :positive], answers[:, positive + 1 :]], dim=1)
        return answers[:, positive] - torch.logsumexp(others, dim=1) - level

    return margin


def standing(margin: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Return by how much each row is still right: below 0 (for positives; 0 and below for negatives) its decision is wrong."""
    return torch.where(truth, margin, -margin)


def is_wrong(margin: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Return whether each decision differs from the truth, shape (N,)."""
    return (margin >= 0) != truth


def gradient(margin: Margin, pixels: torch.Tensor, truth: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the margin and the gradient, by pixel, of how far each row is from right: the direction an adversary climbs."""
    asked = pixels.detach().clone()
    asked.requires_grad = True
    with torch.enable_grad():
        value = margin(asked)
        (slope,) = torch.autograd.grad(-standing(value, truth).sum(), asked)
    return value.detach(), slope
