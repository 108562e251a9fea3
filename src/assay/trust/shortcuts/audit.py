"""How well each cue tells a target, with a patient-level interval, corrected for having looked at many cues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.trust.performance.bootstrap import Scored, resample
from assay.trust.performance.intervals import Interval, clustered
from assay.trust.performance.multiplicity import holm
from assay.trust.performance.ranking import auroc
from assay.trust.shortcuts.learner import Features, cross_fitted, transferred

_FEWEST = 5
"""Patients of the rarer class without whom nothing is learnt."""


@dataclass(frozen=True, slots=True)
class Target:
    """Rows to audit for one target.

    Attributes:
        cues: Cue to its features, each with ``rows`` rows.
        truth: Whether the row has the target, shape (rows,).
        patient: Whole number of the patient of each row, 0..patients-1.
    """

    cues: Mapping[str, Features]
    truth: NDArray[np.bool_]
    patient: NDArray[np.intp]

    def units(self) -> int:
        """Return the number of patients of the rarer class."""
        return rarer(self.truth, self.patient)


@dataclass(frozen=True, slots=True)
class Found:
    """What a cue tells of a target.

    Attributes:
        auroc: Of scores for patients that the learner has not seen.
        interval: 95 %, of this cue alone; ``None`` with fewer than two patients of a class.
        p: Of the area being at most ``bound``, one-sided, before correction; 1 when it cannot be told.
        units: Patients of the rarer class.
        rows: Rows scored.
        constant: Whether the cue is the same in every row, so that it can tell nothing.
    """

    auroc: float
    interval: Interval | None
    p: float
    units: int
    rows: int
    constant: bool = False


def findings(
    test: Target, train: Target | None = None, *, bound: float = 0.6, draws: int = 1000, seed: int = 0
) -> tuple[dict[str, tuple[Found, float]], dict[str, str]]:
    """Look at every cue; return each with its corrected p, and why others could not be looked at.

    Args:
        test: Rows to score.
        train: Rows of other patients to learn from; ``None``: learn across folds of ``test``'s own patients.
        bound: Area against which p is taken.
        draws: Bootstrap samples of patients.
        seed: Of folds and bootstrap.
    """
    found: dict[str, Found] = {}
    reasons: dict[str, str] = {}
    for cue in test.cues:
        answer = _look(cue, test, train, bound, draws, seed)
        if isinstance(answer, str):
            reasons[cue] = answer
        else:
            found[cue] = answer
    adjusted = holm([answer.p for answer in found.values()])
    return {cue: (answer, p) for (cue, answer), p in zip(found.items(), adjusted, strict=True)}, reasons


def score_found(
    truth: NDArray[np.bool_],
    score: NDArray[np.float64],
    patient: NDArray[np.intp],
    bound: float,
    *,
    draws: int = 1000,
    seed: int = 0,
) -> Found:
    """Return how well a score tells the target; both classes are there."""
    value, units = auroc(truth, score), rarer(truth, patient)
    spread = resample(Scored(truth, score, score >= 0, patient), draws, seed)["auroc"]
    interval = clustered(value, spread, units=units, rows=len(score))
    return Found(value, interval, _p(value, spread, units, len(score), bound), units, len(score))


def rarer(truth: NDArray[np.bool_], patient: NDArray[np.intp]) -> int:
    """Return the number of patients of the rarer class."""
    return min(len(np.unique(patient[truth])), len(np.unique(patient[~truth])))


def _look(cue: str, test: Target, train: Target | None, bound: float, draws: int, seed: int) -> Found | str:
    units = test.units()
    if units < 1:
        return "one class only"
    if not test.cues[cue].varies():
        return Found(0.5, Interval(0.5, 0.5), 1.0, units, len(test.truth), constant=True)
    if train is None:
        if units < _FEWEST:
            return f"{units} patients of the rarer class: {_FEWEST} are needed to learn from some and judge on others"
        score = cross_fitted(test.cues[cue], test.truth, test.patient, seed=seed)
    else:
        if train.units() < _FEWEST:
            return f"the training part has {train.units()} patients of the rarer class: {_FEWEST} are needed"
        score = transferred(train.cues[cue], train.truth, train.patient, test.cues[cue])
    return score_found(test.truth, score, test.patient, bound, draws=draws, seed=seed)


def _p(value: float, draws: NDArray[np.float64], units: int, rows: int, bound: float) -> float:
    """Return the p-value of the score test that the interval inverts."""
    from scipy.special import stdtr  # heavy; only a test needs it

    defined = draws[np.isfinite(draws)]
    if units < 2 or len(defined) < 2:
        return 1.0
    variance = float(np.var(defined, ddof=1)) * units / (units - 1)
    size = min(value * (1 - value) / variance, float(rows)) if variance > 1e-18 and 0 < value < 1 else float(units)
    return float(stdtr(units - 1, -(value - bound) / np.sqrt(bound * (1 - bound) / size)))
