"""Prototypes measured: do they tell the labels of cases that they were not chosen from, better than a choice by lot?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.trust.evidence.evidence import NotMeasured
from assay.trust.evidence.statement import Criterion, Statement
from assay.trust.explain.averages import mean, share

_LOTS = 50
_AT_ONCE = 2048


@dataclass(frozen=True, slots=True)
class Pool:
    """Cases that prototypes of one label are chosen from.

    Attributes:
        features: Shape (cases, features).
        chosen: Rows of the prototypes.
    """

    features: NDArray[np.float64]
    chosen: NDArray[np.intp]


def told_by_nearest(
    prototypes: Sequence[NDArray[np.float64]], cases: NDArray[np.float64], truth: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return 1 for every case whose nearest prototype has its label, else 0.

    Args:
        prototypes: Of each label, shape (prototypes, features).
        cases: Shape (cases, features).
        truth: Number of each case's label.
    """
    every = np.concatenate(prototypes)
    label = np.repeat(np.arange(len(prototypes)), [len(one) for one in prototypes])
    norms = (every**2).sum(axis=1)
    right = np.empty(len(cases))
    for at in range(0, len(cases), _AT_ONCE):
        some = slice(at, at + _AT_ONCE)
        nearest = (norms - 2 * cases[some] @ every.T).argmin(axis=1)
        right[some] = label[nearest] == truth[some]
    return right


def nearest_statements(
    pools: Sequence[Pool],
    cases: NDArray[np.float64],
    truth: NDArray[np.intp],
    patient: NDArray[np.intp],
    *,
    least_gain: float,
    seed: int,
    fewest: int = 5,
) -> tuple[list[Statement], list[NotMeasured]]:
    """State how well the nearest prototype tells the label, beside as many prototypes drawn by lot.

    Args:
        pools: Of each label.
        cases: Other patients' cases, shape (cases, features).
        truth: Number of each case's label.
        patient: Of each case.
        least_gain: What the prototypes have to be better by than a lot.
        seed: Of the lots.
        fewest: A judgement needs at least these patients.
    """
    what = "explanation.prototype_accuracy"
    if any(not len(pool.chosen) for pool in pools):
        return [], [NotMeasured(what, "a label has no prototype, so that the nearest tells nothing")]
    if not len(cases):
        return [], [NotMeasured(what, "there is no case of another patient than those of the prototypes")]
    own = told_by_nearest([pool.features[pool.chosen] for pool in pools], cases, truth)
    random = np.random.default_rng(seed)
    lots = []
    for _ in range(_LOTS):
        drawn = [pool.features[random.permutation(len(pool.features))[: len(pool.chosen)]] for pool in pools]
        lots.append(told_by_nearest(drawn, cases, truth))
    by_lot = np.mean(lots, axis=0)
    statements = [
        Statement(what, estimate, on=on)
        for values, on in ((own, {"method": "prototypes"}), (by_lot, {"control": "random"}))
        if (estimate := share(values, patient)) is not None
    ]
    gained = mean(own - by_lot, patient, least=-1.0, most=1.0)
    if gained is not None:
        on, criterion = {"method": "prototypes", "figure": "nearest prototype"}, Criterion(least_gain, fewest=fewest)
        statements.append(
            Statement.judged("explanation.gain_over_control", gained, criterion, on=on, against={"control": "random"})
        )
    return statements, []
