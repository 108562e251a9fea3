"""What a figure loses when the same rows are scored twice: both scores in every draw, so that the patients' spread cancels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from assay.trust.performance.intervals import Interval, wilson
from assay.trust.performance.ranking import Ranking, areas

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHOD = "t interval of a paired patient bootstrap"
_CELLS_AT_ONCE = 4_000_000


def auroc_drop(
    truth: NDArray[np.bool_],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    patient: NDArray[np.intp],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> tuple[float, Interval | None]:
    """Return AUROC ``before`` minus AUROC ``after`` with its 95 % interval; NaN and ``None`` with one class only.

    Args:
        truth: Whether the row is positive, shape (rows,).
        before: Scores of the same rows, shape (rows,).
        after: Scores of the same rows under the other condition.
        patient: Whole number of the patient of each row.
        draws: Bootstrap samples of patients.
        seed: Of the bootstrap.
    """
    rankings = Ranking.of(truth, before), Ranking.of(truth, after)
    ones = np.ones((1, len(truth)))
    first, second = (float(areas(ranking, ones)[0][0]) for ranking in rankings)
    if not np.isfinite(first):
        return np.nan, None
    counts = patient_counts(patient, draws, seed)
    chunk = max(1, _CELLS_AT_ONCE // len(truth))
    lost = [
        areas(rankings[0], weights)[0] - areas(rankings[1], weights)[0]
        for at in range(0, draws, chunk)
        for weights in (counts[at : at + chunk][:, patient],)
    ]
    units = min(len(np.unique(patient[truth])), len(np.unique(patient[~truth])))
    return first - second, spread_interval(first - second, np.concatenate(lost), units)


def mean_difference(
    truth: NDArray[np.bool_],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    patient: NDArray[np.intp],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> tuple[float, Interval | None]:
    """Return how much of the gap between the classes' mean scores is lost, with its 95 % interval.

    The gap is the discrimination slope (Yates 1982): mean score of the positives minus that of the negatives, in -1..1.
    """
    if truth.all() or not truth.any():
        return np.nan, None
    lost = before - after
    counts = np.concatenate([np.ones((1, int(patient.max()) + 1)), patient_counts(patient, draws, seed)])
    sums = []
    for mask in (truth, ~truth):
        totals = np.bincount(patient, weights=lost * mask, minlength=counts.shape[1])
        rows = np.bincount(patient, weights=mask, minlength=counts.shape[1])
        with np.errstate(invalid="ignore"):
            sums.append((counts @ totals) / (counts @ rows))
    differences = sums[0] - sums[1]
    units = min(len(np.unique(patient[truth])), len(np.unique(patient[~truth])))
    return float(differences[0]), spread_interval(float(differences[0]), differences[1:], units)


def patient_counts(patient: NDArray[np.intp], draws: int, seed: int) -> NDArray[np.float64]:
    """Return how often each patient counts in each draw, shape (draws, patients)."""
    patients = int(patient.max()) + 1
    random = np.random.default_rng(seed)
    return random.multinomial(patients, np.full(patients, 1 / patients), size=draws).astype(np.float64)


def spread_interval(value: float, draws: NDArray[np.float64], units: int) -> Interval | None:
    """Return ``value`` ± t times the spread of its draws, within -1..1; ``None`` with fewer than two units.

    Where no draw differs from the others nothing was seen to change, which with few units says little: the interval is then
    that of no event in ``units`` trials.
    """
    from scipy.special import stdtrit  # heavy; kept out of the import of whoever only needs the estimates

    defined = draws[np.isfinite(draws)]
    if units < 2 or len(defined) < max(2, len(draws) // 2):
        return None
    spread = float(np.std(defined, ddof=1)) * np.sqrt(units / (units - 1))
    if spread < 1e-9:
        half = wilson(0.0, units, 1.96).high
        return Interval(max(-1.0, value - half), min(1.0, value + half))
    half = float(stdtrit(units - 1, 0.975)) * spread
    return Interval(max(-1.0, value - half), min(1.0, value + half))
