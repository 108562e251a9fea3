"""Who the rows are about: columns of a table as groups of people."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assay.errors import ComponentError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

AGE, AGE_GROUP, SEX = "age", "age_group", "sex"
UNKNOWN = frozenset({"", "unknown", "nan", "na", "none", "null", "?"})
"""Cells that say nothing, in lower case."""

_SEXES = frozenset({"F", "M", "other"})
_YEARS = re.compile(r"(\d+(?:\.\d+)?)Y?")
_OR_MORE = re.compile(r"(\d+(?:\.\d+)?)\+")
_EVERY_AGE = "all ages"
_UNDER = re.compile(r"under (\d+(?:\.\d+)?)")
_BETWEEN = re.compile(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)")
_OVER = re.compile(r"(\d+(?:\.\d+)?) and over")
_MOST_GROUPS = 50


@dataclass(frozen=True, slots=True)
class Grouping:
    """Rows by one column.

    Attributes:
        column: Its name, which statements carry.
        names: The groups.
        code: Group of each row, -1 when not known, shape (rows,).
        notes: What a reader has to know about it.
    """

    column: str
    names: Sequence[str]
    code: NDArray[np.intp]
    notes: Sequence[str] = ()


def groupings(table: pd.DataFrame, by: Sequence[str], cuts: Sequence[float]) -> list[Grouping]:
    """Return the groupings that ``by`` names; ``age_group`` is made of the column ``age`` unless the table has one.

    Args:
        table: Cells as text.
        by: Columns.
        cuts: Ascending ages in years at which a new group begins.

    Raises:
        ComponentError: Columns that are not there (all are named), cuts that do not ascend, a column with more than 50 groups.
    """
    if list(cuts) != sorted(set(cuts)):
        raise ComponentError("the ages at which groups begin do not ascend", culprit=str(list(cuts)))
    missing = [name for name in by if name not in table.columns and not (name == AGE_GROUP and AGE in table.columns)]
    if missing:
        raise ComponentError(
            f"the predictions lack the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} to group by",
            culprit=missing[0],
            hint=did_you_mean(missing[0], table.columns) or f"columns there: {', '.join(table.columns)}",
        )
    return [
        by_age(table[AGE].tolist(), cuts)
        if name == AGE or name not in table.columns
        else by_value(name, table[name].tolist())
        for name in dict.fromkeys(by)
    ]


def by_value(column: str, cells: Sequence[str]) -> Grouping:
    """Return the groups of a column of text; a sex that is neither F, M nor other is a group of its own, with a note."""
    texts = [str(cell).strip() for cell in cells]
    known = sorted({text for text in texts if text.lower() not in UNKNOWN})
    if len(known) > _MOST_GROUPS:
        raise ComponentError(
            f"column {column!r} has {len(known)} values: too many to be groups of people",
            culprit=column,
            hint="group by a column with fewer values, or make classes of it first",
        )
    number = {text: code for code, text in enumerate(known)}
    code = np.array([number.get(text, -1) for text in texts], dtype=np.intp)
    notes = [*_left_out(column, code)]
    if column == SEX and (odd := [text for text in known if text not in _SEXES]):
        notes.append(
            f"sex has codes that are none of F, M, other, unknown: {', '.join(odd)}; each is a group of its own"
        )
    return Grouping(column, known, code, notes)


def by_age(cells: Sequence[str], cuts: Sequence[float]) -> Grouping:
    """Return groups of age with declared bounds, such as ``under 40``, ``40-59``, ``60 and over``.

    ``90+`` counts to the last group when that begins at 90 or below; anything else that is no number of years is not known.
    """
    years, texts = ages(cells), [str(cell).strip() for cell in cells]
    names = _age_names(cuts)
    code = np.where(np.isnan(years), -1, np.searchsorted(cuts, years, side="right")).astype(np.intp)
    odd: dict[str, int] = {}
    for row in np.flatnonzero(code < 0):
        more = _OR_MORE.fullmatch(texts[row])
        if more and cuts and float(more[1]) >= cuts[-1]:
            code[row] = len(cuts)
        elif texts[row].lower() not in UNKNOWN:
            odd[texts[row]] = odd.get(texts[row], 0) + 1
    notes = list(_left_out(AGE, code))
    if odd:
        named = ", ".join(repr(text) for text in list(odd)[:5])
        notes.append(
            f"{sum(odd.values())} ages are no number of years and count as not known: {named}{_how_to_count(odd)}"
        )
    used = [number for number in range(len(names)) if (code == number).any()]
    order = np.full(len(names) + 1, -1, dtype=np.intp)
    order[used] = np.arange(len(used))
    return Grouping(AGE_GROUP, [names[number] for number in used], order[code], notes)


def _how_to_count(odd: Iterable[str]) -> str:
    open_ended = [text for text in odd if _OR_MORE.fullmatch(text)]
    if not open_ended:
        return ""
    youngest = min(open_ended, key=lambda text: float(text[:-1]))
    return f" ({youngest!r} counts when the last group begins at {youngest[:-1]} or below)"


def ages(cells: Sequence[str]) -> NDArray[np.float64]:
    """Return ages in years, shape (rows,): ``63`` or ``063Y``; NaN for anything else."""
    found = [_YEARS.fullmatch(str(cell).strip()) for cell in cells]
    return np.array([float(match[1]) if match else np.nan for match in found], dtype=np.float64)


def _age_names(cuts: Sequence[float]) -> list[str]:
    if not cuts:
        return [_EVERY_AGE]
    between = [f"{low:g}-{high - 1:g}" for low, high in itertools.pairwise(cuts)]
    return [f"under {cuts[0]:g}", *between, f"{cuts[-1]:g} and over"]


def years_of(group: str) -> tuple[float, float] | None:
    """Return from which age, and to below which, a group that ``by_age`` named reaches; ``None`` for any other name."""
    if group == _EVERY_AGE:
        return 0.0, math.inf
    if match := _UNDER.fullmatch(group):
        return 0.0, float(match[1])
    if match := _BETWEEN.fullmatch(group):
        return float(match[1]), float(match[2]) + 1
    if match := _OVER.fullmatch(group):
        return float(match[1]), math.inf
    return None


def _left_out(column: str, code: NDArray[np.intp]) -> list[str]:
    lost = int((code < 0).sum())
    return [f"{column} is not known for {lost} of {len(code)} rows: they are in no group"] if lost else []


@dataclass(frozen=True, slots=True)
class Slice:
    """A way to cut people into groups, over the finest cells that all groupings make together.

    Attributes:
        groups: What each group is, column to value.
        to: Group of each finest cell, -1: none.
    """

    groups: Sequence[Mapping[str, str]]
    to: NDArray[np.intp]

    @property
    def columns(self) -> str:
        """The columns in words: ``sex`` or ``sex x age_group``."""
        return " x ".join(self.groups[0]) if self.groups else ""


def cells(parts: Sequence[Grouping]) -> tuple[NDArray[np.intp], int]:
    """Return the finest cell of each row and how many cells there are; not known is a value too."""
    code, size = np.zeros(len(parts[0].code), dtype=np.intp), 1
    for part in parts:
        code = code * (len(part.names) + 1) + np.where(part.code < 0, len(part.names), part.code)
        size *= len(part.names) + 1
    return code, size


def slices(parts: Sequence[Grouping], *, crossing: bool) -> list[Slice]:
    """Return one slice a grouping, and their crossing when there are several."""
    widths = [len(part.names) + 1 for part in parts]
    grid = np.indices(widths).reshape(len(parts), -1)
    found = []
    for part, place in zip(parts, grid, strict=True):
        to = np.where(place < len(part.names), place, -1)
        found.append(Slice([{part.column: name} for name in part.names], to.astype(np.intp)))
    if crossing and len(parts) > 1:
        known = np.all(grid < np.array([[len(part.names)] for part in parts]), axis=0)
        to = np.full(grid.shape[1], -1, dtype=np.intp)
        to[known] = np.arange(known.sum())
        groups = [
            {part.column: part.names[place] for part, place in zip(parts, places, strict=True)}
            for places in grid.T[known]
        ]
        found.append(Slice(groups, to))
    return [each for each in found if len(each.groups) > 1]
