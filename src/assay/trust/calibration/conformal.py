"""Split-conformal prediction sets and how often they hold the truth, in all and by group."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ConformalSets:
    """Prediction sets for the rows that were not used to calibrate.

    Attributes:
        measured: Which rows they are, shape (rows,).
        covered: Whether the truth is in the set, for measured rows, shape (measured,).
        size: Labels in the set, shape (measured,).
        cut: Highest badness (1 - probability) that a label in a set may have.
    """

    measured: NDArray[np.bool_]
    covered: NDArray[np.bool_]
    size: NDArray[np.int64]
    cut: float


def halves(patients: Sequence[str], seed: int) -> NDArray[np.bool_]:
    """Return whether a row serves to calibrate: half of the patients, by a hash of seed and id, whatever the order of rows."""
    return np.array(
        [hashlib.blake2b(f"{seed}:{each}".encode(), digest_size=1).digest()[0] % 2 == 0 for each in patients]
    )


def conformal_sets(
    shares: NDArray[np.float64], label: NDArray[np.intp], calibrates: NDArray[np.bool_], *, level: float = 0.9
) -> ConformalSets | None:
    """Return the sets of split-conformal classification (Vovk et al. 2005; Sadinle, Lei and Wasserman 2019).

    Args:
        shares: Probability of each label, shape (rows, labels).
        label: The true label's column, shape (rows,).
        calibrates: Rows that set the cut; the others are measured.
        level: Promised share of sets that hold the truth.

    Returns:
        ``None`` when too few rows calibrate for this level, or none is left to measure.
    """
    badness = 1 - shares[np.arange(len(label)), label]
    known = np.sort(badness[calibrates])
    rank = math.ceil((len(known) + 1) * level)
    measured = ~calibrates
    if rank > len(known) or not measured.any():
        return None
    cut = float(known[rank - 1])
    sets = 1 - shares[measured] <= cut
    return ConformalSets(measured, badness[measured] <= cut, sets.sum(axis=1), cut)
