"""The Adversarial Robustness Toolbox on a Model folder, with its known traps sprung: what robustness/art hands it and takes back.

* ART feeds float64 to some attacks (its issue 2475): the module it gets casts to float32.
* Its default AutoAttack has a loss that needs three classes (2399): the list here has none.
* AutoAttack needs multiprocess and the certificates statsmodels, neither of which it declares: the extra 'robustness' does.
* It takes logits of two classes, whatever the model has: the decision at the model's own threshold, so that all attacks turn the same thing.
"""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from assay.errors import ComponentError, MissingDependency
from assay.training.rebuild import rebuild
from assay.trust.robustness.attacks.ball import Norm
from assay.trust.robustness.attacks.decision import Margin, threshold_margin
from assay.trust.robustness.budgets import Attack

DEFAULT = ("FGSM", "PGD", "PGD L2", "APGD-CE", "Square", "DeepFool", "AutoAttack")


class TwoLogits(torch.nn.Module):
    """The decision as two logits, the second being positive: half the margin each way."""

    def __init__(self, margin: Margin) -> None:
        super().__init__()
        self._margin = margin

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits N x 2 of pixels in 0..1 of any float type."""
        half = self._margin(x.float()) / 2
        return torch.stack([-half, half], dim=1)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """A model in ART's hands.

    Attributes:
        classifier: ART's wrapper.
        steps: Of iterative attacks.
        queries: Of the black-box attacks.
    """

    classifier: Any
    module: TwoLogits
    shape: tuple[int, ...]
    steps: int
    queries: int

    def attack(self, name: str) -> tuple[Norm, Attack]:
        """Return an attack by name, and the norm its budget counts in.

        Raises:
            ComponentError: There is no such attack.
        """
        norm, make = _ATTACKS[name]

        def run(pixels: NDArray[np.float32], truth: NDArray[np.bool_], budget: float) -> NDArray[np.float32]:
            wanted = np.eye(2, dtype=np.float32)[truth.astype(np.intp)]
            with quiet():
                moved = make(self, budget).generate(pixels, wanted)
            change = np.asarray(moved, dtype=np.float32) - pixels
            return pixels + _within(change, budget, norm)

        return norm, run

    def certified(
        self, pixels: NDArray[np.float32], sigma: float, samples: int
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return the smoothed model's decisions and the radii ART certifies (Cohen et al. 2019); -1 where it abstains."""
        from art.estimators.certification.randomized_smoothing import PyTorchRandomizedSmoothing

        smoothed = PyTorchRandomizedSmoothing(
            model=self.module,
            loss=torch.nn.CrossEntropyLoss(),
            input_shape=self.shape,
            nb_classes=2,
            clip_values=(0.0, 1.0),
            device_type="cpu",
            sample_size=20,
            scale=sigma,
            alpha=0.001,
        )
        with quiet():
            called, radius = smoothed.certify(pixels, n=samples)
        kept = np.where(called < 0, -1.0, radius).astype(np.float64)
        return np.asarray(called == 1), kept


def toolbox(folder: Path, *, steps: int, queries: int, threads: int) -> Toolbox:
    """Hand a model to ART.

    Raises:
        MissingDependency: ART, or what it needs and does not declare, is not installed.
        NotRebuilt: The model's network cannot be rebuilt.
    """
    try:
        import multiprocess  # noqa: F401  (ART needs it, see the head of this file)
        import statsmodels  # noqa: F401  (as above)
        from art.estimators.classification import PyTorchClassifier
    except ModuleNotFoundError as error:
        raise MissingDependency(
            f"the Adversarial Robustness Toolbox needs {error.name}",
            culprit=str(error.name),
            hint="pip install 'assay-ml[robustness]'",
        ) from error
    torch.set_num_threads(threads)
    model = rebuild(folder, threads=threads)
    facts = model.facts
    module = TwoLogits(threshold_margin(model.logits, facts.labels.index(facts.positive), facts.threshold))
    shape = (1, facts.preprocessing.size, facts.preprocessing.size)
    with quiet():
        classifier = PyTorchClassifier(
            model=module,
            loss=torch.nn.CrossEntropyLoss(),
            input_shape=shape,
            nb_classes=2,
            clip_values=(0.0, 1.0),
            device_type="cpu",
        )
    return Toolbox(classifier, module, shape, steps, queries)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep ART's progress bars and advice out of the step's log."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)


