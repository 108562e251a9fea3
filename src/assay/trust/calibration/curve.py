"""Scores held against what happened: the reliability curve and the expected calibration error, bins of equal count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.performance.intervals import Interval
from assay.trust.performance.proportions import Clusters, Proportion, proportion

if TYPE_CHECKING:
    from numpy.typing import NDArray

ECE = "bins of equal count, fixed before resampling; bias removed and interval taken from a bootstrap of patients"
_FEWEST_ROWS = 10
"""Rows a bin needs to be worth a point."""


@dataclass(frozen=True, slots=True)
class Point:
    """One bin: the mean score in it and the share of positives, which would be equal were the score calibrated."""

    score: float
    observed: Proportion


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """Expected calibration error.

    Attributes:
        value: With the upward bias of the plain estimate removed, at least 0.
        plain: Sum over bins of share of rows times gap of mean score and observed share: above 0 even for a perfect score.
        interval: 95 %; ``None`` with fewer than two patients.
        units: Patients.
    """

    value: float
    plain: float
    interval: Interval | None
    units: int


def equal_count_bins(score: NDArray[np.float64], bins: int = 10) -> NDArray[np.intp]:
    """Return the bin of each row, 0 upwards: bins of about equal count, equal scores never parted, shape (rows,).

    Fewer bins than asked for when there are fewer than ten rows for each, or few distinct scores.
    """
    wanted = max(1, min(bins, len(score) // _FEWEST_ROWS))
    edges = np.unique(np.quantile(score, np.arange(1, wanted) / wanted))
    found: NDArray[np.intp] = np.unique(np.searchsorted(edges, score, side="right"), return_inverse=True)[1]
    return found


def reliability(
    truth: NDArray[np.bool_], score: NDArray[np.float64], patient: NDArray[np.intp], *, bins: int = 10
) -> list[Point]:
    """Return the points of the reliability curve, by ascending score; at least one row is needed."""
    chosen = equal_count_bins(score, bins)
    points = []
    for number in range(int(chosen.max()) + 1):
        here = chosen == number
        observed = proportion(Clusters.of_rows(truth[here], patient[here]))
        if observed is not None:
            points.append(Point(float(score[here].mean()), observed))
    return points


def calibration_error(
    truth: NDArray[np.bool_],
    score: NDArray[np.float64],
    patient: NDArray[np.intp],
    *,
    bins: int = 10,
    draws: int = 1000,
    seed: int = 0,
) -> CalibrationError:
    """Return the expected calibration error (Naeini, Cooper and Hauskrecht 2015) with bins of equal count (Nixon et al. 2019).

    The plain estimate is biased upwards, the more so with few patients; the bootstrap shows by how much (Bröcker 2012). The lower end
    is that of the basic bootstrap, and 0 where a calibrated score would show as large an error in one of 40 samples; at the upper end the bias
    is removed once, not twice, so that the interval rather is too wide than too narrow.
    """
    chosen = equal_count_bins(score, bins)
    there, who = np.unique(patient, return_inverse=True)
    units, width = len(there), int(chosen.max()) + 1
    gaps = np.zeros((units, width))
    np.add.at(gaps, (who, chosen), score - truth)
    rows = np.bincount(who).astype(np.float64)
    plain = float(np.abs(gaps.sum(axis=0)).sum() / rows.sum())
    if units < 2:
        return CalibrationError(plain, plain, None, units)
    random = np.random.default_rng(seed)
    at_once = max(1, 4_000_000 // units)  # 32 MB of weights: bounds memory, not the answer
    found, noise = [], []
    centre = gaps.sum(axis=0) / rows.sum()
    for start in range(0, draws, at_once):
        weights = random.multinomial(units, np.full(units, 1 / units), size=min(at_once, draws - start))
        shares = (weights @ gaps) / (weights @ rows)[:, None]
        found.append(np.abs(shares).sum(axis=1))
        noise.append(np.abs(shares - centre).sum(axis=1))
    drawn = np.concatenate(found)
    bias = float(drawn.mean()) - plain
    value = max(plain - bias, 0.0)
    low, high = np.quantile(drawn, [0.025, 0.975]) - np.array([2, 1]) * bias
    low = 0.0 if plain <= np.quantile(np.concatenate(noise), 0.975) else min(max(low, 0.0), value)
    return CalibrationError(value, plain, Interval(float(low), float(max(high, value))), units)
