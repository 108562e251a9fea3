"""A Model folder that is also differentiated, in PyTorch, for the recipes that need a gradient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from assay.errors import ComponentError, MissingDependency
from assay.library.explain.asked_model import SHARES, AskedModel
from assay.training.rebuild import Differentiable, NotRebuilt, rebuild
from assay.trust.explain.asking import Explain
from assay.trust.explain.backgrounds import Backgrounds
from assay.trust.explain.recipes import Aix360Lime, KernelShap, Lime, Occlusion, Recipe

try:
    from assay.trust.explain.gradient.by_gradient import by_gradient
    from assay.trust.explain.gradient.grad_cam import layers
    from assay.trust.explain.gradient.shuffled import shuffled
    from assay.trust.explain.gradient.target import LogOdds
except ModuleNotFoundError as error:
    raise MissingDependency(
        f"explanations by gradient need {error.name}",
        culprit=str(error.name),
        hint="pip install 'assay-ml[explain]', or use explain/occlusion, explain/lime or explain/kernel-shap",
    ) from error

_INSTEAD = "explain/occlusion, explain/lime and explain/kernel-shap need model.onnx alone"


class DifferentiatedModel(AskedModel):
    """One model, asked through ONNX Runtime and differentiated in PyTorch.

    Raises:
        NotRebuilt: The network cannot be rebuilt; the hint names the methods that need no gradient.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        super().__init__(folder, threads)
        torch.set_num_threads(threads)
        try:
            self._rebuilt: Differentiable = rebuild(folder, threads=threads)
        except NotRebuilt as error:
            hint = f"{error.hint}; {_INSTEAD}" if error.hint else _INSTEAD
            raise NotRebuilt(error.message, culprit=error.culprit, hint=hint) from error
        self._positive = self.facts.labels.index(self.facts.positive)

    def layers(self) -> list[str]:
        """Return the layers that Grad-CAM may look at, from the first to the last.

        Raises:
            ComponentError: There are none.
        """
        found = layers(self._rebuilt.network, self.facts.preprocessing.size)
        if not found:
            raise ComponentError("the network has no maps that Grad-CAM could look at", culprit="layer", hint=_INSTEAD)
        return found

    def explain(self, recipe: Recipe, backgrounds: Backgrounds) -> Explain:
        """Return the method as a function."""
        if isinstance(recipe, Occlusion | Lime | KernelShap | Aix360Lime):
            return super().explain(recipe, backgrounds)
        target = LogOdds(self._rebuilt.network, self._rebuilt.normalise, self._positive)
        return by_gradient(target, recipe, backgrounds)

    def forgetting(
        self, recipe: Recipe, backgrounds: Backgrounds, seed: int, shares: Sequence[float] = SHARES
    ) -> Iterator[tuple[int, int, Explain]]:
        """Yield the method on copies whose last layers were reset: how many, of how many, the method."""
        if isinstance(recipe, Occlusion | Lime | KernelShap | Aix360Lime):
            yield from super().forgetting(recipe, backgrounds, seed, shares)
            return
        for done, total, network in shuffled(self._rebuilt.network, shares, seed):
            yield (
                done,
                total,
                by_gradient(LogOdds(network, self._rebuilt.normalise, self._positive), recipe, backgrounds),
            )
