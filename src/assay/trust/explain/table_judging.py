"""Attributions of table rows measured: deletion and insertion column by column, beside orders that know nothing of the row."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.likeness import spearman
from assay.trust.explain.tables import AskRows

AttributeRows = Callable[[NDArray[np.float64], int], NDArray[np.float64]]
"""Rows, shape (rows, columns), and a seed to attributions, shape (rows, groups)."""


class TableControl(enum.StrEnum):
    """The closed set of controls."""

    RANDOM = "random"
    ANOTHER_ROW = "another row"
    UNUSUAL = "unusual value"


class TableFill(enum.StrEnum):
    """What takes the place of a column that is taken away."""

    DRAWN = "drawn rows"
    TYPICAL = "typical row"


@dataclass(slots=True)
class TableJudge:
    """Measures attributions of one sample of rows.

    Attributes:
        ask: The model's probability.
        rows: What is explained, shape (rows, columns).
        background: Rows that values are taken from, shape (backgrounds, columns).
        groups: Columns that go together.
        numeric: Which columns are numbers; the others are codes, of which the most frequent is typical.
        seed: Of ties and controls.
    """

    ask: AskRows
    rows: NDArray[np.float64]
    background: NDArray[np.float64]
    groups: Sequence[Sequence[int]]
    numeric: NDArray[np.bool_]
    seed: int = 0

    def fills(self) -> dict[TableFill, NDArray[np.float64]]:
        """Return the rows of each fill, shape (rows of the fill, columns)."""
        typical = [
            np.nanmedian(column) if number else _most_frequent(column)
            for column, number in zip(self.background.T, self.numeric, strict=True)
        ]
        return {TableFill.DRAWN: self.background, TableFill.TYPICAL: np.array([typical])}

    def fill_scores(self) -> dict[str, float]:
        """Return the mean probability of each fill alone."""
        return {str(fill): float(self.ask(shown).mean()) for fill, shown in self.fills().items()}

    def figures(self, attributions: NDArray[np.float64]) -> dict[tuple[str, str], NDArray[np.float64]]:
        """Return deletion and insertion by fill, and the correlation with what each column is worth alone; one figure a row.

        Args:
            attributions: Shape (rows, groups).
        """
        order = _descending(attributions, np.random.default_rng([self.seed, 1]))
        found = {}
        for fill, shown in self.fills().items():
            found["deletion", str(fill)] = self._curve(order, shown, taken=True)
            found["insertion", str(fill)] = self._curve(order, shown, taken=False)
        found["faithfulness", ""] = self._faithfulness(attributions)
        return found

    def control(self, kind: TableControl, attributions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a control's attributions, shape (rows, groups).

        ``random``: uniform noise; ``another row``: those of another row by lot, so that a method that says the same of
        everybody gains nothing; ``unusual value``: how far the row's values are from the usual, whatever the model makes of them.
        """
        random = np.random.default_rng([self.seed, 2])
        match kind:
            case TableControl.RANDOM:
                return random.random(attributions.shape)
            case TableControl.ANOTHER_ROW:
                count = len(attributions)
                other: NDArray[np.intp] = (np.arange(count) + random.integers(1, max(count, 2), count)) % count
                shuffled: NDArray[np.float64] = attributions[other]
                return shuffled
            case TableControl.UNUSUAL:
                return self._unusual()

    def _curve(self, order: NDArray[np.intp], fill: NDArray[np.float64], *, taken: bool) -> NDArray[np.float64]:
        """Return the area under the probability while columns go (or come), highest attribution first."""
        steps = order.shape[1] + 1
        areas = np.empty(len(order))
        for row, ranks in enumerate(order):
            gone = np.zeros((steps, self.rows.shape[1]), dtype=bool)
            for step, group in enumerate(ranks, start=1):
                gone[step] = gone[step - 1]
                gone[step, self.groups[group]] = True
            from_fill = gone if taken else ~gone
            mixed = np.where(from_fill[:, None], fill[None], self.rows[row])
            curve = self.ask(mixed.reshape(-1, self.rows.shape[1])).reshape(steps, -1).mean(axis=1)
            areas[row] = np.trapezoid(curve) / (steps - 1)
        return areas

    def _faithfulness(self, attributions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the correlation of attributions with the score lost when each column alone comes from the typical row."""
        typical, whole = self.fills()[TableFill.TYPICAL][0], self.ask(self.rows)
        lost = np.empty(attributions.shape)
        for number, columns in enumerate(self.groups):
            changed = self.rows.copy()
            changed[:, columns] = typical[columns]
            lost[:, number] = whole - self.ask(changed)
        found = np.full(len(lost), np.nan)
        for row, (one, other) in enumerate(zip(attributions, lost, strict=True)):
            if one.std() > 0 and other.std() > 0:
                found[row] = float(np.corrcoef(one, other)[0, 1])
        return found

    def _unusual(self) -> NDArray[np.float64]:
        spread = np.nanstd(self.background, axis=0)
        centre = np.nanmean(self.background, axis=0)
        far = np.abs(self.rows - centre) / np.where(spread > 0, spread, 1.0)
        rare = np.stack([1 - (self.background == row).mean(axis=0) for row in self.rows])
        values = np.nan_to_num(np.where(self.numeric, far, rare))
        return np.stack([values[:, columns].max(axis=1) for columns in self.groups], axis=1)


def repeated(attribute: AttributeRows, rows: NDArray[np.float64], seeds: Sequence[int]) -> NDArray[np.float64]:
    """Return the mean rank correlation of attributions of different seeds, one figure a row; 1 repeats exactly."""
    runs = [attribute(rows, seed) for seed in seeds]
    pairs = [(one, other) for place, one in enumerate(runs) for other in runs[place + 1 :]]
    return np.array([np.mean([spearman(one[row], other[row]) for one, other in pairs]) for row in range(len(rows))])


def moved(
    attribute: AttributeRows, rows: NDArray[np.float64], reach: NDArray[np.float64], *, draws: int, seed: int
) -> NDArray[np.float64]:
    """Return max-sensitivity (Yeh et al. 2019, arXiv:1901.09392) of each row: the largest relative change of its attributions.

    Args:
        attribute: The method; its own seed stays.
        rows: Shape (rows, columns).
        reach: Largest change of each column; 0 for codes.
        draws: Changes tried.
        seed: Of the method and the changes.
    """
    random, still = np.random.default_rng([seed, 3]), attribute(rows, seed)
    size, worst = np.linalg.norm(still, axis=1), np.zeros(len(rows))
    for _ in range(draws):
        near = attribute(rows + random.uniform(-1, 1, rows.shape) * reach, seed)
        worst = np.maximum(worst, np.linalg.norm(near - still, axis=1) / np.maximum(size, 1e-12))
    return worst


def _descending(attributions: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.intp]:
    """Return group numbers by descending attribution, shape (rows, groups); ties by lot, since their order is a place too."""
    ties = random.random(attributions.shape)
    return np.stack([np.lexsort((tie, -row)) for row, tie in zip(attributions, ties, strict=True)])


def _most_frequent(column: NDArray[np.float64]) -> float:
    found, counts = np.unique(column, return_counts=True)
    return float(found[counts.argmax()])
