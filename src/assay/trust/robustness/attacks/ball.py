"""The two kinds of budget: how much any pixel may change (L-inf), or the length of the whole change (L2)."""

from __future__ import annotations

import enum

import torch


class Norm(enum.StrEnum):
    """How a change is measured, on pixels in 0..1."""

    LINF = "Linf"
    L2 = "L2"


def size_of(change: torch.Tensor, norm: Norm) -> torch.Tensor:
    """Return the size of each row's change, shape (N,)."""
    flat = change.flatten(1)
    size: torch.Tensor = flat.abs().amax(dim=1) if norm is Norm.LINF else flat.norm(dim=1)
    return size


def kept_inside(moved: torch.Tensor, start: torch.Tensor, budget: float, norm: Norm) -> torch.Tensor:
    """Return pixels brought back into the budget around ``start`` and into 0..1."""
    change = moved - start
    if norm is Norm.LINF:
        change = change.clamp(-budget, budget)
    else:
        length = change.flatten(1).norm(dim=1).clamp_min(1e-12)
        change *= (budget / length).clamp_max(1.0).reshape(-1, 1, 1, 1)
    # Cutting to 0..1 never lengthens the change, since the start is inside.
    return (start + change).clamp(0, 1)


def steepest(slope: torch.Tensor, norm: Norm) -> torch.Tensor:
    """Return the change of size 1 along which a function of this gradient rises most."""
    if norm is Norm.LINF:
        return slope.sign()
    along: torch.Tensor = slope / slope.flatten(1).norm(dim=1).clamp_min(1e-20).reshape(-1, 1, 1, 1)
    return along


def random_start(start: torch.Tensor, budget: float, norm: Norm, random: torch.Generator) -> torch.Tensor:
    """Return pixels drawn within the budget around ``start``."""
    if norm is Norm.LINF:
        noise = (torch.rand(start.shape, generator=random) * 2 - 1) * budget
    else:
        noise = torch.randn(start.shape, generator=random)
        radius = budget * torch.rand(len(start), generator=random)
        noise *= (radius / noise.flatten(1).norm(dim=1).clamp_min(1e-12)).reshape(-1, 1, 1, 1)
    return kept_inside(start + noise, start, budget, norm)
