"""What two parts of a table share: people, and rows that are equal in every column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assay.trust.evidence.statement import Criterion, Estimate, Statement


@dataclass(frozen=True, slots=True)
class RowsPart:
    """One part of a table.

    Attributes:
        name: Such as ``train``.
        patients: Patient of each row.
        cells: What is known of each row, keys and label left out.
        labels: Label of each row.
    """

    name: str
    patients: Sequence[str]
    cells: Sequence[tuple[str, ...]]
    labels: Sequence[str]


@dataclass(frozen=True, slots=True)
class SharedRows:
    """What two parts share.

    Attributes:
        first, second: Their names.
        patients: Patients in both, sorted.
        equal: Rows of the second part that equal one of the first in every column.
        contradicting: Those of them that never have the label of their equals.
        chance: Share of the second part's rows that equal another row of that very part: equal rows that no leakage explains.
        units: Patients of the smaller part.
        rows: Rows of the second part.
    """

    first: str
    second: str
    patients: Sequence[str]
    equal: int
    contradicting: int
    chance: float
    units: int
    rows: int

    @property
    def words(self) -> str:
        """What is shared, in words."""
        return f"{self.first} and {self.second} share {len(self.patients)} patients and {self.equal} equal rows"


def shared_rows(first: RowsPart, second: RowsPart) -> SharedRows:
    """Compare two parts."""
    labels: dict[tuple[str, ...], set[str]] = {}
    for cells, label in zip(first.cells, first.labels, strict=True):
        labels.setdefault(cells, set()).add(label)
    equal = [(cells, label) for cells, label in zip(second.cells, second.labels, strict=True) if cells in labels]
    counts = Counter(second.cells)
    alike = sum(count for count in counts.values() if count > 1)
    return SharedRows(
        first.name,
        second.name,
        sorted({*first.patients} & {*second.patients}),
        len(equal),
        sum(label not in labels[cells] for cells, label in equal),
        alike / len(second.cells),
        min(len({*first.patients}), len({*second.patients})),
        len(second.cells),
    )


def row_statements(found: SharedRows, most_equal: float | None) -> list[Statement]:
    """Return counts; patients must be 0, the share of equal rows at most ``most_equal`` (``None``: it is told)."""
    on = {"parts": f"{found.first} and {found.second}"}

    def counted(value: float) -> Estimate:
        return Estimate(value, value, value, n=found.units, rows=found.rows, method="counted over all rows")

    criterion = None if most_equal is None else Criterion(most=most_equal)
    return [
        Statement.judged("leakage.patients", counted(len(found.patients)), Criterion(most=0), on=on),
        Statement.judged("leakage.rows", counted(found.equal / found.rows), criterion, on=on),
    ]
