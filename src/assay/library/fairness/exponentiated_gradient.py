"""fairness/exponentiated-gradient."""

from __future__ import annotations

from typing import Annotated, Literal

from assay import Dataset, File, Model, Param, component, step


@component(
    "fairness/exponentiated-gradient",
    version="1.0.0",
    tags=("trust", "fairness", "mitigation", "training", "tables"),
    licence="Apache-2.0",
    requires=("fairlearn", "scikit-learn", "skl2onnx", "onnx", "onnxruntime", "numpy", "pandas", "scipy"),
    preload=("numpy", "pandas", "scipy.special"),
)
def exponentiated_gradient(
    train: Dataset,
    validation: Dataset,
    schema: File | None = None,
    *,
    by: Annotated[str, Param(column_of="train")] = "sex",
    age_cuts: list[float] | None = None,
    constraint: Literal[
        "equalized_odds", "true_positive_rate_parity", "false_positive_rate_parity", "demographic_parity"
    ] = "equalized_odds",
    bound: Annotated[float, Param(min=0.001, max=1.0)] = 0.02,
    rounds: Annotated[int, Param(min=1, max=1000)] = 50,
    leave_out: Annotated[list[str] | None, Param(column_of="train")] = None,
    use_sensitive: bool = False,
    strength: Annotated[float, Param(min=1e-6, max=1e6)] = 1.0,
    threshold: Literal["half", "youden", "sensitivity"] = "half",
    sensitivity: Annotated[float, Param(min=0.0, max=1.0, unit="share")] = 0.9,
    positive: str | None = None,
) -> Model:
    """Fit a classifier of rows under a fairness constraint (Fairlearn's exponentiated gradient), and write it as ONNX.

    A game of many rounds: logistic regressions are fitted to weights that grow where the constraint is broken, and mixed. No decision
    looks at the group. Fairlearn's promise holds for a lot that is drawn anew for every decision; the model written here does not draw
    lots: its score is the mean of the mixed classifiers' probabilities, and how often it decides as the lot would is in model.json.
    Measure it: fairness/group-metrics, and before and after with fairness/compare.

    Args:
        train: Rows to fit on; those of no known group are left out of the fit.
        validation: Rows of other patients, for the threshold.
        schema: From input/table: types and sensitive columns.
        by: Column whose groups are made alike; age_group is made of age.
        age_cuts: Ages in years at which a new group begins, for age_group; default 40 and 60.
        constraint: What is made equal between groups on the training rows.
        bound: Largest difference to everybody's rate that the fit allows itself.
        rounds: At most.
        leave_out: Further columns that are not learnt from.
        use_sensitive: Also learn from the sensitive columns.
        strength: Inverse of the ridge penalty of each logistic regression.
        threshold: half is 0.5, as the lot has it; youden and sensitivity choose on validation data and may undo part of the constraint.
        sensitivity: Share of positives the threshold must find on validation data, with threshold 'sensitivity'.
        positive: Label whose probability is the score; default what the schema says, or the last in the alphabet.

    Returns:
        model: ONNX pipeline, columns with types and ranges, label map, threshold, training facts.
    """
    from assay.library.fairness.constrained import fitted  # heavy imports stay out of the module
    from assay.library.fairness.mixing import Demand
    from assay.library.train.tablefitting import Parts

    parts = Parts.read(
        train, validation, schema, leave_out=leave_out or [], use_sensitive=use_sensitive, positive=positive
    )
    found = fitted(parts, by, age_cuts or [40.0, 60.0], Demand(constraint, bound, rounds, strength))
    output = step.output("model", Model)
    training = {
        "component": "fairness/exponentiated-gradient@1.0.0",
        "model": "mixture of logistic regressions",
        "by": by,
        "constraint": constraint,
        "bound": bound,
        **found.facts,
        "data": {"train": step.digest(train), "validation": step.digest(validation)},
    }
    parts.write(found.network, found.answers, output, threshold, sensitivity, training)
    return output
