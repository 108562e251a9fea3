"""Projected gradient descent (Madry et al. 2018, arXiv:1706.06083)."""

from __future__ import annotations

import torch

from assay.trust.robustness.attacks.ball import Norm, kept_inside, random_start, steepest
from assay.trust.robustness.attacks.decision import Margin, gradient, is_wrong, standing


def pgd(
    margin: Margin,
    pixels: torch.Tensor,
    truth: torch.Tensor,
    budget: float,
    norm: Norm = Norm.LINF,
    *,
    steps: int = 20,
    step: float | None = None,
    restarts: int = 1,
    seed: int = 0,
) -> torch.Tensor:
    """Return the pixels, of all that were visited, at which each decision is furthest from right.

    Rows whose decision has turned are left alone from then on: their first turning point is kept.

    Args:
        margin: The decision.
        pixels: N x 1 x H x W in 0..1.
        truth: Booleans, shape (N,).
        budget: Largest change.
        norm: How it is measured.
        steps: Gradient steps of each start.
        step: Size of a step; ``None``: 2.5 x budget / steps.
        restarts: The first starts at the pixels themselves, further ones at random.
        seed: Of the random starts.
    """
    size = 2.5 * budget / steps if step is None else step
    random = torch.Generator().manual_seed(seed)
    best, lowest = pixels.clone(), torch.full((len(pixels),), torch.inf)
    for start in range(restarts):
        rows = torch.arange(len(pixels))[~_turned(margin, best, truth)]
        if not len(rows):
            break
        here, there, right = pixels[rows], pixels[rows], truth[rows]
        if start:
            there = random_start(here, budget, norm, random)
        for number in range(steps + 1):
            value, slope = gradient(margin, there, right)
            gap = standing(value, right)
            better = gap < lowest[rows]
            best[rows[better]], lowest[rows[better]] = there[better], gap[better]
            alive = ~is_wrong(value, right)
            if number == steps or not alive.any():
                break
            rows, here, there, right, slope = rows[alive], here[alive], there[alive], right[alive], slope[alive]
            there = kept_inside(there + size * steepest(slope, norm), here, budget, norm)
    return best


def _turned(margin: Margin, pixels: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return is_wrong(margin(pixels), truth)
