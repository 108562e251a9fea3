"""transform/predict-table."""

from __future__ import annotations

from typing import Literal

from assay import ComponentError, Dataset, Model, Predictions, component, step
from assay.library.transform.answering import answered


@component(
    "transform/predict-table",
    version="1.0.0",
    tags=("tables", "inference"),
    licence="Apache-2.0",
    requires=("onnxruntime", "numpy", "pandas"),
    preload=("onnxruntime", "numpy", "pandas"),
)
def predict_table(
    model: Model,
    table: Dataset,
    *,
    unseen: Literal["warn", "refuse"] = "warn",
) -> Predictions:
    """Ask a model about every row of a table; truth, patient and every other column stay beside the answer.

    Runs on ONNX Runtime alone. Missing numbers get the training median, which is part of the model.

    Args:
        model: From train/tabular-classifier, or any folder with model.onnx and a model.json of kind table.
        table: Rows with row, patient and label.
        unseen: What happens to a category that was not there in training: it counts as none of those, with a warning, or is refused.

    Returns:
        predictions: One row a row of the table, in its order: score, predicted label, a probability a label, every column of the
            table, threshold, digests of model and table, and a seal over truth and score of each row.
    """
    from assay.data.tables.rows import is_synthetic, read_rows, refuse_labels  # heavy imports stay out of the module
    from assay.data.tables.schema import KEYS
    from assay.training.tables.asking import TableModel
    from assay.training.tables.facts import encode

    asker, rows = TableModel(model.path, threads=step.threads), read_rows(table)
    refuse_labels(rows, asker.facts.labels, "the table")
    encoded = encode(rows, asker.facts.features)
    for note in encoded.notes():
        print(f"WARNING: {note}")
    if encoded.unseen and unseen == "refuse":
        raise ComponentError("; ".join(encoded.notes()), culprit=next(iter(encoded.unseen)), hint="unseen: warn")
    return answered(
        rows,
        KEYS,
        asker.probabilities(encoded.matrix),
        asker.facts,
        model,
        table,
        synthetic=is_synthetic(rows),
        what="rows",
    )
