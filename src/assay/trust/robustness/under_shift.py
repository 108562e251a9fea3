"""How a model does on shifted pictures: AUROC, sensitivity and specificity at its own threshold, and the AUROC it loses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.trust.evidence.evidence import NotMeasured
from assay.trust.evidence.statement import Criterion, Estimate, Statement
from assay.trust.performance import paired
from assay.trust.performance.bootstrap import Scored
from assay.trust.performance.summary import Figure, performance

MEASURED = ("auroc", "sensitivity", "specificity")


@dataclass(frozen=True, slots=True)
class Judged:
    """The same rows before and after a shift.

    Attributes:
        truth: Whether the row is positive, shape (rows,).
        patient: Whole number of the patient of each row.
        clean: Scores of the pictures as they are, in 0..1.
        shifted: Scores under the shift.
        threshold: A score of at least this is called positive.
    """

    truth: NDArray[np.bool_]
    patient: NDArray[np.intp]
    clean: NDArray[np.float64]
    shifted: NDArray[np.float64]
    threshold: float

    def only(self, rows: NDArray[np.bool_]) -> Judged:
        """Return some of the rows, their patients numbered anew."""
        patient = np.unique(self.patient[rows], return_inverse=True)[1].astype(np.intp)
        return Judged(self.truth[rows], patient, self.clean[rows], self.shifted[rows], self.threshold)


def under_shift(
    rows: Judged, on: Mapping[str, str], criterion: Criterion | None, *, draws: int, seed: int
) -> tuple[list[Statement], list[NotMeasured]]:
    """Return the figures under a shift, with patient-level intervals, and what could not be measured.

    Args:
        rows: What to measure.
        on: Which shift, which severity, which group.
        criterion: Bound on the AUROC lost; ``None``: it is told only.
        draws: Bootstrap samples of patients.
        seed: Of the bootstrap; the same for every condition, so that conditions are compared on the same draws.
    """
    found = performance(
        Scored(rows.truth, rows.shifted, rows.shifted >= rows.threshold, rows.patient), draws=draws, seed=seed
    )
    statements = [
        Statement(f"robustness.shift_{name}", estimate_of(found.figures[name]), on=on)
        for name in MEASURED
        if name in found.figures
    ]
    missing = [
        NotMeasured(f"robustness.shift_{name}", found.not_measured[name], on)
        for name in MEASURED
        if name in found.not_measured
    ]
    drop, ends = paired.auroc_drop(rows.truth, rows.clean, rows.shifted, rows.patient, draws=draws, seed=seed)
    if np.isfinite(drop):
        auroc = found.figures["auroc"]
        low, high = (ends.low, ends.high) if ends else (None, None)
        estimate = Estimate(drop, low, high, n=auroc.units, rows=auroc.rows, method=paired.METHOD)
        statements.append(Statement.judged("robustness.shift_auroc_drop", estimate, criterion, on=on))
    return statements, missing


def estimate_of(figure: Figure) -> Estimate:
    """Return a figure of performance as an estimate of evidence."""
    low, high = (figure.interval.low, figure.interval.high) if figure.interval else (None, None)
    return Estimate(figure.value, low, high, n=figure.units, rows=figure.rows, method=figure.method)
