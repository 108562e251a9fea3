"""fairness/aif360."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from assay import ComponentError, Param, Predictions, component
from assay.library.evidencing import told
from assay.library.fairness.mitigating import Cases, Mitigated, finished, refuse_strangers
from assay.trust.evidence.evidence import Method
from assay.trust.evidence.spent import Stopwatch

_NAMES = {
    "calibrated-equalised-odds": ("calibrated equalised odds", "Pleiss et al. 2017"),
    "equalised-odds": ("equalised odds", "Hardt, Price and Srebro 2016"),
    "reject-option": ("reject option classification", "Kamiran, Karim and Zhang 2012"),
}


@component(
    "fairness/aif360",
    version="1.1.0",
    tags=("trust", "fairness", "mitigation"),
    licence="Apache-2.0",
    requires=("aif360", "scikit-learn", "numpy", "pandas", "scipy"),
)
def aif360(
    validation: Predictions,
    predictions: Predictions,
    *,
    privileged: str,
    rule: Literal["calibrated-equalised-odds", "equalised-odds", "reject-option"] = "calibrated-equalised-odds",
    constraint: Literal["weighted", "fnr", "fpr"] = "weighted",
    bound: Annotated[float, Param(min=0.001, max=1.0)] = 0.05,
    by: Annotated[str, Param(column_of="predictions")] = "sex",
    age_cuts: list[float] | None = None,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Mitigated:
    """Change decisions by a rule of AI Fairness 360, and tell before and after in every group.

    The rule is learnt on validation predictions of other patients. Calibrated equalised odds and equalised odds decide at random
    for some (the seed fixes it); reject-option turns decisions near the threshold in favour of the other groups, and against the
    privileged one. Decisions depend on the group: the legal warning stands in the evidence.

    Args:
        validation: Predictions of other patients, on which the rule is learnt.
        predictions: Predictions whose decisions are changed.
        privileged: The group that the others together are held against.
        rule: Which of AI Fairness 360's post-processing algorithms.
        constraint: Which cost calibrated equalised odds makes equal: fnr, fpr, or both weighted.
        bound: Largest difference of true positive rates that reject-option accepts on validation data.
        by: Column whose groups are made equal.
        age_cuts: Ages in years at which a new group begins, for age_group; default 40 and 60.
        seed: Of the randomised rule and of the bootstrap behind the largest gap.

    Returns:
        predictions: The same rows with the new decisions; the score carries them at the threshold 0.5.
        evidence: Rates and gaps after, the table before and after, caveats.
        change: Rates by group before and after (SVG, Vega-Lite inside).
    """
    parameters, watch = told(locals()), Stopwatch()
    import aif360 as library  # heavy: whoever lists components need not have it

    known, asked = (Cases.read(each, by, age_cuts or [40.0, 60.0]) for each in (validation, predictions))
    if privileged not in known.part.names:
        raise ComponentError(
            f"there is no group {privileged!r} of {by!r}",
            culprit=privileged,
            hint=f"there are {', '.join(known.part.names)}",
        )
    refuse_strangers(known, asked)
    learnt = _rule(rule, constraint, bound, seed)
    learnt.fit(_dataset(known, privileged, truth=True), _dataset(known, privileged, truth=False))
    given = _dataset(asked, privileged, truth=False)
    changed = (
        learnt.predict(given, threshold=asked.table.threshold)
        if rule == "calibrated-equalised-odds"
        else learnt.predict(given)
    )
    name, paper = _NAMES[rule]
    if rule == "calibrated-equalised-odds":
        name += f", {constraint}"
    method = Method(
        "fairness/aif360@1.1.0",
        name,
        "aif360",
        library.__version__,
        f"{paper}; Bellamy et al. 2018 (AI Fairness 360)",
    )
    return finished(asked, changed.labels.ravel() == 1, predictions, method, parameters, seed, watch)


def _rule(name: str, constraint: str, bound: float, seed: int) -> Any:
    from aif360.algorithms import postprocessing  # heavy; the caller has loaded it

    groups = {"unprivileged_groups": [{"group": 0.0}], "privileged_groups": [{"group": 1.0}]}
    match name:
        case "calibrated-equalised-odds":
            return postprocessing.CalibratedEqOddsPostprocessing(**groups, cost_constraint=constraint, seed=seed)
        case "equalised-odds":
            return postprocessing.EqOddsPostprocessing(**groups, seed=seed)
    return postprocessing.RejectOptionClassification(
        **groups,
        num_class_thresh=50,
        num_ROC_margin=25,
        metric_name="Equal opportunity difference",
        metric_ub=bound,
        metric_lb=-bound,
    )


def _dataset(cases: Cases, privileged: str, *, truth: bool) -> Any:
    import pandas as pd  # beside aif360, which needs it
    from aif360.datasets import BinaryLabelDataset

    rows = cases.table.rows
    frame = pd.DataFrame(
        {
            "group": (cases.groups == privileged).astype(float),
            "label": (rows.truth if truth else rows.called).astype(float),
        }
    )
    made = BinaryLabelDataset(df=frame, label_names=["label"], protected_attribute_names=["group"])
    made.scores = np.asarray(rows.score).reshape(-1, 1)
    return made
