"""explain/lime."""

from __future__ import annotations

from typing import Literal

from assay import Images, Model, component
from assay.library.explain.explaining import begun, finish
from assay.library.explain.told import Edge, Explained, Hits, Least, Others, Samples, Seed, Smoothing, Turns, request
from assay.trust.explain.recipes import Lime


@component(
    "explain/lime",
    version="1.0.0",
    tags=("explanation", "images", "heatmap"),
    licence="Apache-2.0",
    requires=("onnxruntime", "onnx", "numpy", "scipy", "pillow"),
    preload=("onnxruntime", "numpy"),
)
def lime(
    model: Model,
    images: Images,
    reference: Images | None = None,
    *,
    fill: Literal["auto", "neighbours", "blur", "mean", "black"] = "auto",
    fills: Turns = 3,
    cell: Edge = None,
    samples: Samples = 1000,
    smoothing: Smoothing = 2.0,
    pictures: Hits = 24,
    shown: Others = 4,
    few: Others = 4,
    least_pointing: Least = None,
    seed: Seed = 0,
) -> Explained:
    """Hide superpixels at random and fit a ridge regression to what the model answers (LIME).

    Asks the ONNX model alone. Superpixels are squares of a known size. The maps are measured on images that the model rightly called positive, beside random, intensity and edges; a method that is no
    better than these is marked as failing in evidence, gallery and previews.

    Args:
        model: From train/image-classifier, or any folder with model.onnx and model.json.
        images: What is explained: test images, with masks where they are known.
        reference: Images whose negatives show what a part looks like when it is healthy, such as the training part.
        fill: What a hidden part shows; auto takes the nearest reference images, or a blur when there are none.
        fills: Nearest reference images that samples take in turn.
        cell: Edge of a superpixel; default a tenth of the image's.
        samples: Images asked about for a map.
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
    task = begun(model, images, reference, request("explain/lime@1.0.0", locals()))
    edge = cell or max(2, task.bench.size // 10)
    recipe = Lime(task.bench.fill(fill), fills, edge, samples, smoothing)
    return Explained(*finish(task, recipe))