def check_names(names: list[str]) -> None:
    """Raise ComponentError for a name that is no attack."""
    from assay.errors import did_you_mean  # only a fault needs it

    for name in names:
        if name not in _ATTACKS:
            hint = did_you_mean(name, _ATTACKS) or f"one of {', '.join(_ATTACKS)}"
            raise ComponentError(f"there is no attack {name!r}", culprit=name, hint=hint)


def _within(change: NDArray[np.float32], budget: float, norm: Norm) -> NDArray[np.float32]:
    """Return what of a change lies within the budget: some of ART's attacks look for the smallest change and know no budget."""
    if norm is Norm.LINF:
        clipped: NDArray[np.float32] = np.clip(change, -np.float32(budget), np.float32(budget))
        return clipped
    length = np.linalg.norm(change.reshape(len(change), -1), axis=1)
    kept = (length <= budget * 1.0001).astype(np.float32)
    near: NDArray[np.float32] = change * kept[:, None, None, None]
    return near


def _auto(box: Toolbox, budget: float) -> Any:
    from art.attacks.evasion import AutoAttack

    parts = [_apgd(box, budget), _deepfool(box, budget), _square(box, budget)]
    return AutoAttack(box.classifier, eps=budget, eps_step=budget / 4, attacks=parts)


def _fgsm(box: Toolbox, budget: float) -> Any:
    from art.attacks.evasion import FastGradientMethod

    return FastGradientMethod(box.classifier, eps=budget)


def _pgd(box: Toolbox, budget: float, norm: float = np.inf) -> Any:
    from art.attacks.evasion import ProjectedGradientDescent

    step = 2.5 * budget / box.steps
    return ProjectedGradientDescent(
        box.classifier, norm=norm, eps=budget, eps_step=step, max_iter=box.steps, verbose=False
    )


def _apgd(box: Toolbox, budget: float) -> Any:
    from art.attacks.evasion import AutoProjectedGradientDescent

    return AutoProjectedGradientDescent(
        box.classifier,
        eps=budget,
        eps_step=2 * budget,
        max_iter=box.steps,
        nb_random_init=1,
        loss_type="cross_entropy",
        verbose=False,
    )


def _square(box: Toolbox, budget: float) -> Any:
    from art.attacks.evasion import SquareAttack

    return SquareAttack(box.classifier, eps=budget, max_iter=box.queries, verbose=False)


def _deepfool(box: Toolbox, _budget: float) -> Any:
    from art.attacks.evasion import DeepFool

    return DeepFool(box.classifier, max_iter=50, epsilon=0.02, nb_grads=2, batch_size=32, verbose=False)


def _hopskipjump(box: Toolbox, _budget: float) -> Any:
    from art.attacks.evasion import HopSkipJump

    rounds = max(1, box.queries // 100)
    return HopSkipJump(box.classifier, norm=2, max_iter=rounds, max_eval=100, init_eval=20, verbose=False)


_ATTACKS: dict[str, tuple[Norm, Callable[[Toolbox, float], Any]]] = {
    "FGSM": (Norm.LINF, _fgsm),
    "PGD": (Norm.LINF, _pgd),
    "PGD L2": (Norm.L2, lambda box, budget: _pgd(box, budget, 2)),
    "APGD-CE": (Norm.LINF, _apgd),
    "Square": (Norm.LINF, _square),
    "DeepFool": (Norm.L2, _deepfool),
    "HopSkipJump": (Norm.L2, _hopskipjump),
    "AutoAttack": (Norm.LINF, _auto),
}
