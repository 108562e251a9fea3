"""Robust accuracy over a grid of budgets, and how far the points that turned have moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.trust.evidence.evidence import Table
from assay.trust.evidence.statement import Criterion, Estimate, Statement
from assay.trust.performance.bootstrap import Scored
from assay.trust.performance.summary import performance
from assay.trust.robustness.under_shift import estimate_of

Attack = Callable[[NDArray[np.float32], NDArray[np.bool_], float], NDArray[np.float32]]
"""Pixels, truth and budget to changed pixels."""

Decide = Callable[[NDArray[np.float32]], NDArray[np.bool_]]
"""Pixels N x 1 x H x W in 0..1 to whether each is called positive."""


@dataclass(frozen=True, slots=True)
class Curve:
    """What an attack did to each row at each budget.

    Attributes:
        budgets: Ascending.
        right: Whether the decision is still right, shape (budgets, rows); never regained at a larger budget.
        linf: Largest change of a pixel at the point that turned the row, shape (rows,); NaN where none did.
        l2: Length of that change.
    """

    budgets: tuple[float, ...]
    right: NDArray[np.bool_]
    linf: NDArray[np.float64]
    l2: NDArray[np.float64]


def curve(
    attack: Attack, decide: Decide, pixels: NDArray[np.float32], truth: NDArray[np.bool_], budgets: Sequence[float]
) -> Curve:
    """Attack at growing budgets; what a budget turned stays turned, since its point lies within every larger budget.

    Whether a point turned is asked of ``decide``, the model that is deployed, never of the attack.
    """
    right = decide(pixels) == truth
    kept: list[NDArray[np.bool_]] = []
    linf, l2 = np.full(len(truth), np.nan), np.full(len(truth), np.nan)
    for budget in sorted(budgets):
        rows = np.flatnonzero(right)
        if len(rows):
            moved = attack(pixels[rows], truth[rows], budget)
            turned = decide(moved) != truth[rows]
            change = (moved - pixels[rows]).reshape(len(rows), -1)[turned]
            linf[rows[turned]], l2[rows[turned]] = np.abs(change).max(axis=1), np.linalg.norm(change, axis=1)
            right = right.copy()
            right[rows[turned]] = False
        kept.append(right)
    return Curve(tuple(sorted(budgets)), np.array(kept), linf, l2)


def together(curves: Sequence[Curve]) -> Curve:
    """Return the worst of several attacks of the same budgets: a row stands only when it stands against all of them."""
    right = np.logical_and.reduce([each.right for each in curves])
    return Curve(curves[0].budgets, right, _least([c.linf for c in curves]), _least([c.l2 for c in curves]))


def accuracy(
    right: NDArray[np.bool_], truth: NDArray[np.bool_], patient: NDArray[np.intp], *, draws: int, seed: int
) -> Estimate:
    """Return the share of right decisions with its patient-level interval."""
    called = right == truth
    numbered = np.unique(patient, return_inverse=True)[1].astype(np.intp)
    rows = Scored(truth, called.astype(np.float64), called, numbered)
    return estimate_of(performance(rows, draws=draws, seed=seed).figures["accuracy"])


def curve_statements(
    found: Curve,
    truth: NDArray[np.bool_],
    patient: NDArray[np.intp],
    on: Mapping[str, str],
    words: Callable[[float], str],
    criterion: tuple[float, Criterion] | None = None,
    *,
    draws: int,
    seed: int,
) -> list[Statement]:
    """Return robust accuracy at every budget; ``criterion`` holds at one of them.

    Args:
        found: What the attack did.
        truth: Whether the row is positive.
        patient: Patient of each row.
        on: Which attack, which norm, which group.
        words: A budget in words.
        criterion: A budget and the bound that holds there.
        draws: Bootstrap samples of patients.
        seed: Of the bootstrap.
    """
    return [
        Statement.judged(
            "robustness.accuracy",
            accuracy(right, truth, patient, draws=draws, seed=seed),
            criterion[1] if criterion and np.isclose(budget, criterion[0]) else None,
            on={**on, "budget": words(budget)},
        )
        for budget, right in zip(found.budgets, found.right, strict=True)
    ]


def distortion_table(curves: Mapping[str, Curve]) -> Table:
    """Return how far the points that turned have moved, attack by attack: medians of both norms."""
    rows: list[list[str | float | int | None]] = []
    for name, found in curves.items():
        turned = np.isfinite(found.linf)
        sizes = (float(np.median(each[turned])) if turned.any() else None for each in (found.linf * 255, found.l2))
        rows.append([name, int(turned.sum()), *sizes])
    columns = ("attack", "points turned", "median largest change, 1/255", "median L2 length")
    return Table("distortion", "Distortion of the points that turned", columns, rows)


def _least(columns: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    least: NDArray[np.float64] = np.fmin.reduce(columns)
    return least
