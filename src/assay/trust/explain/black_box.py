"""Recipes that only ask: from a record to a function of pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import Ask, Explain, Heat, Pictures
from assay.trust.explain.backgrounds import Backgrounds, blurred
from assay.trust.explain.kernel_shap import kernel_shap
from assay.trust.explain.lime import lime
from assay.trust.explain.occlusion import occlude
from assay.trust.explain.recipes import BlackBox, KernelShap, Lime, Occlusion
from assay.trust.explain.superpixels import grid


def black_box(ask: Ask, recipe: BlackBox, backgrounds: Backgrounds) -> Explain:
    """Return the method as a function of pictures and a seed; a picture's heat does not depend on its neighbours in the batch."""

    def explain(pictures: Pictures, seed: int) -> NDArray[np.float64]:
        fills = backgrounds.fills(pictures, recipe.fill, recipe.fills)
        heat = [_one(ask, recipe, picture, own, seed) for picture, own in zip(pictures, fills, strict=True)]
        return smoothed(np.stack(heat), recipe.smoothing) if heat else np.empty(pictures.shape)

    return explain


def _one(ask: Ask, recipe: BlackBox, picture: Pictures, fills: Pictures, seed: int) -> Heat:
    random = np.random.default_rng(seed)
    match recipe:
        case Occlusion():
            return occlude(ask, picture, fills, window=recipe.window, stride=recipe.stride)
        case Lime():
            parts = grid((picture.shape[0], picture.shape[1]), recipe.cell)
            return lime(ask, picture, fills, parts, samples=recipe.samples, random=random)
        case KernelShap():
            parts = grid((picture.shape[0], picture.shape[1]), recipe.cell)
            return kernel_shap(ask, picture, fills, parts, samples=recipe.samples, random=random)


def smoothed(heat: NDArray[np.float64], deviation: float) -> NDArray[np.float64]:
    """Return heat blurred by a Gaussian of ``deviation`` pixels; as it is for 0."""
    return blurred(heat, deviation).astype(np.float64) if deviation > 0 else heat
