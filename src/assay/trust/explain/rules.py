"""Rules about errors: what is known of people as conditions, and a rule measured on patients that it was not learnt from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assay.trust.evidence.evidence import NotMeasured
from assay.trust.evidence.statement import Criterion, Estimate, Statement
from assay.trust.fairness.people import UNKNOWN
from assay.trust.performance.proportions import NEWCOMBE, WILSON, Clusters, Proportion, difference, proportion

if TYPE_CHECKING:
    import pandas as pd

_CUTS = 9
_MOST_VALUES = 20
RATE, GAP = "failures.error_rate", "failures.error_rate_difference"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a row, such as ``age > 60``; a cell that says nothing meets none.

    Attributes:
        sign: ``==``, ``!=``, ``<=`` or ``>``.
        value: Text for the first two, a number for the others.
    """

    column: str
    sign: str
    value: str | float

    def met(self, cells: Sequence[str]) -> NDArray[np.bool_]:
        """Return which cells of the column meet it."""
        texts = [str(cell).strip() for cell in cells]
        met: NDArray[np.bool_] = np.array([text.lower() not in UNKNOWN for text in texts], dtype=bool)
        if self.sign in {"==", "!="}:
            met &= np.array([(text == self.value) is (self.sign == "==") for text in texts], dtype=bool)
        else:
            values, cut = numbers(texts), float(self.value)
            met &= values <= cut if self.sign == "<=" else values > cut
        return met


def numbers(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return cells as numbers, NaN for those that are none."""
    found = np.full(len(texts), np.nan)
    for place, text in enumerate(texts):
        try:
            value = float(text)
        except ValueError:
            continue
        found[place] = value if math.isfinite(value) else np.nan
    return found


def conditions(cells: Mapping[str, Sequence[str]]) -> tuple[list[Condition], list[str]]:
    """Return conditions that divide the rows, and the columns that give none, with the reason.

    A column of numbers with more than ten values is cut at its deciles; any other is compared with each of its values.

    Args:
        cells: Column to its cells, those of the rows that rules are learnt from.
    """
    made: list[Condition] = []
    left: list[str] = []
    for column, found in cells.items():
        texts = [str(cell).strip() for cell in found]
        filled = [text for text in texts if text.lower() not in UNKNOWN]
        values, kinds = numbers(filled), sorted({*filled})
        if len(kinds) < 2:
            left.append(f"{column} has one value only")
        elif np.isfinite(values).all() and len(kinds) > _CUTS + 1:
            for cut in np.unique(np.quantile(values, np.linspace(0, 1, _CUTS + 2)[1:-1])):
                made += [Condition(column, "<=", float(cut)), Condition(column, ">", float(cut))]
        elif len(kinds) > _MOST_VALUES:
            left.append(f"{column} has {len(kinds)} values that are no numbers")
        else:
            made += [Condition(column, sign, kind) for kind in kinds for sign in ("==", "!=")]
    return made, left


def binarised(cells: Mapping[str, Sequence[str]], asked: Sequence[Condition]) -> pd.DataFrame:
    """Return one column of 0 and 1 a condition, named by column, sign and value."""
    import pandas as pd  # heavy; only who learns rules needs it

    names = pd.MultiIndex.from_tuples(
        [(each.column, each.sign, each.value) for each in asked], names=["feature", "operation", "value"]
    )
    return pd.DataFrame(np.column_stack([each.met(cells[each.column]) for each in asked]).astype(int), columns=names)


def halved(patient: NDArray[np.intp], seed: int) -> NDArray[np.bool_]:
    """Return which rows are of the half of the patients, by lot, that rules are learnt from."""
    people = np.unique(patient)
    learning = np.random.default_rng(seed).permutation(people)[: (len(people) + 1) // 2]
    return np.isin(patient, learning)


def balanced(wrong: NDArray[np.bool_], seed: int) -> NDArray[np.intp]:
    """Return rows with as many right as wrong ones, by lot: with few errors the rule that costs least is none."""
    random = np.random.default_rng(seed)
    kinds = [random.permutation(np.flatnonzero(wrong == kind)) for kind in (True, False)]
    fewest = min(map(len, kinds))
    return np.sort(np.concatenate([rows[:fewest] for rows in kinds]))


@dataclass(frozen=True, slots=True)
class Pocket:
    """Error rates where a rule holds and where it does not, on patients that it was not learnt from."""

    inside: Proportion | None
    outside: Proportion | None

    @classmethod
    def of(cls, holds: NDArray[np.bool_], wrong: NDArray[np.bool_], patient: NDArray[np.intp]) -> Pocket:
        """Count rows."""
        found = [
            proportion(Clusters.of_rows(wrong[rows], patient[rows])) if rows.any() else None for rows in (holds, ~holds)
        ]
        return cls(*found)

    @property
    def gap(self) -> Estimate | None:
        """Rate inside less rate outside; ``None`` where one of both has no row."""
        if self.inside is None or self.outside is None:
            return None
        value, units = self.inside.value - self.outside.value, min(self.inside.units, self.outside.units)
        rows = self.inside.rows + self.outside.rows
        if self.inside.interval is None or self.outside.interval is None:
            return Estimate(value, n=units, rows=rows, method="no interval: one patient on a side")
        ends = difference(self.inside.value, self.inside.interval, self.outside.value, self.outside.interval)
        return Estimate(value, ends.low, ends.high, n=units, rows=rows, method=NEWCOMBE)


def pocket_statements(
    pocket: Pocket, on: Mapping[str, str], *, most_gap: float, fewest: int
) -> tuple[list[Statement], list[NotMeasured]]:
    """State the error rates of a rule and their difference, which is held against ``most_gap``.

    Args:
        pocket: What was counted.
        on: What the rule says.
        most_gap: Largest difference that is good enough.
        fewest: A judgement needs at least these patients on each side.
    """
    made = [
        Statement(RATE, _estimate(rate), on={**on, "where": where})
        for where, rate in (("the rule holds", pocket.inside), ("it does not", pocket.outside))
        if rate is not None
    ]
    if (gap := pocket.gap) is None:
        return made, [NotMeasured(GAP, "the rule holds for all or none of the patients it was not learnt from", on)]
    return [*made, Statement.judged(GAP, gap, Criterion(most=most_gap, fewest=fewest), on=on)], []


def _estimate(rate: Proportion) -> Estimate:
    ends = rate.interval
    low, high = (ends.low, ends.high) if ends else (None, None)
    return Estimate(
        rate.value, low, high, n=rate.units, rows=rate.rows, method=WILSON if ends else "no interval: one patient"
    )
