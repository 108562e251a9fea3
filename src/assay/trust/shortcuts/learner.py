"""A small learner that asks whether features tell two classes apart: an additive logistic model, fitted by patient.

Numbers are cut at quantiles of the training rows and enter as steps, kinds enter as themselves, so that no shape is taken for
granted; the ridge penalty keeps a few patients from being learnt by heart. It is meant to find cues, not to be the best
classifier: that a strong network finds more is no excuse for what this one finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.97)
_FEWEST_OF_A_KIND = 2
_RIDGE = 1.0
_STEPS = 25


@dataclass(frozen=True, slots=True)
class Features:
    """Rows of numbers and kinds.

    Attributes:
        numbers: Shape (rows, columns); NaN: not known.
        kinds: One tuple of texts a column, each as long as there are rows.
    """

    numbers: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    kinds: Sequence[Sequence[str]] = ()

    def __len__(self) -> int:
        return len(self.kinds[0]) if self.kinds else len(self.numbers)

    def varies(self) -> bool:
        """Return whether any two rows differ: features that are the same everywhere can tell nothing."""
        numbers = np.nan_to_num(self.numbers, nan=-1e300)
        return bool(numbers.size and (numbers != numbers[:1]).any()) or any(len(set(kind)) > 1 for kind in self.kinds)

    def taken(self, rows: NDArray[np.intp]) -> Features:
        """Return some rows."""
        numbers = self.numbers[rows] if self.numbers.size else self.numbers
        return Features(numbers, tuple(tuple(kind[row] for row in rows) for kind in self.kinds))


def cross_fitted(
    features: Features, truth: NDArray[np.bool_], patient: NDArray[np.intp], *, folds: int = 5, seed: int = 0
) -> NDArray[np.float64]:
    """Return a score for every row from a model that has seen no row of its patient; shape (rows,).

    Patients are dealt to folds within each class, and scores are put on one scale a fold (mean of its rows 0), because pooling
    raw scores of folds would push the area under chance: a fold short of positives is met by a model that expects more.
    """
    score = np.zeros(len(truth))
    for held in _folds(truth, patient, folds, seed):
        learnt = ~held
        if truth[learnt].all() or not truth[learnt].any():
            continue
        there = transferred(
            features.taken(np.flatnonzero(learnt)),
            truth[learnt],
            patient[learnt],
            features.taken(np.flatnonzero(held)),
        )
        score[held] = there - there.mean()
    return score


def transferred(
    train: Features, truth: NDArray[np.bool_], patient: NDArray[np.intp], test: Features
) -> NDArray[np.float64]:
    """Return the log-odds, up to a constant, of ``test`` rows from a model fitted on ``train``; every patient counts the same."""
    design, asked = _design(train, test)
    weight = 1.0 / np.bincount(patient)[patient]
    return asked @ _ridge_logistic(design, truth.astype(np.float64), weight)


def _folds(truth: NDArray[np.bool_], patient: NDArray[np.intp], folds: int, seed: int) -> Iterator[NDArray[np.bool_]]:
    random = np.random.default_rng(seed)
    ill = np.bincount(patient, weights=truth) > 0
    dealt = np.empty(len(ill), dtype=np.intp)
    for kind in (True, False):
        members = np.flatnonzero(ill == kind)
        dealt[random.permutation(members)] = np.arange(len(members)) % folds
    for fold in range(folds):
        held = dealt[patient] == fold
        if held.any():
            yield held


def _design(train: Features, test: Features) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    parts: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    if train.numbers.size:
        for here, there in zip(train.numbers.T, test.numbers.T, strict=True):
            known = here[np.isfinite(here)]
            edges = np.unique(np.quantile(known, _QUANTILES)) if len(known) else np.empty(0)
            parts.append((_stepped(here, edges), _stepped(there, edges)))
    for mine, theirs in zip(train.kinds, test.kinds, strict=True):
        names, counts = np.unique(np.array(mine, dtype=str), return_counts=True)
        kept = names[counts >= _FEWEST_OF_A_KIND]
        parts.append(tuple((np.array(side, dtype=str)[:, None] == kept).astype(np.float64) for side in (mine, theirs)))
    design, asked = (np.concatenate([part[side] for part in parts], axis=1) for side in (0, 1))
    centre = design.mean(axis=0)
    return design - centre, asked - centre


def _stepped(column: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    unknown = ~np.isfinite(column)
    steps = (np.where(unknown, -np.inf, column)[:, None] > edges).astype(np.float64)
    return np.concatenate([steps, unknown[:, None].astype(np.float64)], axis=1)


def _ridge_logistic(
    design: NDArray[np.float64], truth: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the coefficients, without the intercept, by Newton's method (le Cessie and van Houwelingen 1992)."""
    wide = np.concatenate([np.ones((len(design), 1)), design], axis=1)
    penalty = np.full(wide.shape[1], _RIDGE)
    penalty[0] = 1e-6
    beta = np.zeros(wide.shape[1])
    for _ in range(_STEPS):
        expected = 1 / (1 + np.exp(-np.clip(wide @ beta, -30, 30)))
        slope = wide.T @ (weight * (truth - expected)) - penalty * beta
        curve = (wide.T * (weight * np.maximum(expected * (1 - expected), 1e-6))) @ wide + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        beta += step
        if np.abs(step).max() < 1e-6:
            break
    return beta[1:]
