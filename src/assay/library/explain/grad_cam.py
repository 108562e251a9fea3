"""explain/grad-cam."""

from __future__ import annotations

from assay import Images, Model, component
from assay.errors import ComponentError, did_you_mean
from assay.library.explain.choosing_by_measurement import best_recipe
from assay.library.explain.differentiated_model import DifferentiatedModel
from assay.library.explain.explaining import begun, finish
from assay.library.explain.told import Explained, Hits, Least, Others, Seed, Smoothing, request
from assay.trust.explain.recipes import GradCam


@component(
    "explain/grad-cam",
    version="1.0.0",
    tags=("explanation", "images", "heatmap", "gradient"),
    licence="Apache-2.0",
    requires=("torch", "captum", "safetensors", "onnx", "onnxruntime", "numpy", "scipy", "pillow"),
    memory="2Gi",
    preload=("torch", "captum.attr", "onnxruntime", "numpy"),
)
def grad_cam(
    model: Model,
    images: Images,
    reference: Images | None = None,
    validation: Images | None = None,
    *,
    layer: str = "measured",
    smoothing: Smoothing = 0.0,
    pictures: Hits = 24,
    shown: Others = 4,
    few: Others = 4,
    least_pointing: Least = None,
    seed: Seed = 0,
) -> Explained:
    """Weigh a layer's maps by their gradient (Grad-CAM, by Captum), the layer chosen by measurement.

    The last layer, which is the usual choice, is often not the best: each is measured on validation images, by where it points when
    they have masks, else by whether the score follows. The maps are then measured on images that the model rightly called positive,
    beside random, intensity and edges; a method that is no better than these is marked as failing in evidence, gallery and previews.

    Args:
        model: From train/image-classifier: its network is rebuilt in PyTorch and held against model.onnx.
        images: What is explained: test images, with masks where they are known.
        reference: Images whose negatives the figures fill parts with, such as the training part.
        validation: Images of other patients on which the layer is chosen; needed for layer 'measured'.
        layer: A layer's name, or 'measured'.
        smoothing: Deviation of the Gaussian that smooths each map.
        pictures: True positives that are explained and measured, at most.
        shown: False positives, false negatives and true negatives that are explained, at most of each.
        few: Measured images on which stability and randomisation are checked too; each costs six maps more.
        least_pointing: Share of the hottest places in a lesion that has to be shown; default: told, not judged.
        seed: Of the lot.

    Returns:
        heatmaps: Heat as numbers, overlays, an index, and whether the method stands.
        evidence: Faithfulness, stability, randomisation, localisation and cost, with intervals, beside the controls.
        gallery: Hits and errors, drawn by lot.
    """
    task = begun(model, images, reference, request("explain/grad-cam@1.0.0", locals()), DifferentiatedModel)
    opened = task.bench.model
    if not isinstance(opened, DifferentiatedModel):
        raise TypeError("this model is only asked")
    layers = opened.layers()
    if layer != "measured":
        if layer not in layers:
            hint = did_you_mean(layer, layers) or f"layers: {', '.join(layers)}"
            raise ComponentError(f"the network has no layer {layer!r} with maps", culprit=layer, hint=hint)
        return Explained(*finish(task, GradCam(layer, smoothing)))
    if validation is None:
        raise ComponentError(
            "the layer is chosen on validation images, and there are none",
            culprit="validation",
            hint=f"connect the validation part, or name one of the layers {', '.join(layers)}",
        )
    chosen = best_recipe(task, validation, [GradCam(name, smoothing) for name in layers])
    return Explained(*finish(task, chosen.recipe, [chosen.table]))
