"""A Model folder as black-box explanations want it: asked through ONNX Runtime, and copies of it that forget what they learnt."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assay.training.predictor import Predictor
from assay.trust.explain.asking import Ask, Asked, Explain, Pictures
from assay.trust.explain.backgrounds import Backgrounds
from assay.trust.explain.black_box import black_box
from assay.trust.explain.recipes import KernelShap, Lime, Occlusion, Recipe
from assay.trust.explain.shuffled_onnx import shuffled

SHARES = (0.0, 0.5, 1.0)
"""Depths of the randomisation check: the last layer, half of them, all."""


class AskedModel:
    """One model that is only ever asked.

    Args:
        folder: The Model folder.
        threads: Of ONNX Runtime.

    Raises:
        ComponentError: See ``Predictor``.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        self.folder, self.threads = folder, threads
        predictor = Predictor(folder, threads=threads)
        self.facts = predictor.facts
        self.ask = Asked(_asking(predictor))

    def explain(self, recipe: Recipe, backgrounds: Backgrounds) -> Explain:
        """Return the method as a function.

        Raises:
            TypeError: The recipe needs a gradient, or a package that another model brings.
        """
        return self.by_asking(self.ask, recipe, backgrounds)

    def layers(self) -> list[str]:
        """Return the layers that Grad-CAM may look at: none without a gradient."""
        return []

    def forgetting(
        self, recipe: Recipe, backgrounds: Backgrounds, seed: int, shares: Sequence[float] = SHARES
    ) -> Iterator[tuple[int, int, Explain]]:
        """Yield the method on copies whose last layers were reset: how many, of how many, the method."""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(self.folder / "model.json", folder)
            for done, total, content in shuffled((self.folder / "model.onnx").read_bytes(), shares, seed):
                Path(folder, "model.onnx").write_bytes(content)
                reset = Asked(_asking(Predictor(Path(folder), threads=self.threads)))
                yield done, total, self.by_asking(reset, recipe, backgrounds)

    def by_asking(self, ask: Ask, recipe: Recipe, backgrounds: Backgrounds) -> Explain:
        """Return the method as a function that asks ``ask``; raises as ``explain``."""
        if not isinstance(recipe, Occlusion | Lime | KernelShap):
            raise TypeError(f"{recipe.method} cannot be had from a model that is only asked")
        return black_box(ask, recipe, backgrounds)


def _asking(predictor: Predictor) -> Ask:
    def ask(pictures: Pictures) -> NDArray[np.float64]:
        return predictor.log_odds(pictures[:, None])

    return ask
