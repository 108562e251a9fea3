"""A small network whose decision can be turned, on pixels that it was fitted to tell apart."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from assay.trust.robustness.attacks.decision import Margin, threshold_margin


@dataclass(frozen=True)
class Target:
    logits: object
    margin: Margin
    pixels: torch.Tensor
    truth: torch.Tensor

    def right(self, moved: torch.Tensor) -> float:
        with torch.no_grad():
            return float(((self.margin(moved) >= 0) == self.truth).float().mean())


@pytest.fixture(scope="session")
def target() -> Target:
    torch.manual_seed(0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    random = np.random.default_rng(0)
    pixels = random.normal(0.45, 0.08, (240, 1, 16, 16)).astype(np.float32)
    truth = np.arange(240) % 2 == 0
    for row in np.flatnonzero(truth):
        top, left = random.integers(0, 10, 2)
        pixels[row, 0, top : top + 6, left : left + 6] += 0.12
    pixels, answers = torch.from_numpy(pixels.clip(0, 1)), torch.from_numpy(truth)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 5, padding=2),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(8, 8, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.AdaptiveMaxPool2d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(8, 2),
    )
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    for _ in range(120):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(pixels[:180]), answers[:180].long()).backward()
        optimiser.step()
    network.eval().requires_grad_(False)
    torch.set_num_threads(threads)
    return Target(network, threshold_margin(network, 1, 0.5), pixels[180:], answers[180:])
