"""How a model did on a site's validation images: sums and counts, from which losses, AUROC and thresholds follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

BINS = 100
"""Scores are counted in bins of a hundredth: no score of any one picture crosses."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Sums over validation images.

    Attributes:
        loss: Sum of the weighted cross-entropies in nats.
        weight: Sum of the weights.
        positives: Images of the positive label by bin of their score, shape (BINS,).
        negatives: The others.
    """

    loss: float
    weight: float
    positives: tuple[int, ...]
    negatives: tuple[int, ...]

    @classmethod
    def of(cls, loss: float, weight: float, truth: NDArray[np.bool_], score: NDArray[np.float64]) -> Self:
        """Count scores in 0..1 by truth."""
        bins = np.minimum((score * BINS).astype(np.intp), BINS - 1)
        counts = (np.bincount(bins[rows], minlength=BINS).tolist() for rows in (truth, ~truth))
        return cls(float(loss), float(weight), *(tuple(count) for count in counts))

    @property
    def mean_loss(self) -> float:
        """Mean cross-entropy in nats."""
        return self.loss / self.weight

    def scores(self) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return truth and score of each image, the score rounded down to its bin: what any measure of ranking takes."""
        edges = np.arange(BINS) / BINS
        score = np.concatenate([np.repeat(edges, self.positives), np.repeat(edges, self.negatives)])
        truth = np.arange(len(score)) < sum(self.positives)
        return truth, score

    def as_json(self) -> dict[str, Any]:
        """Return the sums as they cross."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return the sums that crossed."""
        return cls(raw["loss"], raw["weight"], tuple(raw["positives"]), tuple(raw["negatives"]))


def together(parts: Iterable[Judged]) -> Judged:
    """Return the sums over several sites."""
    known = list(parts)
    positives, negatives = (
        tuple(np.sum([getattr(part, name) for part in known], axis=0).tolist()) for name in ("positives", "negatives")
    )
    return Judged(sum(part.loss for part in known), sum(part.weight for part in known), positives, negatives)
