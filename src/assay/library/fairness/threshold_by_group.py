"""fairness/threshold-by-group."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from assay import ComponentError, Param, Predictions, component
from assay.library.evidencing import own_method, told
from assay.library.fairness.mitigating import CAVEATS, Cases, Mitigated, finished, refuse_strangers
from assay.trust.evidence.spent import Stopwatch
from assay.trust.performance.thresholds import sensitivity_threshold


@component(
    "fairness/threshold-by-group",
    version="1.0.0",
    tags=("trust", "fairness", "mitigation"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "scipy"),
    preload=("numpy", "pandas", "scipy.special"),
)
def threshold_by_group(
    validation: Predictions,
    predictions: Predictions,
    *,
    warning_read: bool = False,
    by: Annotated[str, Param(column_of="predictions")] = "sex",
    age_cuts: list[float] | None = None,
    sensitivity: Annotated[float, Param(min=0.01, max=1.0, unit="share")] = 0.9,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Mitigated:
    """Give each group a threshold of its own that finds the same share of its positives on validation data.

    LEGAL WARNING: decisions that depend on a protected group treat people of equal score unequally, which many laws call direct
    discrimination. The step runs only when ``warning_read`` says that this was considered; the warning stands in its evidence.

    Args:
        validation: Predictions of other patients, on which the thresholds are chosen.
        predictions: Predictions whose decisions are changed.
        warning_read: That the legal warning was read.
        by: Column whose groups get thresholds.
        age_cuts: Ages in years at which a new group begins, for age_group; default 40 and 60.
        sensitivity: Share of each group's positives to find on validation data.
        seed: Of the bootstrap behind the largest gap.

    Returns:
        predictions: The same rows with the new decisions; the score carries them at the threshold 0.5.
        evidence: Rates and gaps after, the table before and after, the warning.
        change: Rates by group before and after (SVG, Vega-Lite inside).
    """
    parameters, watch = told(locals()), Stopwatch()
    print(f"WARNING: {CAVEATS[0]}")
    if not warning_read:
        raise ComponentError(
            "thresholds by group may be unlawful discrimination; the step runs only on purpose",
            culprit="warning_read",
            hint="have it examined, then set warning_read: true",
        )
    known, asked = (Cases.read(each, by, age_cuts or [40.0, 60.0]) for each in (validation, predictions))
    refuse_strangers(known, asked)
    rows, called = known.table.rows, np.zeros(len(asked.part.code), dtype=bool)
    for number, name in enumerate(asked.part.names):
        learnt = known.groups == name
        cut = sensitivity_threshold(rows.truth[learnt], rows.score[learnt], sensitivity)
        here = asked.part.code == number
        called[here] = asked.table.rows.score[here] >= cut
        print(f"{by} {name}: threshold {cut:.4g}")
    method = own_method("fairness/threshold-by-group@1.0.0", "a threshold by group", "Hardt, Price and Srebro 2016")
    return finished(asked, called, predictions, method, parameters, seed, watch)
