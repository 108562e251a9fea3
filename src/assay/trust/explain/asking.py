"""The seam between explanations and a model: a function from pictures to the log-odds of the positive label.

Log-odds and not the probability: a model that is sure answers 0.9999 with and without a part of the picture, so that a
difference of probabilities sees nothing where a difference of log-odds sees the part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.float32]
"""Shape (pictures, height, width), 0..1, as the model's own preprocessing makes them before mean and deviation."""

Heat = NDArray[np.float64]
"""Shape (height, width): above 0 what speaks for the positive label, below 0 what speaks against it."""

Ask = Callable[[Pictures], NDArray[np.float64]]
"""Pictures to the log-odds of the positive label, shape (pictures,)."""

Explain = Callable[[Pictures, int], NDArray[np.float64]]
"""Pictures and a seed to their heat, shape (pictures, height, width)."""

BATCH = 16
"""Pictures asked about at once: beyond it the network's maps leave the processor's cache."""


def probability(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of the positive label, 0..1."""
    return np.exp(-np.logaddexp(0.0, -log_odds))


@dataclass(slots=True)
class Asked:
    """A model that is asked in batches and counts what it was asked.

    Attributes:
        model: Answers a batch.
        batch: Pictures at once.
        count: Pictures asked about so far.
    """

    model: Ask
    batch: int = BATCH
    count: int = field(default=0)

    def __call__(self, pictures: Pictures) -> NDArray[np.float64]:
        """Return the log-odds of every picture."""
        self.count += len(pictures)
        cut = range(0, len(pictures), self.batch)
        parts = [self.model(pictures[start : start + self.batch]) for start in cut]
        return np.concatenate(parts) if parts else np.empty(0)
