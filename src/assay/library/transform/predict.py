"""transform/predict."""

from __future__ import annotations

from typing import Annotated

from assay import Images, Model, Param, Predictions, component, step
from assay.library.transform.answering import answered


@component(
    "transform/predict",
    version="1.1.0",
    tags=("images", "inference"),
    licence="Apache-2.0",
    requires=("onnxruntime", "numpy", "pandas", "pillow"),
    preload=("onnxruntime", "numpy", "pandas"),
)
def predict(
    model: Model,
    images: Images,
    *,
    batch_size: Annotated[int, Param(min=1, max=4096, unit="images")] = 64,
) -> Predictions:
    """Ask a model about every image; truth, patient, age and sex stay beside the answer, row by row.

    Runs on ONNX Runtime alone. Images of another modality or intensity than the model was fitted on are predicted with a warning.

    Args:
        model: From train/image-classifier, or any folder with model.onnx and model.json.
        images: Images with their index.
        batch_size: Images asked about at once.

    Returns:
        predictions: One row an image in the order of the index: score, predicted label, a probability a label, and every column of
            the index; also the label that is positive, the threshold used, whether the images are synthetic, the digests of model and
            images, and a seal over the truth and score of each row.
    """
    import numpy as np  # heavy imports stay out of the module: whoever lists components need not have them

    from assay.data.images import load_pixels, read_index, read_meta
    from assay.training.predictor import Predictor

    predictor = Predictor(model.path, threads=step.threads)
    facts, meta, index = predictor.facts, read_meta(images), read_index(images)
    for difference in facts.differences(meta):
        print(f"WARNING: {difference}")
    steps = facts.preprocessing
    parts = [np.empty((0, len(facts.labels)))]
    for start in range(0, len(index), batch_size):
        files = index["file"].iloc[start : start + batch_size]
        pixels = np.stack([load_pixels(images / file, meta, steps.window, steps.size) for file in files])
        parts.append(predictor.probabilities(pixels[:, None]))
        step.progress(start + len(files), len(index), "images")
    return answered(
        index,
        ("file", "patient", "label"),
        np.concatenate(parts),
        facts,
        model,
        images,
        synthetic=meta.synthetic,
        what="images",
    )
