"""Random changes of training pictures that leave the diagnosis as it is."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

import torch
from torch.nn import functional


class Level(enum.StrEnum):
    """How much the pictures are changed."""

    NONE = "none"
    LIGHT = "light"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Strength:
    """Largest changes; each picture draws its own, evenly within ± the bound.

    Attributes:
        rotation: Degrees.
        shift: Share of the edge.
        scale: Share of the size.
        contrast: Share, around the picture's mean.
        brightness: In pixel units, 0..1.
        noise: Standard deviation of Gaussian noise; each picture draws between 0 and this.
    """

    rotation: float
    shift: float
    scale: float
    contrast: float
    brightness: float
    noise: float


STRENGTHS = {
    Level.NONE: None,
    Level.LIGHT: Strength(rotation=7, shift=0.04, scale=0.06, contrast=0.1, brightness=0.03, noise=0.01),
    Level.STRONG: Strength(rotation=15, shift=0.08, scale=0.15, contrast=0.25, brightness=0.08, noise=0.03),
}


def augment(pixels: torch.Tensor, level: Level, random: torch.Generator, *, flip: bool = False) -> torch.Tensor:
    """Return changed copies of pictures N x 1 x H x W in 0..1.

    ``flip`` mirrors left and right in half of the pictures. It is a choice of its own because a chest has sides: the heart
    lies left, and a mirrored chest is a rare finding, not a normal one.
    """
    strength = STRENGTHS[level]
    if strength is None and not flip:
        return pixels
    changed = pixels if strength is None else _shaken(pixels, strength, random)
    if flip:
        mirrored = torch.rand(len(pixels), 1, 1, 1, generator=random) < 0.5
        changed = torch.where(mirrored, changed.flip(-1), changed)
    return changed


def _shaken(pixels: torch.Tensor, strength: Strength, random: torch.Generator) -> torch.Tensor:
    count = len(pixels)

    def evenly(bound: float) -> torch.Tensor:
        return (torch.rand(count, generator=random) * 2 - 1) * bound

    angle = evenly(math.radians(strength.rotation))
    scale = 1 + evenly(strength.scale)
    cosine, sine = torch.cos(angle) / scale, torch.sin(angle) / scale
    across, down = evenly(2 * strength.shift), evenly(2 * strength.shift)
    place = torch.stack([cosine, -sine, across, sine, cosine, down], dim=1).reshape(count, 2, 3)
    grid = functional.affine_grid(place, list(pixels.shape), align_corners=False)
    moved = functional.grid_sample(pixels, grid, padding_mode="border", align_corners=False)
    mean = moved.mean(dim=(1, 2, 3), keepdim=True)
    contrast = (1 + evenly(strength.contrast)).reshape(-1, 1, 1, 1)
    brightness = evenly(strength.brightness).reshape(-1, 1, 1, 1)
    noise = torch.randn(moved.shape, generator=random) * torch.rand(count, 1, 1, 1, generator=random) * strength.noise
    return ((moved - mean) * contrast + mean + brightness + noise).clamp(0, 1)
