"""What a table says of itself: the type of each column, what is missing, who is sensitive, which label is positive."""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from assay.errors import ComponentError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

FORMAT = 1

ROW, PATIENT, LABEL, WEIGHT, SPLIT, SYNTHETIC = "row", "patient", "label", "weight", "split", "synthetic"
KEYS = (ROW, PATIENT, LABEL)
"""Columns that every table has, in front."""

RESERVED = frozenset({*KEYS, WEIGHT, SPLIT, SYNTHETIC})
"""Columns that are never what a model learns from."""


class Kind(enum.StrEnum):
    """How a column is to be read."""

    NUMBER = "number"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        kind: A number, or one of ``categories``.
        missing: Empty cells.
        categories: Words of a category, sorted.
        low, high: Smallest and largest number; ``None`` when there is none.
    """

    kind: Kind
    missing: int = 0
    categories: Sequence[str] = field(default_factory=list)
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, cells: Sequence[str], kind: Kind) -> Self:
        """Describe cells; those of a number that are none must be gone before."""
        missing = sum(cell == "" for cell in cells)
        if kind is Kind.CATEGORY:
            return cls(kind, missing, sorted({*cells} - {""}))
        there = numbers(cells)
        there = there[np.isfinite(there)]
        return cls(kind, missing, [], float(there.min()), float(there.max())) if len(there) else cls(kind, missing)


@dataclass(frozen=True, slots=True)
class Schema:
    """What is known of a table.

    Attributes:
        columns: Every column but the reserved ones, in order.
        labels: All labels, sorted, the positive one last where there are two.
        positive: The label that counts as positive; empty: not stated.
        sensitive: Columns that describe people as members of protected groups: measured by, and not learnt from.
        rows: How many there are.
        synthetic: Whether no real person is described.
        title, source, licence: For people.
        caveats: Sentences that must stand beside figures of these data.
    """

    columns: Mapping[str, Column]
    labels: Sequence[str]
    positive: str = ""
    sensitive: Sequence[str] = ()
    rows: int = 0
    synthetic: bool = False
    title: str = ""
    source: str = ""
    licence: str = ""
    caveats: Sequence[str] = field(default_factory=list)

    def text(self) -> str:
        """Return it as JSON."""
        body = {"format": FORMAT, **dataclasses.asdict(self)}
        return json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the JSON that ``text`` gives; raises ComponentError when it is none."""
        try:
            body: dict[str, Any] = json.loads(path.read_bytes())
            _check(body)
            columns = {
                name: Column(**(facts | {"kind": Kind(facts["kind"])})) for name, facts in body["columns"].items()
            }
            known = {each.name for each in dataclasses.fields(cls)}
            return cls(**({name: value for name, value in body.items() if name in known} | {"columns": columns}))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ComponentError(
                f"the schema cannot be read: {error}",
                culprit=str(path),
                hint="input/table writes one; see docs/formats.md",
            ) from error


def _check(body: dict[str, Any]) -> None:
    if body["format"] != FORMAT:
        raise ValueError(f"format {body['format']}, not {FORMAT}")


def numbers(cells: Sequence[str]) -> NDArray[np.float64]:
    """Return cells as numbers, shape (rows,); NaN for what is empty or no finite number."""
    import pandas as pd  # heavy; the caller has loaded it

    found = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def odd_cells(cells: pd.Series[str]) -> pd.Series[str]:
    """Return the filled cells that are no finite number."""
    filled = cells[cells != ""]
    return filled[np.isnan(numbers(filled.tolist()))]
