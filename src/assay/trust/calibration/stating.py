"""Calibration, utility and uncertainty in the words of evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.calibration.conformal import conformal_sets, halves
from assay.trust.calibration.curve import ECE, calibration_error
from assay.trust.calibration.decision import decision_curve
from assay.trust.calibration.recalibration import METHOD as RECALIBRATION
from assay.trust.calibration.recalibration import recalibration
from assay.trust.evidence.evidence import NotMeasured
from assay.trust.evidence.statement import Estimate, Statement
from assay.trust.performance.bootstrap import Scored
from assay.trust.performance.intervals import Interval
from assay.trust.performance.means import MEAN, mean
from assay.trust.performance.proportions import WILSON, Clusters, proportion
from assay.trust.performance.table import PredictionTable

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from assay.trust.fairness.people import Grouping

Stated = Statement | NotMeasured


def calibration_statements(rows: Scored, *, bins: int, draws: int, seed: int) -> list[Stated]:
    """Return ECE, Brier score, slope and intercept of all rows."""
    n = len(rows.truth)
    error = calibration_error(rows.truth, rows.score, rows.patient, bins=bins, draws=draws, seed=seed)
    brier = mean((rows.score - rows.truth) ** 2, rows.patient)
    found: list[Stated] = [
        Statement("calibration.ece", _estimate(error.value, error.interval, error.units, n, ECE)),
        Statement("calibration.brier", _estimate(brier.value, brier.interval, brier.units, n, MEAN)),
    ]
    fitted = recalibration(rows.truth, rows.score, rows.patient)
    if isinstance(fitted, str):
        return [*found, NotMeasured("calibration.slope", fitted), NotMeasured("calibration.intercept", fitted)]
    pairs = {
        "slope": (fitted.slope, fitted.slope_interval),
        "intercept": (fitted.intercept, fitted.intercept_interval),
    }
    return found + [
        Statement(f"calibration.{name}", _estimate(value, ends, fitted.units, n, RECALIBRATION))
        for name, (value, ends) in pairs.items()
    ]


def utility_statements(rows: Scored, threshold: float) -> list[Stated]:
    """Return net benefit at the model's own threshold, and what it gains over treating everybody or nobody."""
    if not 0 < threshold < 1:
        why = f"the threshold {threshold:g} has no odds"
        return [NotMeasured("utility.net_benefit", why), NotMeasured("utility.net_benefit_gain", why)]
    at = decision_curve(rows.truth, rows.score, rows.patient, [threshold])[0]
    on, n = {"threshold": f"{threshold:.4g}"}, len(rows.truth)
    method = f"{MEAN}; the smaller of both differences (intersection-union)"
    return [
        Statement("utility.net_benefit", _estimate(at.model.value, at.model.interval, at.model.units, n, MEAN), on=on),
        Statement("utility.net_benefit_gain", _estimate(at.gain, at.gain_interval, at.model.units, n, method), on=on),
    ]


def coverage_statements(
    table: PredictionTable, cells: pd.DataFrame, parts: Sequence[Grouping], *, level: float, seed: int
) -> list[Stated]:
    """Return how often split-conformal sets hold the truth, in all and by group."""
    rows, on = table.rows, {"promised": f"{level:g}"}
    shares, label = _shares(table, cells)
    found = conformal_sets(shares, label, halves(cells["patient"].tolist(), seed), level=level)
    if found is None:
        return [NotMeasured("uncertainty.coverage", f"too few patients to calibrate sets that hold {level:g}", on)]
    patient = rows.patient[found.measured]
    stated: list[Stated] = [_share_statement("uncertainty.coverage", found.covered, patient, on)]
    for part in parts:
        code = part.code[found.measured]
        for number, name in enumerate(part.names):
            here = code == number
            group = on | {part.column: name}
            stated.append(
                _share_statement("uncertainty.coverage", found.covered[here], patient[here], group)
                if here.any()
                else NotMeasured("uncertainty.coverage", "nobody of the group is in the measured half", group)
            )
    return stated


def selective_statement(rows: Scored, threshold: float, surest: float) -> Statement:
    """Return the error rate among the share of rows whose score is furthest from the threshold."""
    scale = np.where(rows.score >= threshold, max(1 - threshold, 1e-12), max(threshold, 1e-12))
    certainty = np.abs(rows.score - threshold) / scale
    kept = np.argsort(-certainty, kind="stable")[: max(1, round(surest * len(certainty)))]
    wrong = rows.called[kept] != rows.truth[kept]
    return _share_statement("uncertainty.selective_risk", wrong, rows.patient[kept], {"surest": f"{surest:g}"})


def _shares(table: PredictionTable, cells: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the probability of each label and the true label's column; of two classes where the table has no more."""
    number = {name: place for place, name in enumerate(table.labels)}
    if len(number) > 1 and set(cells["label"]) <= set(number):
        shares = np.array(cells[[f"p_{name}" for name in table.labels]], dtype=np.float64)
        return shares, np.array([number[label] for label in cells["label"]], dtype=np.intp)
    score = table.rows.score
    return np.stack([1 - score, score], axis=1), table.rows.truth.astype(np.intp)


def _share_statement(name: str, hit: NDArray[np.bool_], patient: NDArray[np.intp], on: Mapping[str, str]) -> Statement:
    share = proportion(Clusters.of_rows(hit, patient))
    assert share is not None  # the callers pass at least one row
    return Statement(name, _estimate(share.value, share.interval, share.units, share.rows, WILSON), on=on)


def _estimate(value: float, ends: Interval | None, units: int, rows: int, method: str) -> Estimate:
    low, high = (ends.low, ends.high) if ends else (None, None)
    return Estimate(value, low, high, n=units, rows=rows, method=method)
