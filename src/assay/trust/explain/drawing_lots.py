"""Which pictures are shown and measured: by lot and not by looks, hits and errors alike."""

from __future__ import annotations

import enum

import numpy as np
from numpy.typing import NDArray

RULE = "drawn by seed {seed}: patients in random order, one picture of each, then a second of each, up to {most} of each outcome"


class Outcome(enum.StrEnum):
    """Truth and answer."""

    TRUE_POSITIVE = "true positive"
    FALSE_POSITIVE = "false positive"
    FALSE_NEGATIVE = "false negative"
    TRUE_NEGATIVE = "true negative"


def outcomes(truth: NDArray[np.bool_], called: NDArray[np.bool_]) -> list[Outcome]:
    """Return the outcome of each picture."""
    table = {
        (True, True): Outcome.TRUE_POSITIVE,
        (False, True): Outcome.FALSE_POSITIVE,
        (True, False): Outcome.FALSE_NEGATIVE,
        (False, False): Outcome.TRUE_NEGATIVE,
    }
    return [table[bool(one), bool(other)] for one, other in zip(truth, called, strict=True)]


def drawn(
    candidates: NDArray[np.bool_],
    patient: NDArray[np.intp],
    most: int,
    seed: int,
    *,
    first: NDArray[np.bool_] | None = None,
) -> NDArray[np.intp]:
    """Return the rows drawn, in ascending order: as many patients as can be, before a second picture of any.

    Args:
        candidates: Which rows may be drawn.
        patient: Of each row.
        most: How many are drawn at most.
        seed: Of the lot.
        first: Rows that are drawn before all others, such as those with a mask.
    """
    random = np.random.default_rng(seed)
    rows = random.permutation(np.flatnonzero(candidates))
    late = np.zeros(len(rows), dtype=bool) if first is None else ~first[rows]
    rows = rows[np.argsort(late, kind="stable")]
    turn, seen = np.empty(len(rows), dtype=np.intp), dict[int, int]()
    for place, row in enumerate(rows):
        turn[place] = seen[int(patient[row])] = seen.get(int(patient[row]), -1) + 1
    late = late[np.argsort(late, kind="stable")]
    return np.sort(rows[np.lexsort((turn, late))[:most]])
