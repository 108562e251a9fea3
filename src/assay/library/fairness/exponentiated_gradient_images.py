"""fairness/exponentiated-gradient-images."""

from __future__ import annotations

from typing import Annotated, Literal

from assay import Images, Model, Param, component, step


@component(
    "fairness/exponentiated-gradient-images",
    version="1.0.0",
    tags=("trust", "fairness", "mitigation", "training", "images"),
    licence="Apache-2.0",
    requires=("fairlearn", "scikit-learn", "onnx", "onnxruntime", "numpy", "pandas", "pillow"),
    preload=("numpy", "pandas", "onnxruntime"),
)
def exponentiated_gradient_images(
    model: Model,
    train: Images,
    validation: Images,
    *,
    by: Annotated[str, Param(column_of="train")] = "sex",
    age_cuts: list[float] | None = None,
    constraint: Literal[
        "equalized_odds", "true_positive_rate_parity", "false_positive_rate_parity", "demographic_parity"
    ] = "equalized_odds",
    bound: Annotated[float, Param(min=0.001, max=1.0)] = 0.02,
    rounds: Annotated[int, Param(min=1, max=1000)] = 50,
    strength: Annotated[float, Param(min=1e-6, max=1e6)] = 0.01,
    threshold: Literal["half", "youden", "sensitivity"] = "half",
    sensitivity: Annotated[float, Param(min=0.0, max=1.0, unit="share")] = 0.9,
) -> Model:
    """Fit the last layer of an image classifier anew under a fairness constraint (Fairlearn's exponentiated gradient).

    The network stays as it is; logistic regressions on the features that its last layer reads are fitted to weights that grow where the
    constraint is broken, and mixed. No decision looks at the group. The score is the mean of the mixed classifiers' probabilities, not
    Fairlearn's lot; how often both decide alike is in model.json. Measure it: fairness/group-metrics, and before and after with
    fairness/compare. What the features do not show cannot be mended here.

    Args:
        model: From train/image-classifier, or any folder with model.onnx and model.json whose last layer is linear; two labels.
        train: Images to fit the layer on; those of no known group are left out. A network that was fitted on the same images separates
            them, and no constraint bites: give others, or keep the network frozen in training.
        validation: Images of other patients, for the threshold.
        by: Column whose groups are made alike; age_group is made of age.
        age_cuts: Ages in years at which a new group begins, for age_group; default 40 and 60.
        constraint: What is made equal between groups on the images of train.
        bound: Largest difference to everybody's rate that the fit allows itself.
        rounds: At most.
        strength: Inverse of the ridge penalty of each logistic regression.
        threshold: half is 0.5, as the lot has it; youden and sensitivity choose on validation data and may undo part of the constraint.
        sensitivity: Share of positives the threshold must find on validation data, with threshold 'sensitivity'.

    Returns:
        model: The network with the new layer as ONNX, label map, preprocessing, threshold, and how it was fitted. It has no weights to
            differentiate: explanations and attacks that only ask still run.
    """
    from assay.library.fairness.constrained_head import Head  # heavy imports stay out of the module
    from assay.library.fairness.mixing import Demand

    head = Head.fitted(
        model, train, validation, by, age_cuts or [40.0, 60.0], Demand(constraint, bound, rounds, strength)
    )
    output = step.output("model", Model)
    head.write(
        model,
        output,
        threshold,
        sensitivity,
        {
            "component": "fairness/exponentiated-gradient-images@1.0.0",
            "model": "mixture of logistic regressions on the features of a network",
            "by": by,
            "constraint": constraint,
            "bound": bound,
            "strength": strength,
            "data": {"train": step.digest(train), "validation": step.digest(validation)},
            "network_from": step.digest(model),
        },
    )
    return output
