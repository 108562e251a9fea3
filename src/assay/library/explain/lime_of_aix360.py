"""A Model folder explained by the LIME wrapper of AI Explainability 360."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
from aix360.algorithms.lime import LimeImageExplainer
from numpy.typing import NDArray

from assay.library.explain.asked_model import AskedModel
from assay.trust.explain.asking import Ask, Explain, Heat, Pictures, probability
from assay.trust.explain.backgrounds import Backgrounds
from assay.trust.explain.black_box import smoothed
from assay.trust.explain.recipes import Aix360Lime, Recipe
from assay.trust.explain.superpixels import grid, painted


class LimeOfAix360(AskedModel):
    """One model that is only asked, by the wrapper too."""

    def by_asking(self, ask: Ask, recipe: Recipe, backgrounds: Backgrounds) -> Explain:
        """Return the method as a function that asks ``ask``."""
        if not isinstance(recipe, Aix360Lime):
            return super().by_asking(ask, recipe, backgrounds)

        def explain(pictures: Pictures, seed: int) -> NDArray[np.float64]:
            heat = [_one(ask, recipe, picture, seed) for picture in pictures]
            return smoothed(np.stack(heat), recipe.smoothing) if heat else np.empty(pictures.shape)

        return explain


def _one(ask: Ask, recipe: Aix360Lime, picture: Pictures, seed: int) -> Heat:
    def answers(colour: NDArray[np.float64]) -> NDArray[np.float64]:
        positive = probability(ask(np.ascontiguousarray(colour[..., 0], dtype=np.float32)))
        return np.column_stack([1 - positive, positive])

    def squares(colour: NDArray[np.float64]) -> NDArray[np.intp]:
        return grid((colour.shape[0], colour.shape[1]), recipe.cell)

    # The package draws its bar of progress whatever it is told, and has no argument for images that silences it.
    with contextlib.redirect_stderr(io.StringIO()):
        found: Any = LimeImageExplainer(random_state=seed).explain_instance(
            picture.astype(np.float64),
            answers,
            labels=(1,),
            top_labels=None,
            hide_color=None if recipe.hidden == "mean" else 0,
            num_samples=recipe.samples,
            batch_size=recipe.batch,
            segmentation_fn=squares if recipe.parts == "grid" else None,
            random_seed=seed,
        )
    weights: dict[int, float] = dict(found.local_exp[1])
    return painted(np.array([weights[part] for part in range(len(weights))]), np.asarray(found.segments, dtype=np.intp))
