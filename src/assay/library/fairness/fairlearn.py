"""fairness/fairlearn."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from assay import Param, Predictions, component
from assay.library.evidencing import told
from assay.library.fairness.mitigating import Cases, Mitigated, finished, refuse_strangers
from assay.trust.evidence.evidence import Method
from assay.trust.evidence.spent import Stopwatch


@component(
    "fairness/fairlearn",
    version="1.0.0",
    tags=("trust", "fairness", "mitigation"),
    licence="Apache-2.0",
    requires=("fairlearn", "scikit-learn", "numpy", "pandas", "scipy"),
)
def fairlearn(
    validation: Predictions,
    predictions: Predictions,
    *,
    constraint: Literal[
        "equalized_odds", "true_positive_rate_parity", "false_positive_rate_parity", "demographic_parity"
    ] = "equalized_odds",
    by: Annotated[str, Param(column_of="predictions")] = "sex",
    age_cuts: list[float] | None = None,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Mitigated:
    """Change decisions by Fairlearn's threshold optimiser, and tell before and after in every group.

    The rule is learnt on validation predictions of other patients and may decide at random near the thresholds; the seed fixes it.
    Decisions depend on the group: the legal warning stands in the evidence.

    Args:
        validation: Predictions of other patients, on which the rule is learnt.
        predictions: Predictions whose decisions are changed.
        constraint: What is made equal between groups on validation data.
        by: Column whose groups are made equal.
        age_cuts: Ages in years at which a new group begins, for age_group; default 40 and 60.
        seed: Of the randomised rule and of the bootstrap behind the largest gap.

    Returns:
        predictions: The same rows with the new decisions; the score carries them at the threshold 0.5.
        evidence: Rates and gaps after, the table before and after, caveats.
        change: Rates by group before and after (SVG, Vega-Lite inside).
    """
    parameters, watch = told(locals()), Stopwatch()
    import fairlearn as library  # heavy: whoever lists components need not have it
    from fairlearn.postprocessing import ThresholdOptimizer

    known, asked = (Cases.read(each, by, age_cuts or [40.0, 60.0]) for each in (validation, predictions))
    refuse_strangers(known, asked)
    optimiser: Any = ThresholdOptimizer(
        estimator=_given(), constraints=constraint, prefit=True, predict_method="predict_proba"
    )
    rows = known.table.rows
    optimiser.fit(rows.score[:, None], rows.truth.astype(int), sensitive_features=known.groups)
    called = optimiser.predict(
        asked.table.rows.score[:, None], sensitive_features=asked.groups, random_state=seed
    ).astype(bool)
    reference = "Hardt, Price and Srebro 2016; Weerts et al. 2023 (Fairlearn)"
    method = Method(
        "fairness/fairlearn@1.0.0", f"threshold optimiser, {constraint}", "fairlearn", library.__version__, reference
    )
    return finished(asked, np.asarray(called), predictions, method, parameters, seed, watch)


def _given() -> Any:
    """Return the score that is already there as a fitted scikit-learn classifier."""
    from sklearn.base import BaseEstimator, ClassifierMixin  # heavy; fairlearn has loaded it

    class Given(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
        classes_ = np.array([0, 1])

        def fit(self, *_: Any) -> Any:  # scikit-learn takes nothing without it for an estimator
            return self

        def predict_proba(self, x: Any) -> Any:
            return np.column_stack([1 - x[:, 0], x[:, 0]])

        def __sklearn_is_fitted__(self) -> bool:
            return True

    return Given()
