"""transform/predict."""

from __future__ import annotations

from typing import Annotated

from assay import Images, Model, Param, Predictions, component, step


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
    import pandas as pd

    from assay.data.images import load_pixels, read_index, read_meta
    from assay.training.predictor import Predictor
    from assay.trust.performance.origin import DATA, MODEL, SEAL, seal_rows

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
    shares = np.concatenate(parts)
    positive = facts.labels.index(facts.positive)
    others = np.delete(np.arange(len(facts.labels)), positive)
    best_other = others[shares[:, others].argmax(axis=1)]
    called = np.where(shares[:, positive] >= facts.threshold, positive, best_other)
    answers = pd.DataFrame(
        {
            "score": shares[:, positive],
            "predicted": np.array(facts.labels, dtype=object)[called],
            **{f"p_{label}": shares[:, number] for number, label in enumerate(facts.labels)},
            "positive": facts.positive,
            "threshold": facts.threshold,
            "synthetic": meta.synthetic,
            MODEL: step.digest(model),
            DATA: step.digest(images),
        },
        index=index.index,
    )
    kept = [name for name in index.columns if name not in answers.columns and name not in {"file", "patient", "label"}]
    table = pd.concat([index[["file", "patient", "label"]], answers, index[kept]], axis=1)
    table.insert(list(table.columns).index(DATA) + 1, SEAL, seal_rows(table))
    predictions = step.output("predictions", Predictions, suffix=".csv")
    table.to_csv(predictions.path, index=False, lineterminator="\r\n")
    print(f"{len(table)} images, {int((called == positive).sum())} called {facts.positive} at {facts.threshold:.4g}")
    return predictions
