"""A table of predictions as cases: truth beside score, the outcome at the stated threshold, and every other column."""

from __future__ import annotations

import csv
import enum
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from assay.errors import AssayError, did_you_mean

LARGEST = 32_000_000
MOST_ROWS = 100_000
MOST_CATEGORIES = 40
"""A text column of more values is searched, not chosen from."""

_NEEDED = ("label", "score", "positive", "threshold")
_KEYS = ("file", "row")
_TEXTS = frozenset({"file", "row", "patient", "label", "true_label", "predicted", "sex", "mask", "split", "age_group"})
_UNSHOWN = frozenset({"row_seal", "model_sha256", "data_sha256"})
_LEADING_ZERO = re.compile(r"[+-]?0\d")
_LONGEST_CELL = 500


class NotExplorable(AssayError):  # noqa: N818  (like its kin in errors.py)
    """A file that is no table of predictions, or is too large to be looked through."""

    code: ClassVar[str] = "not-explorable"


class Outcome(enum.StrEnum):
    """Truth and answer, in the words of the Heatmaps folder."""

    TRUE_POSITIVE = "true positive"
    FALSE_POSITIVE = "false positive"
    FALSE_NEGATIVE = "false negative"
    TRUE_NEGATIVE = "true negative"


class Kind(enum.StrEnum):
    """How a column is asked for: a range, a choice, or a part of its text."""

    NUMBER = "number"
    CATEGORY = "category"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table.

    Attributes:
        cells: As they are written, at most 500 letters each; empty: not known.
        numbers: The same as numbers, NaN where empty; none for a text.
        values: Of a category: each value with the number of its rows, most frequent first; an empty one is not listed.
    """

    name: str
    kind: Kind
    cells: Sequence[str]
    numbers: Sequence[float]
    values: Sequence[tuple[str, int]]

    @property
    def missing(self) -> int:
        """Rows in which nothing is known."""
        return sum(not cell for cell in self.cells)

    @property
    def range(self) -> tuple[float, float] | None:
        """Smallest and largest number."""
        known = [number for number in self.numbers if not math.isnan(number)]
        return (min(known), max(known)) if known else None


@dataclass(frozen=True, slots=True)
class Cases:
    """Predictions, one case a row, in the order of the file.

    Attributes:
        key: The column that names a case: ``file`` (an image) or ``row``.
        positive: The label whose probability is the score.
        outcomes: Of each case: called positive when its score is at least the threshold of its own row.
        thresholds: Smallest and largest threshold of any row; equal, unless each group has its own.
        model, data: sha256 of the model that answered and of what it was asked about; empty when the table does not say.
        synthetic: Whether every row says that no patient was examined.
    """

    columns: dict[str, Column]
    key: str
    positive: str
    outcomes: Sequence[Outcome]
    thresholds: tuple[float, float]
    model: str
    data: str
    synthetic: bool

    def __len__(self) -> int:
        return len(self.outcomes)

    def cell(self, name: str, row: int) -> str:
        """Return a cell; empty where there is no such column."""
        column = self.columns.get(name)
        return column.cells[row] if column else ""

    def patients(self, rows: Iterable[int]) -> int | None:
        """Return how many people the rows are of; ``None`` when the table names none."""
        column = self.columns.get("patient")
        return len({column.cells[row] for row in rows}) if column else None


def read_cases(path: Path) -> Cases:
    """Read a table of predictions.

    Raises:
        NotExplorable: No CSV, larger than 32 MB or 100,000 rows, without a column it needs, or with a score that is no number.
    """
    if path.stat().st_size > LARGEST:
        raise NotExplorable(
            f"this table has {path.stat().st_size / 1e6:.0f} MB; at most {LARGEST // 1_000_000} MB are looked through here",
            culprit=path.name,
            hint="a step that keeps the rows in question makes a smaller one",
        )
    names, rows = _read(path)
    _check_columns(names)
    if not rows:
        raise NotExplorable("there is no prediction in this table", culprit=path.name)
    cells = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    columns = {name: _column(name, values) for name, values in cells.items() if name not in _UNSHOWN}
    scores, thresholds = (_numbers(cells[name], name) for name in ("score", "threshold"))
    positive = _one(cells["positive"], "positive labels")
    truths = [label == positive for label in cells["label"]]
    outcomes = [
        _outcome(truth, score >= threshold) for truth, score, threshold in zip(truths, scores, thresholds, strict=True)
    ]
    return Cases(
        columns=columns,
        key=next(name for name in _KEYS if name in columns),
        positive=positive,
        outcomes=outcomes,
        thresholds=(min(thresholds), max(thresholds)),
        model=_one(cells.get("model_sha256", [""]), "models"),
        data=_one(cells.get("data_sha256", [""]), "data sets"),
        synthetic=all(cell.lower() == "true" for cell in cells.get("synthetic", [""])),
    )


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    same: dict[str, str] = {}  # a label that stands in every row is kept once
    rows: list[list[str]] = []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            names = next(reader, [])
            for row in reader:
                if len(rows) == MOST_ROWS:
                    raise NotExplorable(
                        f"this table has more than {MOST_ROWS} rows",
                        culprit=path.name,
                        hint="look through a part of it",
                    )
                if len(row) != len(names):
                    raise NotExplorable(
                        f"line {reader.line_num} has {len(row)} cells, the header {len(names)}", culprit=path.name
                    )
                rows.append([same.setdefault(cell[:_LONGEST_CELL], cell[:_LONGEST_CELL]) for cell in row])
    except (UnicodeDecodeError, csv.Error) as error:
        raise NotExplorable(f"this is no CSV table: {error}", culprit=path.name) from error
    return names, rows


def _check_columns(names: list[str]) -> None:
    missing = [name for name in _NEEDED if name not in names]
    if not any(name in names for name in _KEYS):
        missing.append("file")
    if missing:
        hint = did_you_mean(missing[0], names) or "transform/predict and transform/predict-table write such tables"
        raise NotExplorable(f"predictions need the columns {', '.join(missing)}", culprit=missing[0], hint=hint)
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise NotExplorable(f"the column {twice[0]} stands there twice", culprit=twice[0])


def _column(name: str, cells: list[str]) -> Column:
    numbers = _as_numbers(cells) if name not in _TEXTS else None
    if numbers is not None:
        return Column(name, Kind.NUMBER, cells, numbers, ())
    counts = Counter(cell for cell in cells if cell)
    if name not in _KEYS and len(counts) <= MOST_CATEGORIES:
        return Column(name, Kind.CATEGORY, cells, (), counts.most_common())
    return Column(name, Kind.TEXT, cells, (), ())


def _as_numbers(cells: list[str]) -> list[float] | None:
    """Return numbers where every filled cell is one, as the readers of the library see it; ``007`` is none."""
    numbers = []
    for cell in cells:
        if not cell:
            numbers.append(math.nan)
            continue
        try:
            number = float(cell)
        except ValueError:
            return None
        if math.isinf(number) or _LEADING_ZERO.match(cell):
            return None
        numbers.append(number)
    return None if all(map(math.isnan, numbers)) else numbers


def _numbers(cells: list[str], name: str) -> list[float]:
    found = _as_numbers(cells)
    wrong = None if found is None else next((row for row, number in enumerate(found) if math.isnan(number)), None)
    if found is None or wrong is not None:
        where = "" if wrong is None else f" in row {wrong + 1}"
        raise NotExplorable(f"a {name}{where} is no number", culprit=name, hint="see Predictions in docs/formats.md")
    return found


def _one(cells: list[str], what: str) -> str:
    different = sorted(set(cells))
    if len(different) > 1:
        raise NotExplorable(
            f"this table holds {len(different)} {what}", culprit=different[0], hint="look through one of them at a time"
        )
    return different[0]


def _outcome(truth: bool, called: bool) -> Outcome:  # noqa: FBT001  (the two axes of one table)
    if truth:
        return Outcome.TRUE_POSITIVE if called else Outcome.FALSE_NEGATIVE
    return Outcome.FALSE_POSITIVE if called else Outcome.TRUE_NEGATIVE
