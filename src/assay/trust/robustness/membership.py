"""Can an attacker tell who was in the training data: a threshold on how well the model knows a case (Yeom et al. 2018, arXiv:1709.01604)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.trust.performance.intervals import Interval
from assay.trust.performance.paired import patient_counts, spread_interval
from assay.trust.performance.ranking import auroc

METHOD = "t interval of a patient bootstrap; threshold from other patients"


@dataclass(frozen=True, slots=True)
class Advantage:
    """What guessing membership gains over a coin.

    Attributes:
        value: True positive rate minus false positive rate, -1..1; 0: nothing leaks to this attacker.
        interval: 95 %; ``None`` with fewer than two patients on a side.
        auroc: Of the attacker's score, members against others.
        units: Patients of the smaller side.
        rows: Rows of both.
    """

    value: float
    interval: Interval | None
    auroc: float
    units: int
    rows: int


def advantage(
    members: NDArray[np.float64],
    others: NDArray[np.float64],
    member_patient: NDArray[np.intp],
    other_patient: NDArray[np.intp],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> Advantage:
    """Return the advantage of guessing that a case with a score above a threshold was trained on.

    The threshold is chosen on one half of the patients of each side and judged on the other, and the other way round:
    the best threshold of the very cases it is judged on finds an advantage where there is none. With one patient on a side there
    are no halves: that one case is judged by its own threshold, and has no interval.

    Args:
        members: Score of each case of the training data, such as the probability of its true class.
        others: Of cases that were not.
        member_patient: Whole number of each member's patient.
        other_patient: Of each other case's patient.
        draws: Bootstrap samples of patients.
        seed: Of halves and bootstrap.
    """
    random = np.random.default_rng(seed)
    sides = []
    for scores, patient in ((members, member_patient), (others, other_patient)):
        half = random.permutation(int(patient.max()) + 1) % 2 == 0
        sides.append((scores, patient, half[patient]))
    guessed = [np.zeros(len(scores)) for scores, _, _ in sides]
    alone = any(half.all() or not half.any() for _, _, half in sides)
    for chosen in (True, False):
        cut = _best_cut(*(scores[alone | (half == chosen)] for scores, _, half in sides))
        for guess, (scores, _, half) in zip(guessed, sides, strict=True):
            guess[half != chosen] = scores[half != chosen] >= cut
    rates = [
        _rates(guess, patient, draws, seed + side)
        for side, (guess, (_, patient, _)) in enumerate(zip(guessed, sides, strict=True))
    ]
    value = float(guessed[0].mean() - guessed[1].mean())
    units = min(len(np.unique(member_patient)), len(np.unique(other_patient)))
    labels = np.r_[np.ones(len(members), dtype=bool), np.zeros(len(others), dtype=bool)]
    area = auroc(labels, np.concatenate([members, others]))
    return Advantage(value, spread_interval(value, rates[0] - rates[1], units), area, units, len(labels))


def _best_cut(members: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    cuts = np.unique(np.concatenate([members, others]))
    gain = [float((members >= cut).mean() - (others >= cut).mean()) for cut in cuts]
    return float(cuts[int(np.argmax(gain))])


def _rates(guess: NDArray[np.float64], patient: NDArray[np.intp], draws: int, seed: int) -> NDArray[np.float64]:
    counts = patient_counts(patient, draws, seed)
    hits = np.bincount(patient, weights=guess, minlength=counts.shape[1])
    rows = np.bincount(patient, minlength=counts.shape[1])
    shares: NDArray[np.float64] = (counts @ hits) / (counts @ rows)
    return shares
