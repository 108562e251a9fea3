"""Resampling whole patients, so that slices of one person never count as independent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.performance.confusion import cells, rates
from assay.trust.performance.ranking import Ranking, areas

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_CELLS_AT_ONCE = 4_000_000
"""Weights held in memory at a time (32 MB): bounds memory, not the answer."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows to measure: truth, score and decision side by side, from one table.

    Attributes:
        truth: Whether the row is positive, shape (rows,).
        score: Finite, higher means more likely positive.
        called: Whether the row is called positive at the threshold.
        patient: Whole number of the patient of each row, 0..patients-1.
    """

    truth: NDArray[np.bool_]
    score: NDArray[np.float64]
    called: NDArray[np.bool_]
    patient: NDArray[np.intp]

    @property
    def patients(self) -> int:
        """Number of patients."""
        return int(self.patient.max()) + 1 if len(self.patient) else 0


def measure(rows: Scored) -> dict[str, float]:
    """Return AUROC, AUPRC and every rate of the rows themselves; NaN where one is not defined."""
    auroc, auprc = areas(Ranking.of(rows.truth, rows.score), np.ones((1, len(rows.truth))))
    at_threshold = rates(cells(rows.truth, rows.called).sum(axis=0))
    return {
        "auroc": float(auroc[0]),
        "auprc": float(auprc[0]),
        **{name: float(value) for name, value in at_threshold.items()},
    }


def resample(rows: Scored, draws: int, seed: int) -> Mapping[str, NDArray[np.float64]]:
    """Return every figure of ``measure`` in ``draws`` samples of patients with replacement (Field and Welsh 2007).

    A draw is a vector of how often each patient counts, so that no row is ever copied: rates come from
    (draws x patients) @ (patients x 4), areas from weighted ranks.

    Returns:
        Name to array of shape (draws,); NaN in a draw where the figure is not defined.
    """
    random = np.random.default_rng(seed)
    patients = rows.patients
    counts = random.multinomial(patients, np.full(patients, 1 / patients), size=draws).astype(np.float64)
    by_patient = np.zeros((patients, 4))
    np.add.at(by_patient, rows.patient, cells(rows.truth, rows.called))
    ranking = Ranking.of(rows.truth, rows.score)
    chunk = max(1, _CELLS_AT_ONCE // max(1, len(rows.truth)))
    ranked = [areas(ranking, counts[at : at + chunk][:, rows.patient]) for at in range(0, draws, chunk)]
    return {
        "auroc": np.concatenate([auroc for auroc, _ in ranked]),
        "auprc": np.concatenate([auprc for _, auprc in ranked]),
        **rates(counts @ by_patient),
    }
