"""Which cases a person asked for: filters, order, and how large the group is from which they come."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assay.errors import NotFound, did_you_mean
from assay.server.explore.cases import Cases, Column, Kind, Outcome

MARGIN = "margin"
"""Order by how far the score is from the threshold: the errors that the model was surest of come first, or last."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a column has to hold; of several conditions all.

    Attributes:
        values: One of these, as written; an empty text: not known.
        low, high: A number from ``low`` to ``high``, both included; a cell without a number is outside.
        contains: A part of the text, upper and lower case alike.
    """

    column: str
    values: Sequence[str] | None = None
    low: float | None = None
    high: float | None = None
    contains: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The answer.

    Attributes:
        group: Cases that pass every filter of a column, in the order asked for.
        rows: Those of them that have the outcomes asked for.
    """

    group: Sequence[int]
    rows: Sequence[int]


def choose(
    cases: Cases, filters: Sequence[Filter], outcomes: Sequence[Outcome], sort: str, *, descending: bool
) -> Chosen:
    """Return the cases asked for.

    Args:
        outcomes: Any of these; none: all.
        sort: A column, ``outcome``, ``margin``, or empty: the order of the table. What is not known stands last.

    Raises:
        NotFound: There is no such column.
    """
    tests = [test for one in filters for test in _tests(one, _column(cases, one.column))]
    group = [row for row in range(len(cases)) if all(test(row) for test in tests)]
    group = _sorted(cases, group, sort, descending=descending)
    wanted = set(outcomes)
    return Chosen(group, [row for row in group if not wanted or cases.outcomes[row] in wanted])


def count(cases: Cases, rows: Sequence[int]) -> dict[Outcome, tuple[int, int | None]]:
    """Return how many cases, and patients, of each outcome are among the rows."""
    found: dict[Outcome, list[int]] = {outcome: [] for outcome in Outcome}
    for row in rows:
        found[cases.outcomes[row]].append(row)
    return {outcome: (len(own), cases.patients(own)) for outcome, own in found.items()}


def _column(cases: Cases, name: str) -> Column:
    if name not in cases.columns:
        hint = did_you_mean(name, cases.columns) or f"it has {', '.join(list(cases.columns)[:20])}"
        raise NotFound(f"the predictions have no column {name!r}", culprit=name, hint=hint)
    return cases.columns[name]


def _tests(one: Filter, column: Column) -> list[Callable[[int], bool]]:
    tests: list[Callable[[int], bool]] = []
    cells, numbers = column.cells, column.numbers
    if one.values is not None:
        wanted = frozenset(one.values)
        tests.append(lambda row: cells[row] in wanted)
    if one.contains:
        part = one.contains.casefold()
        tests.append(lambda row: part in cells[row].casefold())
    if one.low is not None or one.high is not None:
        if column.kind is not Kind.NUMBER:
            raise NotFound(f"{column.name} holds no numbers", culprit=column.name, hint="choose among its values")
        low = -math.inf if one.low is None else one.low
        high = math.inf if one.high is None else one.high
        tests.append(lambda row: low <= numbers[row] <= high)
    return tests


def _sorted(cases: Cases, rows: list[int], sort: str, *, descending: bool) -> list[int]:
    if not sort:
        return rows[::-1] if descending else rows
    if sort == MARGIN:
        scores, limits = cases.columns["score"].numbers, cases.columns["threshold"].numbers
        return sorted(rows, key=lambda row: abs(scores[row] - limits[row]), reverse=descending)
    if sort == "outcome":
        places = {outcome: place for place, outcome in enumerate(Outcome)}
        return sorted(rows, key=lambda row: places[cases.outcomes[row]], reverse=descending)
    column = _column(cases, sort)
    known = [row for row in rows if column.cells[row]]
    if column.kind is Kind.NUMBER:
        known.sort(key=lambda row: column.numbers[row], reverse=descending)
    else:
        known.sort(key=lambda row: column.cells[row], reverse=descending)
    return known + [row for row in rows if not column.cells[row]]
