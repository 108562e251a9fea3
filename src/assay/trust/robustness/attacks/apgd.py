"""Auto-PGD on the cross-entropy: no step size to choose (Croce and Hein 2020, arXiv:2003.01690)."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from assay.trust.robustness.attacks.ball import Norm, kept_inside, steepest
from assay.trust.robustness.attacks.decision import Margin, gradient, is_wrong, standing

_MOMENTUM, _RISE = 0.75, 0.75


def apgd(
    margin: Margin, pixels: torch.Tensor, truth: torch.Tensor, budget: float, norm: Norm = Norm.LINF, *, steps: int = 20
) -> torch.Tensor:
    """Return the pixels, of all that were visited, at which each decision is furthest from right.

    Steps begin at twice the budget and are halved, from the best point so far, whenever too few of them raised the loss. With
    two classes the cross-entropy is a rising function of the margin, so comparing margins takes the same path.

    Args:
        margin: The decision.
        pixels: N x 1 x H x W in 0..1.
        truth: Booleans, shape (N,).
        budget: Largest change.
        norm: How it is measured.
        steps: Gradient steps.
    """
    size = torch.full((len(pixels), 1, 1, 1), 2.0 * budget)
    value, slope = gradient(margin, pixels, truth)
    here, before = pixels.clone(), pixels.clone()
    loss = -standing(value, truth)
    best, best_loss, best_slope = here.clone(), loss.clone(), slope.clone()
    turned = is_wrong(value, truth)
    rises = torch.zeros(len(pixels))
    halved, loss_at_check = torch.ones(len(pixels), dtype=torch.bool), best_loss.clone()
    checks, last = _checkpoints(steps), 0
    for number in range(1, steps + 1):
        rows = torch.nonzero(~turned).ravel()
        if not len(rows):
            break
        start = pixels[rows]
        moved = kept_inside(here[rows] + size[rows] * steepest(slope[rows], norm), start, budget, norm)
        if number > 1:
            blend = here[rows] + _MOMENTUM * (moved - here[rows]) + (1 - _MOMENTUM) * (here[rows] - before[rows])
            moved = kept_inside(blend, start, budget, norm)
        before[rows], here[rows] = here[rows], moved
        value, slope[rows] = gradient(margin, moved, truth[rows])
        now = -standing(value, truth[rows])
        rises[rows] += (now > loss[rows]).float()
        better = rows[now > best_loss[rows]]
        loss[rows] = now
        best[better], best_loss[better], best_slope[better] = here[better], loss[better], slope[better]
        turned[rows] = is_wrong(value, truth[rows])
        if number in checks:
            stuck = (rises < _RISE * (number - last)) | (~halved & (loss_at_check >= best_loss))
            size[stuck] /= 2
            here[stuck], slope[stuck], loss[stuck] = best[stuck], best_slope[stuck], best_loss[stuck]
            before[stuck] = best[stuck]
            halved, loss_at_check = stuck, best_loss.clone()
            rises.zero_()
            last = number
    return best


def _checkpoints(steps: int) -> Sequence[int]:
    shares, points = [0.0, 0.22], []
    while shares[-1] <= 1:
        points.append(-int(-shares[-1] * steps // 1))
        shares.append(shares[-1] + max(shares[-1] - shares[-2] - 0.03, 0.06))
    return points
