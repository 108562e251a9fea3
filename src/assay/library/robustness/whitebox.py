"""Attacks by gradient on a Model folder: its PyTorch network as an adversary sees it, arrays in and out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from assay.training.rebuild import rebuild
from assay.trust.robustness.attacks.apgd import apgd
from assay.trust.robustness.attacks.ball import Norm
from assay.trust.robustness.attacks.decision import Margin, gradient, standing, threshold_margin
from assay.trust.robustness.attacks.fgsm import fgsm
from assay.trust.robustness.attacks.pgd import pgd
from assay.trust.robustness.budgets import Attack

_AT_ONCE = 32
_STEPS = (1, 5, 20)


@dataclass(frozen=True, slots=True)
class WhiteBox:
    """A model whose gradient can be asked."""

    margin: Margin
    steps: int
    seed: int

    def attacks(self) -> dict[str, tuple[Norm, Attack]]:
        """Return every attack by name, with the norm that its budget counts in."""
        return {
            "FGSM": (Norm.LINF, self._batched(lambda x, y, budget: fgsm(self.margin, x, y, budget))),
            "PGD": (
                Norm.LINF,
                self._batched(lambda x, y, b: pgd(self.margin, x, y, b, steps=self.steps, seed=self.seed)),
            ),
            "APGD-CE": (Norm.LINF, self._batched(lambda x, y, b: apgd(self.margin, x, y, b, steps=self.steps))),
            "PGD L2": (
                Norm.L2,
                self._batched(lambda x, y, b: pgd(self.margin, x, y, b, Norm.L2, steps=self.steps, seed=self.seed)),
            ),
        }

    def standing_by_steps(self, pixels: NDArray[np.float32], truth: NDArray[np.bool_], budget: float) -> list[float]:
        """Return the mean distance from wrong after 1, 5 and 20 steps; a row that is wrong counts 0, since no attack goes on there."""
        return [self._left(pixels, truth, budget, steps) for steps in _STEPS]

    def _left(self, pixels: NDArray[np.float32], truth: NDArray[np.bool_], budget: float, steps: int) -> float:
        attack = self._batched(lambda x, y, size: pgd(self.margin, x, y, size, steps=steps))
        moved = torch.from_numpy(attack(pixels, truth, budget))
        with torch.no_grad():
            return float(standing(self.margin(moved), torch.tensor(truth)).clamp_min(0).mean())

    def flat(self, pixels: NDArray[np.float32], truth: NDArray[np.bool_]) -> float:
        """Return the share of rows whose gradient is 0 everywhere."""
        _, slope = gradient(self.margin, torch.tensor(pixels), torch.tensor(truth))
        return float((slope.flatten(1).abs().amax(dim=1) == 0).float().mean())

    def _batched(self, attack: Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]) -> Attack:
        def run(pixels: NDArray[np.float32], truth: NDArray[np.bool_], budget: float) -> NDArray[np.float32]:
            parts = [
                attack(torch.tensor(pixels[at : at + _AT_ONCE]), torch.tensor(truth[at : at + _AT_ONCE]), budget)
                for at in range(0, len(pixels), _AT_ONCE)
            ]
            return torch.cat(parts).numpy()

        return run


def white_box(folder: Path, *, steps: int, seed: int, threads: int) -> WhiteBox:
    """Rebuild a model for attacks by gradient.

    Raises:
        NotRebuilt: It is of another origin, or its weights are missing or do not fit.
    """
    torch.set_num_threads(threads)
    model = rebuild(folder, threads=threads)
    facts = model.facts
    return WhiteBox(threshold_margin(model.logits, facts.labels.index(facts.positive), facts.threshold), steps, seed)
