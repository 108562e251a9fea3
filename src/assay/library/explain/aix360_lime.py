"""explain/aix360-lime."""

from __future__ import annotations

from typing import Literal

from assay import Images, Model, component
from assay.library.explain.explaining import begun, finish
from assay.library.explain.told import Edge, Explained, Hits, Least, Others, Samples, Seed, Smoothing, request
from assay.trust.explain.recipes import Aix360Lime


@component(
    "explain/aix360-lime",
    version="1.0.0",
    tags=("explanation", "images", "heatmap", "aix360"),
    licence="Apache-2.0",
    requires=(
        "aix360==0.3.0",
        "cvxpy>=1.6",
        "ecos>=2.0.14",
        "lime==0.2.0.1",
        "numpy>=2.1,<2.4",
        "onnx>=1.19",
        "onnxruntime>=1.22",
        "pandas>=2.2",
        "pillow>=11",
        "scikit-learn>=1.5",
        "scipy>=1.15",
        "xport==2.0.2",
    ),
)
def aix360_lime(
    model: Model,
    images: Images,
    reference: Images | None = None,
    *,
    parts: Literal["grid", "quickshift"] = "grid",
    hidden: Literal["black", "mean"] = "black",
    cell: Edge = None,
    samples: Samples = 1000,
    smoothing: Smoothing = 0.0,
    pictures: Hits = 24,
    shown: Others = 4,
    few: Others = 4,
    least_pointing: Least = None,
    seed: Seed = 0,
) -> Explained:
    """Explain images by the LIME wrapper of AI Explainability 360, and measure it beside its controls.

    For those who have to show what this library says: explain/lime does the same faster and with better fills. Runs in an
    environment of its own. The library's own choice of parts, quickshift, finds a handful in a small grey picture; squares are the
    default here, and black where they are hidden. A method that is no better than random, intensity and edges is marked as failing.

    Args:
        model: From train/image-classifier, or any folder with model.onnx and model.json.
        images: What is explained: test images, with masks where they are known.
        reference: Images whose negatives show what a part looks like when it is healthy; the maps are measured with them.
        parts: grid: squares of a known size; quickshift: the library's default.
        hidden: What a hidden part shows: black, or its own mean (the library's default, which hides nothing of what fills a part).
        cell: Edge of a square; default a tenth of the image's.
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
    told = request("explain/aix360-lime@1.0.0", locals())
    from assay.library.explain.lime_of_aix360 import LimeOfAix360  # only in its environment is the library there

    task = begun(model, images, reference, told, LimeOfAix360)
    edge = cell or max(2, task.bench.size // 10)
    return Explained(*finish(task, Aix360Lime(parts, hidden, edge, samples, smoothing=smoothing)))
