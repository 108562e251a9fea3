"""Attributions of models over tables: what each column of a row adds to the answer, against rows of a background."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.kernel_shap import shapley

AskRows = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Rows, shape (rows, columns), to one answer each, such as log-odds, shape (rows,)."""


def occluded_columns(
    ask: AskRows,
    rows: NDArray[np.float64],
    background: NDArray[np.float64],
    groups: Sequence[Sequence[int]] | None = None,
) -> NDArray[np.float64]:
    """Return what each group of columns is worth: the answer less its mean when they come from the background.

    Args:
        ask: The model.
        rows: What is explained, shape (rows, columns).
        background: Rows that values are taken from, shape (backgrounds, columns).
        groups: Columns that go together, such as the one-hot columns of a category; default: each alone.

    Returns:
        Shape (rows, groups).
    """
    parts = _groups(rows, groups)
    whole = ask(rows)
    lost = np.empty((len(rows), len(parts)))
    for number, columns in enumerate(parts):
        changed = np.repeat(rows[:, None], len(background), axis=1)
        changed[:, :, columns] = background[None][:, :, columns]
        answers = ask(changed.reshape(-1, rows.shape[1])).reshape(len(rows), len(background))
        lost[:, number] = whole - answers.mean(axis=1)
    return lost


def shap_columns(
    ask: AskRows,
    rows: NDArray[np.float64],
    background: NDArray[np.float64],
    groups: Sequence[Sequence[int]] | None = None,
    *,
    samples: int = 2048,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Return the Shapley value of each group of columns (interventional, Lundberg and Lee 2017, arXiv:1705.07874).

    A row's values sum to its answer less the background's mean answer. Up to eleven groups the values are exact.

    Args:
        ask: The model.
        rows: What is explained, shape (rows, columns).
        background: Rows that absent columns are taken from, shape (backgrounds, columns); a coalition is worth the mean over them.
        groups: Columns that go together; default: each alone.
        samples: Coalitions a row, at most.
        seed: Of the coalitions.

    Returns:
        Shape (rows, groups).
    """
    parts = _groups(rows, groups)
    values = np.empty((len(rows), len(parts)))
    member = np.zeros((len(parts), rows.shape[1]), dtype=bool)
    for number, columns in enumerate(parts):
        member[number, columns] = True
    for place, row in enumerate(rows):

        def worth(shown: NDArray[np.bool_], row: NDArray[np.float64] = row) -> NDArray[np.float64]:
            present = shown @ member
            mixed = np.where(present[:, None], row, background[None])
            answers: NDArray[np.float64] = ask(mixed.reshape(-1, len(row))).reshape(len(shown), -1).mean(axis=1)
            return answers

        random = np.random.default_rng(seed)
        values[place] = shapley(worth, len(parts), samples=samples, random=random)
    return values


def _groups(rows: NDArray[np.float64], groups: Sequence[Sequence[int]] | None) -> list[list[int]]:
    if groups is None:
        return [[column] for column in range(rows.shape[1])]
    parts = [list(columns) for columns in groups]
    if sorted(column for columns in parts for column in columns) != list(range(rows.shape[1])):
        raise ValueError(f"groups name every one of {rows.shape[1]} columns once")
    return parts
