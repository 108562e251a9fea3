"""explain/smooth-grad."""

from __future__ import annotations

from assay import Images, Model, component
from assay.library.explain.differentiated_model import DifferentiatedModel
from assay.library.explain.explaining import begun, finish
from assay.library.explain.told import Explained, Hits, Least, Noise, Others, Samples, Seed, Smoothing, request
from assay.trust.explain.recipes import SmoothGrad


@component(
    "explain/smooth-grad",
    version="1.0.0",
    tags=("explanation", "images", "heatmap", "gradient"),
    licence="Apache-2.0",
    requires=("torch", "captum", "safetensors", "onnx", "onnxruntime", "numpy", "scipy", "pillow"),
    memory="2Gi",
    preload=("torch", "captum.attr", "onnxruntime", "numpy"),
)
def smooth_grad(
    model: Model,
    images: Images,
    reference: Images | None = None,
    *,
    samples: Samples = 25,
    noise: Noise = 0.15,
    smoothing: Smoothing = 4.0,
    pictures: Hits = 24,
    shown: Others = 4,
    few: Others = 4,
    least_pointing: Least = None,
    seed: Seed = 0,
) -> Explained:
    """Average the size of the gradient over noisy copies of the image (SmoothGrad, by Captum).

    Its maps have no sign: they show where the score is sensitive, not what speaks for it. The maps are measured on images that the model rightly called positive, beside random, intensity and edges; a method that is no
    better than these is marked as failing in evidence, gallery and previews.

    Args:
        model: From train/image-classifier: its network is rebuilt in PyTorch and held against model.onnx.
        images: What is explained: test images, with masks where they are known.
        reference: Images whose negatives the figures fill parts with, such as the training part.
        samples: Copies a map.
        noise: Deviation of the noise, where the image's range is 0..1.
        smoothing: Deviation of the Gaussian that smooths each map.
        pictures: True positives that are explained and measured, at most.
        shown: False positives, false negatives and true negatives that are explained, at most of each.
        few: Measured images on which stability and randomisation are checked too; each costs six maps more.
        least_pointing: Share of the hottest places in a lesion that has to be shown; default: told, not judged.
        seed: Of the lot and of the method.

    Returns:
        heatmaps: Heat as numbers, overlays, an index, and whether the method stands.
        evidence: Faithfulness, stability, randomisation, localisation and cost, with intervals, beside the controls.
        gallery: Hits and errors, drawn by lot.
    """
    task = begun(model, images, reference, request("explain/smooth-grad@1.0.0", locals()), DifferentiatedModel)
    recipe = SmoothGrad(samples, noise, smoothing)
    return Explained(*finish(task, recipe))
