"""The network as these methods want it: pictures in 0..1 to the log-odds of the positive label."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from assay.trust.explain.asking import Pictures


class LogOdds(nn.Module):
    """Pictures N x 1 x H x W in 0..1 to the log-odds of one class, N; differentiable.

    Args:
        network: Normalised pictures to logits N x K, at least two classes.
        normalise: Pictures in 0..1 to what ``network`` takes.
        positive: Number of the class.
    """

    def __init__(self, network: nn.Module, normalise: Callable[[torch.Tensor], torch.Tensor], positive: int) -> None:
        super().__init__()
        self.network, self.normalise, self.positive = network, normalise, positive

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return the log-odds of the class."""
        logits = self.network(self.normalise(pictures))
        others = torch.cat([logits[:, : self.positive], logits[:, self.positive + 1 :]], dim=1)
        odds: torch.Tensor = logits[:, self.positive] - torch.logsumexp(others, dim=1)
        return odds


def to_torch(pictures: Pictures) -> torch.Tensor:
    """Return pictures N x 1 x H x W."""
    return torch.from_numpy(np.ascontiguousarray(pictures))[:, None]


def to_heat(attributed: torch.Tensor) -> NDArray[np.float64]:
    """Return N x 1 x H x W as heat N x H x W."""
    heat: NDArray[np.float64] = attributed.detach()[:, 0].numpy().astype(np.float64)
    return heat
