"""Weights under which group and label are independent (Kamiran and Calders 2012), for learners that take weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assay.errors import ComponentError
from assay.trust.evidence.evidence import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from assay.trust.fairness.people import Grouping

MEANING = "fairness/reweighing: how much the image counts in training; every group by {by} then has every label equally often."


@dataclass(frozen=True, slots=True)
class Reweighed:
    """Weights, and how they came about.

    Attributes:
        weight: Of each row, shape (rows,); of no known group: what it was.
        cells: One row a group and label: rows, share of the group's weight that has the label before and after, factor.
    """

    weight: NDArray[np.float64]
    cells: Table


def reweighed(
    part: Grouping, label: Sequence[str], weight: NDArray[np.float64] | None = None, *, most: float = np.inf
) -> Reweighed:
    """Return weights under which every group has every label as often as all groups together.

    A row's weight is multiplied by W(group) W(label) / (W W(group, label)), W being sums of weights: AI Fairness 360's
    ``Reweighing``, for any number of groups and labels. Rows of no known group take no part. The sum of weights is unchanged.

    Args:
        part: Groups of the rows.
        label: Of each row.
        weight: What the rows weigh already, from 0, shape (rows,); default 1.
        most: Largest factor; with a cap that is reached, some dependence stays.

    Raises:
        ComponentError: Fewer than two groups, or a group without a label that others have: no weight makes them alike.
    """
    before = np.ones(len(part.code)) if weight is None else np.asarray(weight, dtype=np.float64)
    names, code = np.unique(np.asarray(label, dtype=str), return_inverse=True)
    known = part.code >= 0
    size = (len(part.names), len(names))
    place = np.where(known, part.code, 0) * size[1] + code
    mass: NDArray[np.float64] = np.zeros(size)
    np.add.at(mass.reshape(-1), place[known], before[known])
    _refuse(part, names.tolist(), mass)
    factor = mass.sum(axis=1, keepdims=True) * mass.sum(axis=0) / (mass.sum() * mass)
    factor = np.minimum(factor, most)
    after = np.where(known, before * factor.ravel()[place], before)
    rows = np.bincount(place[known], minlength=mass.size).reshape(size)
    return Reweighed(after, _cells(part, names.tolist(), rows, mass, factor))


def _refuse(part: Grouping, labels: Sequence[str], mass: NDArray[np.float64]) -> None:
    if len(part.names) < 2:
        known = ", ".join(part.names) or "nothing known"
        raise ComponentError(
            f"there are no two groups by {part.column} ({known})",
            culprit=part.column,
            hint="name another column with 'by'",
        )
    empty = [(part.names[group], labels[label]) for group, label in np.argwhere(mass <= 0)]
    if empty:
        listed = "; ".join(f"{label!r} among {part.column} {group}" for group, label in empty[:5])
        raise ComponentError(
            f"no weight makes group and label independent: nobody is {listed}",
            culprit=empty[0][0],
            hint="use fewer groups (age_cuts, another column), or gather such cases",
        )


def _cells(
    part: Grouping,
    labels: Sequence[str],
    rows: NDArray[np.intp],
    mass: NDArray[np.float64],
    factor: NDArray[np.float64],
) -> Table:
    shares = [each / each.sum(axis=1, keepdims=True) for each in (mass, mass * factor)]
    lines: list[list[str | float | int]] = [
        [name, text, int(rows[at]), float(shares[0][at]), float(shares[1][at]), float(factor[at])]
        for group, name in enumerate(part.names)
        for label, text in enumerate(labels)
        for at in ((group, label),)
    ]
    columns = (part.column, "label", "rows", "share before", "share after", "factor")
    return Table("weights", f"Weights by {part.column} and label", columns, lines)
