"""train/tabular-classifier."""

from __future__ import annotations

from typing import Annotated, Literal

from assay import Dataset, File, Model, Param, component, step


@component(
    "train/tabular-classifier",
    version="1.0.0",
    tags=("tables", "classification", "scikit-learn"),
    licence="Apache-2.0",
    requires=("scikit-learn", "skl2onnx", "onnx", "onnxruntime", "numpy", "pandas", "scipy"),
    preload=("numpy", "pandas", "scipy.special"),
)
def tabular_classifier(
    train: Dataset,
    validation: Dataset,
    schema: File | None = None,
    *,
    model: Literal["logistic-regression", "random-forest", "gradient-boosting"] = "gradient-boosting",
    leave_out: Annotated[list[str] | None, Param(column_of="train")] = None,
    use_sensitive: bool = False,
    strength: Annotated[float, Param(min=1e-6, max=1e6)] = 1.0,
    trees: Annotated[int, Param(min=1, max=10_000)] = 100,
    depth: Annotated[int, Param(min=0, max=64)] = 0,
    leaf: Annotated[int, Param(min=1, unit="rows")] = 20,
    class_weights: Literal["balanced", "none"] = "none",
    threshold: Literal["youden", "sensitivity", "half"] = "youden",
    sensitivity: Annotated[float, Param(min=0.0, max=1.0, unit="share")] = 0.9,
    positive: str | None = None,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Model:
    """Fit a scikit-learn classifier to a table, and write it as ONNX with its preprocessing, schema and label map.

    Missing numbers get the training median, categories become columns of 0 and 1, all inside the ONNX file, which is written only
    after ONNX Runtime gave the same answers as scikit-learn on validation rows. Sensitive columns are not learnt from unless told
    to; that alone makes no model fair, since other columns tell of them. A column weight, as from fairness/reweighing-table, weighs the rows.

    Args:
        train: Rows to fit on.
        validation: Rows of other patients, for the threshold.
        schema: From input/table: types and sensitive columns; default types as the cells look, sensitive sex, gender, age,
            age_group, race, ethnicity.
        model: logistic-regression is linear in scaled numbers; random-forest and gradient-boosting are trees.
        leave_out: Further columns that are not learnt from.
        use_sensitive: Also learn from the sensitive columns.
        strength: Inverse of the ridge penalty of logistic-regression.
        trees: Of a forest or of boosting.
        depth: Largest depth of a tree; 0: no bound for a forest, 3 for boosting.
        leaf: Fewest rows in a leaf.
        class_weights: balanced makes every label count the same, however rare.
        threshold: youden balances sensitivity and specificity; sensitivity finds at least the share below; half is 0.5.
        sensitivity: Share of positives the threshold must find on validation data, with threshold 'sensitivity'.
        positive: Label whose probability is the score; default what the schema says, or the last in the alphabet.
        seed: Of forest and boosting.

    Returns:
        model: ONNX pipeline, columns with types and ranges, label map, threshold, training facts.
    """
    from assay.library.train.tablefitting import Parts  # heavy imports stay out of the module
    from assay.training.tables.export import as_onnx
    from assay.training.tables.fitting import ModelName, Recipe, fit

    parts = Parts.read(
        train, validation, schema, leave_out=leave_out or [], use_sensitive=use_sensitive, positive=positive
    )
    recipe = Recipe(ModelName(model), strength, trees, depth, leaf, class_weights == "balanced", seed)
    fitted = fit(recipe, parts.features, parts.values, parts.classes, parts.weight)
    output = step.output("model", Model)
    training = {
        "component": "train/tabular-classifier@1.0.0",
        "model": model,
        "seed": seed,
        "class_weights": class_weights,
        "data": {"train": step.digest(train), "validation": step.digest(validation)},
    }
    network = as_onnx(fitted, len(parts.features))
    parts.write(network, fitted.predict_proba(parts.held), output, threshold, sensitivity, training)
    return output
