"""Recipes that need gradients: from a record to a function of pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import Explain, Pictures
from assay.trust.explain.backgrounds import Backgrounds
from assay.trust.explain.black_box import smoothed
from assay.trust.explain.gradient.grad_cam import grad_cam
from assay.trust.explain.gradient.gradient_shap import gradient_shap
from assay.trust.explain.gradient.integrated_gradients import integrated_gradients
from assay.trust.explain.gradient.smooth_grad import smooth_grad
from assay.trust.explain.gradient.target import LogOdds
from assay.trust.explain.recipes import ByGradient, GradCam, GradientShap, IntegratedGradients, SmoothGrad


def by_gradient(target: LogOdds, recipe: ByGradient, backgrounds: Backgrounds) -> Explain:
    """Return the method as a function of pictures and a seed."""

    def explain(pictures: Pictures, seed: int) -> NDArray[np.float64]:
        return smoothed(_heat(target, recipe, backgrounds, pictures, seed), recipe.smoothing)

    return explain


def _heat(
    target: LogOdds, recipe: ByGradient, backgrounds: Backgrounds, pictures: Pictures, seed: int
) -> NDArray[np.float64]:
    match recipe:
        case IntegratedGradients():
            fills = backgrounds.fills(pictures, recipe.fill, recipe.fills)
            ways = [
                integrated_gradients(target, pictures, fills[:, each], steps=recipe.steps)
                for each in range(fills.shape[1])
            ]
            mean: NDArray[np.float64] = np.mean(ways, axis=0)
            return mean
        case GradientShap():
            fills = backgrounds.fills(pictures, recipe.fill, recipe.fills)
            return gradient_shap(target, pictures, fills, samples=recipe.samples, deviation=recipe.deviation, seed=seed)
        case SmoothGrad():
            return smooth_grad(target, pictures, samples=recipe.samples, deviation=recipe.deviation, seed=seed)
        case GradCam():
            return grad_cam(target, pictures, recipe.layer)
