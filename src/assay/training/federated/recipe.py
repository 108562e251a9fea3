"""What a federation is told before it begins, and what its server tells the sites once they have described themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from assay.training.augmentation import Level
from assay.training.networks import NetworkName


@dataclass(frozen=True, slots=True)
class FederatedRecipe:
    """Everything that decides what comes out, beside the images; each site and the server have it before the first message.

    Attributes:
        network: Which network.
        rounds: How often the sites' weights are averaged.
        local_epochs: Passes over a site's own images between two averages.
        batch: Pictures a batch.
        learning_rate: Highest rate of the schedule, which spans all rounds.
        weight_decay: Of AdamW.
        proximal: FedProx's mu (Li et al. 2020, arXiv:1812.06127); 0 is FedAvg.
        size: Edge of the pictures in pixels.
        window: Level and width; ``None``: the lung window for Hounsfield images, the full range for grey ones.
        balanced: Whether every class counts the same, over all sites.
        level: Augmentation.
        flip: Whether pictures are mirrored.
        positive: Label whose probability is the score; ``None``: as the sites state, or the one that can be told.
        fewest: Training patients of each label that a site must have.
        any_size: Whether sites may store pictures of other sizes or pixel spacings.
        seed: Of everything random.
        threads: Of PyTorch, at each site.
    """

    network: NetworkName
    rounds: int
    local_epochs: int
    batch: int
    learning_rate: float
    weight_decay: float
    proximal: float
    size: int
    window: tuple[float, float] | None
    balanced: bool
    level: Level
    flip: bool
    positive: str | None
    fewest: int
    any_size: bool
    seed: int
    threads: int

    def as_json(self) -> dict[str, Any]:
        """Return the recipe as JSON has it."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return the recipe that ``as_json`` wrote."""
        return cls(
            **{
                **raw,
                "network": NetworkName(raw["network"]),
                "level": Level(raw["level"]),
                "window": _window(raw["window"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """What the server makes of the sites' descriptions; the same for every site.

    Attributes:
        labels: The index of a label is its class number.
        positive: The label whose probability is the score.
        intensity: Of all images.
        modality: Of all images; empty when not known.
        window: Level and width.
        mean: Subtracted from pixels in 0..1: over the training images of all sites.
        std: Divides afterwards.
        class_weights: How much a picture of each class counts, shape (classes,).
        synthetic: Whether the images of every site are of no real patient.
    """

    labels: tuple[str, ...]
    positive: str
    intensity: str
    modality: str
    window: tuple[float, float] | None
    mean: float
    std: float
    class_weights: tuple[float, ...]
    synthetic: bool

    def as_json(self) -> dict[str, Any]:
        """Return the terms as JSON has them."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return the terms that ``as_json`` wrote."""
        return cls(
            **{
                **raw,
                "labels": tuple(raw["labels"]),
                "class_weights": tuple(raw["class_weights"]),
                "window": _window(raw["window"]),
            }
        )


def _window(raw: Sequence[float] | None) -> tuple[float, float] | None:
    return (float(raw[0]), float(raw[1])) if raw else None
