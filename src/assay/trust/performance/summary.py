"""Every figure of a classifier with its interval, its sample size, and what could not be measured and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.performance.bootstrap import Scored, measure, resample
from assay.trust.performance.intervals import METHOD, Interval, clustered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

FIGURES = {
    "auroc": "Area under the ROC curve",
    "auprc": "Area under the precision-recall curve",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "balanced_accuracy": "Balanced accuracy",
    "ppv": "Positive predictive value",
    "npv": "Negative predictive value",
    "f1": "F1 score",
    "accuracy": "Accuracy",
}
"""Name of every figure, in the order of a report."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes:
        value: The estimate, 0..1.
        interval: Its 95 % interval; ``None`` when there is none to be had.
        units: Patients it rests on.
        rows: Rows (images, or patients) it rests on.
    """

    value: float
    interval: Interval | None
    units: int
    rows: int
    method: str = METHOD


@dataclass(frozen=True, slots=True)
class Performance:
    """All figures of one set of rows; ``not_measured`` maps a figure's name to the reason."""

    figures: Mapping[str, Figure]
    not_measured: Mapping[str, str] = field(default_factory=dict)


def performance(rows: Scored, *, draws: int = 2000, seed: int = 0) -> Performance:
    """Measure every figure of ``FIGURES`` with a 95 % interval from ``draws`` bootstrap samples of patients."""
    if not len(rows.truth):
        return Performance({}, dict.fromkeys(FIGURES, "no rows"))
    carriers = _carriers(rows)
    values = measure(rows)
    samples = resample(rows, draws, seed) if rows.patients > 1 else {}
    figures: dict[str, Figure] = {}
    reasons: dict[str, str] = {}
    for name in FIGURES:
        masks = carriers[name]
        if np.isnan(values[name]):
            reasons[name] = _WHY_NOT[name]
            continue
        units = min(len(np.unique(rows.patient[mask])) for mask in masks)
        count = sum(int(mask.sum()) for mask in masks)
        interval = clustered(values[name], samples[name], units=units, rows=count) if name in samples else None
        method = METHOD if interval else "no interval: fewer than two patients carry this figure"
        figures[name] = Figure(values[name], interval, units, count, method)
    return Performance(figures, reasons)


_ONE_CLASS = "needs positive and negative rows; this set has one class only"
_WHY_NOT = {
    "auroc": _ONE_CLASS,
    "auprc": _ONE_CLASS,
    "sensitivity": "no positive row",
    "specificity": "no negative row",
    "balanced_accuracy": _ONE_CLASS,
    "ppv": "nothing was called positive at this threshold",
    "npv": "nothing was called negative at this threshold",
    "f1": "no positive row and nothing called positive",
    "accuracy": "no rows",
}


def _carriers(rows: Scored) -> Mapping[str, tuple[NDArray[np.bool_], ...]]:
    """Return which rows each figure rests on, by class where it weighs both classes."""
    positive, negative, everything = rows.truth, ~rows.truth, np.ones_like(rows.truth)
    both = (positive, negative)
    return {
        "auroc": both,
        "auprc": both,
        "balanced_accuracy": both,
        "sensitivity": (positive,),
        "specificity": (negative,),
        "ppv": (rows.called,),
        "npv": (~rows.called,),
        "f1": (positive | rows.called,),
        "accuracy": (everything,),
    }


def by_patient(rows: Scored, threshold: float, *, how: str) -> tuple[Scored, int]:
    """Return one row a patient and the number of patients left out because they carry both labels.

    Args:
        rows: Image rows.
        threshold: Cut for the patient's score; at least this is called positive.
        how: ``mean`` or ``max`` of the patient's scores.
    """
    count = np.bincount(rows.patient, minlength=rows.patients)
    positives = np.bincount(rows.patient, weights=rows.truth, minlength=rows.patients)
    if how == "mean":
        score = np.bincount(rows.patient, weights=rows.score, minlength=rows.patients) / count
    else:
        score = np.full(rows.patients, -np.inf)
        np.maximum.at(score, rows.patient, rows.score)
    pure = (positives == 0) | (positives == count)
    score, truth = score[pure], positives[pure] > 0
    return Scored(truth, score, score >= threshold, np.arange(len(score))), int((~pure).sum())


def constant_answer(truth: ArrayLike) -> Mapping[str, float]:
    """Return what a classifier scores that never looks: always the majority class, always the same score.

    Any model worth its electricity beats these: ``auroc`` 0.5, ``auprc`` the prevalence, ``balanced_accuracy`` 0.5,
    ``accuracy`` the share of the majority class.
    """
    prevalence = float(np.mean(np.asarray(truth, dtype=bool)))
    return {"auroc": 0.5, "auprc": prevalence, "balanced_accuracy": 0.5, "accuracy": max(prevalence, 1 - prevalence)}
