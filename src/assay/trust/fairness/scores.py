"""What the score itself says within a group: discrimination and calibration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.calibration.curve import ECE, calibration_error
from assay.trust.evidence.statement import Estimate
from assay.trust.performance.bootstrap import Scored
from assay.trust.performance.delong import DELONG, auroc_interval
from assay.trust.performance.intervals import Interval
from assay.trust.performance.means import MEAN, mean
from assay.trust.performance.proportions import difference

if TYPE_CHECKING:
    from numpy.typing import NDArray


def score_figures(rows: Scored, here: NDArray[np.bool_], draws: int, seed: int) -> Mapping[str, Estimate | str]:
    """Return AUROC, ECE and Brier score of the rows ``here`` (at least one), or in words why there is none."""
    truth, score, patient = rows.truth[here], rows.score[here], rows.patient[here]
    area, ends, units = auroc_interval(truth, score, patient)
    positives = len(np.unique(patient[truth]))
    figures: dict[str, Estimate | str] = {"auroc": "the group has one class only"}
    if not np.isnan(area):
        figures["auroc"] = _made(area, ends, units, len(truth), positives, DELONG)
    error = calibration_error(truth, score, patient, draws=draws, seed=seed)
    figures["ece"] = _made(error.value, error.interval, error.units, len(truth), positives, ECE)
    brier = mean((score - truth) ** 2, patient)
    floor = Interval(max(brier.interval.low, 0.0), min(brier.interval.high, 1.0)) if brier.interval else None
    figures["brier"] = _made(brier.value, floor, brier.units, len(truth), positives, MEAN)
    return figures


def score_contrasts(
    rows: Scored, here: NDArray[np.bool_], there: NDArray[np.bool_], draws: int, seed: int
) -> Mapping[str, Estimate]:
    """Return the differences of those figures between two sets of rows, where both sides have them."""
    one, two = score_figures(rows, here, draws, seed), score_figures(rows, there, draws, seed)
    found = {}
    for name in one:
        first, second = one[name], two[name]
        if isinstance(first, str) or isinstance(second, str):
            continue
        ends = None
        if first.low is not None and first.high is not None and second.low is not None and second.high is not None:
            ends = difference(
                first.value, Interval(first.low, first.high), second.value, Interval(second.low, second.high)
            )
        method = "difference of two independent figures from their intervals (Zou and Donner 2008)"
        positives = min(first.positives or 0, second.positives or 0)
        found[name] = _made(
            first.value - second.value, ends, min(first.n, second.n), first.rows + second.rows, positives, method
        )
    return found


def _made(value: float, ends: Interval | None, units: int, rows: int, positives: int, method: str) -> Estimate:
    low, high = (ends.low, ends.high) if ends else (None, None)
    return Estimate(value, low, high, n=units, rows=rows, positives=positives, method=method)
