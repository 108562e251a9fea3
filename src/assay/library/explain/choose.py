"""explain/choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from assay import Evidence, Figure, Folder, Images, Model, Param, component, step
from assay.errors import ComponentError, did_you_mean
from assay.library.explain.asked_model import AskedModel
from assay.library.explain.choosing_by_measurement import PICTURES, best_recipe
from assay.library.explain.explaining import Task, begun, compared, finish
from assay.library.explain.told import Hits, Least, Others, Seed, request
from assay.trust.explain.backgrounds import Fill
from assay.trust.explain.recipes import (
    METHODS,
    GradCam,
    GradientShap,
    IntegratedGradients,
    KernelShap,
    Lime,
    Occlusion,
    Recipe,
    SmoothGrad,
)


class ChosenMethod(NamedTuple):
    """What the choice yields."""

    heatmaps: Folder
    evidence: Evidence
    gallery: Figure
    method: str


@component(
    "explain/choose",
    version="1.0.0",
    tags=("explanation", "images", "heatmap", "gradient"),
    licence="Apache-2.0",
    requires=("torch", "captum", "safetensors", "onnx", "onnxruntime", "numpy", "scipy", "pillow"),
    memory="2Gi",
    preload=("torch", "captum.attr", "onnxruntime", "numpy"),
)
def choose(
    model: Model,
    validation: Images,
    images: Images,
    reference: Images | None = None,
    *,
    methods: list[str] | None = None,
    compare: bool = True,
    tried: Annotated[int, Param(min=2, max=10_000, unit="images")] = PICTURES,
    samples: Annotated[int, Param(min=8, max=1_000_000, unit="samples")] = 500,
    pictures: Hits = 24,
    shown: Others = 4,
    few: Others = 6,
    least_pointing: Least = None,
    seed: Seed = 0,
) -> ChosenMethod:
    """Choose the explanation method, with its baseline, layer and smoothing, by measurement; then measure it on other images.

    Candidates are tried on validation images that the model rightly called positive: with masks by where they point, without by whether
    the score follows. One whose maps stay when the network forgets is passed over. The winner explains the test images and is measured there, beside random, intensity and edges. The best
    candidate of each other method is measured too, and told in a table; a method that fails its controls is marked so.

    Args:
        model: From train/image-classifier. Where its network cannot be rebuilt, name methods that need no gradient.
        validation: Images of patients who are in no other input, on which candidates are tried; with masks where they are known.
        images: What is explained: test images, with masks where they are known.
        reference: Images whose negatives show what a part looks like when it is healthy, such as the training part.
        methods: Of occlusion, lime, kernel-shap, integrated-gradients, gradient-shap, smooth-grad, grad-cam; default all.
        compare: Whether the best candidate of each other method is measured on the test images too.
        tried: Validation images on which candidates are tried, at most.
        samples: Images asked about for one map of LIME and of Kernel SHAP.
        pictures: True positives that are explained and measured, at most.
        shown: False positives, false negatives and true negatives that are explained, at most of each.
        few: Measured images on which stability and randomisation are checked too; each costs six maps more.
        least_pointing: Share of the hottest places in a lesion that has to be shown; default: told, not judged.
        seed: Of the lot and of the methods.

    Returns:
        heatmaps: Heat of the winner as numbers, overlays, an index, and whether the method stands.
        evidence: Faithfulness, stability, randomisation, localisation and cost of the winner, with intervals, beside the controls;
            tables of all candidates and of all methods.
        gallery: Hits and errors, drawn by lot.
        method: Name of the method chosen.
    """
    asked_for, wanted = request("explain/choose@1.0.0", locals()), _wanted(methods)
    if any(METHODS[name].needs_gradient for name in wanted):
        from assay.library.explain.differentiated_model import DifferentiatedModel  # 3 s that the others need not pay

        opened: type[AskedModel] = DifferentiatedModel
    else:
        opened = AskedModel
    task = begun(model, images, reference, asked_for, opened)
    chosen = best_recipe(task, validation, _candidates(task, wanted, samples), tried)
    others = [chosen.recipe, *_best_of_others(chosen.ranking, chosen.recipe)] if compare else []
    tables = [chosen.table, *compared(task, others)]
    step.log_metric("candidates", len(chosen.ranking))
    return ChosenMethod(*finish(task, chosen.recipe, tables), method=chosen.recipe.method)


def _wanted(methods: list[str] | None) -> list[str]:
    names = list(METHODS) if methods is None else methods
    for name in names:
        if name not in METHODS:
            hint = did_you_mean(str(name), METHODS) or f"methods: {', '.join(METHODS)}"
            raise ComponentError(f"there is no method {name!r}", culprit=str(name), hint=hint)
    if not names:
        raise ComponentError("no method to choose from", culprit="methods", hint=f"some of {', '.join(METHODS)}")
    return [name for name in METHODS if name in names]


def _candidates(task: Task, wanted: list[str], samples: int) -> list[Recipe]:
    bench = task.bench
    edge, fine = max(2, bench.size // 10), bench.size / 64
    best_fill, *_ = bench.backgrounds.judging
    # Maps of patches have plateaus; smoothed, their highest point is where several hot patches meet.
    made: list[Recipe] = [
        Occlusion(best_fill, 1, edge, max(1, edge // 3), fine),
        Occlusion(Fill.BLACK, 1, edge, max(1, edge // 3), fine),
        Lime(best_fill, 3, edge, samples, fine),
        KernelShap(best_fill, 3, edge, samples, fine),
    ]
    for smoothing in (0.0, fine):
        made += [IntegratedGradients(fill, 1, 32, smoothing) for fill in bench.backgrounds.known]
        made += [GradientShap(best_fill, 8, 32, 0.0, smoothing), SmoothGrad(25, 0.15, 2 * smoothing)]
    if GradCam.method in wanted:
        made += [GradCam(layer) for layer in bench.model.layers()]
    return [recipe for recipe in made if recipe.method in wanted]


def _best_of_others(ranking: Sequence[Recipe], chosen: Recipe) -> list[Recipe]:
    found: dict[str, Recipe] = {}
    for recipe in ranking:
        found.setdefault(recipe.method, recipe)
    return [recipe for method, recipe in found.items() if method != chosen.method]
