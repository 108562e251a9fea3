"""Calibration slope and intercept: the logistic regression of what happened on the score's log odds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.performance.intervals import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHOD = "logistic recalibration (Cox 1958), variance between patients, t quantile"
_CLIP = 1e-6
"""Scores of 0 and 1 have no log odds: they count as this close to it."""

_MOST_STEPS = 50
_STEEPEST = 1e3


@dataclass(frozen=True, slots=True)
class Recalibration:
    """What would have to be done to the log odds of the score.

    Attributes:
        slope: 1 is right; below 1: scores too extreme.
        slope_interval: 95 %.
        intercept: With the slope held at 1 (calibration in the large): 0 is right, above 0: risks are underestimated.
        intercept_interval: 95 %.
        units: Patients of the rarer class.
    """

    slope: float
    slope_interval: Interval
    intercept: float
    intercept_interval: Interval
    units: int


def recalibration(
    truth: NDArray[np.bool_], score: NDArray[np.float64], patient: NDArray[np.intp]
) -> Recalibration | str:
    """Return slope and intercept with 95 % intervals (Van Calster et al. 2019), or in words why there are none."""
    units = min(len(np.unique(patient[truth])), len(np.unique(patient[~truth])))
    if units < 2:
        return "needs two patients of each class"
    clipped = np.clip(score, _CLIP, 1 - _CLIP)
    odds = np.log(clipped / (1 - clipped))
    if np.ptp(odds) < 1e-9:
        return "every score is the same"
    _, who = np.unique(patient, return_inverse=True)
    both = _fitted(np.column_stack([np.ones_like(odds), odds]), np.zeros_like(odds), truth, who)
    alone = _fitted(np.ones((len(odds), 1)), odds, truth, who)
    if both is None or alone is None:
        return "the score separates the classes without an error, so that no slope is steep enough"
    return Recalibration(*both[1], *alone[0], units)


def _fitted(
    design: NDArray[np.float64], offset: NDArray[np.float64], truth: NDArray[np.bool_], who: NDArray[np.intp]
) -> list[tuple[float, Interval]] | None:
    from scipy.special import expit, stdtrit  # heavy; kept out of the import of whoever only needs the curve

    beta = np.zeros(design.shape[1])
    for _ in range(_MOST_STEPS):
        chance = expit(design @ beta + offset)
        information = design.T @ (design * (chance * (1 - chance))[:, None])
        try:
            change = np.linalg.solve(information, design.T @ (truth - chance))
        except np.linalg.LinAlgError:
            return None
        beta = beta + change
        if np.abs(beta).max() > _STEEPEST:
            return None
        if np.abs(change).max() < 1e-10:
            break
    else:
        return None
    patients = int(who.max()) + 1
    scores = np.zeros((patients, design.shape[1]))
    np.add.at(scores, who, design * (truth - expit(design @ beta + offset))[:, None])
    bread = np.linalg.inv(information)
    variance = patients / (patients - 1) * bread @ (scores.T @ scores) @ bread
    arms = float(stdtrit(patients - 1, 0.975)) * np.sqrt(np.diag(variance))
    return [
        (float(value), Interval(float(value - arm), float(value + arm))) for value, arm in zip(beta, arms, strict=True)
    ]
