"""What two parts of a data set share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.trust.evidence.evidence import Table
from assay.trust.evidence.statement import Criterion, Estimate, Statement
from assay.trust.leakage.fingerprints import Fingerprints, Pair, near_pairs

_MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a data set.

    Attributes:
        name: Such as ``train``.
        patients: Patient of each row.
        labels: Label of each row.
        files: Name of each row's file, for people.
        prints: Fingerprints of each row.
    """

    name: str
    patients: Sequence[str]
    labels: Sequence[str]
    files: Sequence[str]
    prints: Fingerprints


@dataclass(frozen=True, slots=True)
class Shared:
    """What two parts share.

    Attributes:
        first: Name of one part.
        second: Name of the other.
        patients: Patients in both, sorted.
        images: Pairs of equal pictures.
        near: Pairs of nearly equal pictures that are not equal.
        units: Patients of the smaller part.
        rows: Pictures of both parts.
    """

    first: str
    second: str
    patients: Sequence[str]
    images: Sequence[Pair]
    near: Sequence[Pair]
    units: int
    rows: int

    @property
    def clean(self) -> bool:
        """Whether the parts share nothing."""
        return not (self.patients or self.images or self.near)

    def words(self) -> str:
        """Return what is shared, in words."""
        return (
            f"{self.first} and {self.second} share {len(self.patients)} patients, {len(self.images)} equal and "
            f"{len(self.near)} nearly equal images"
        )


def shared(first: Part, second: Part) -> Shared:
    """Compare two parts."""
    pairs = list(near_pairs(first.prints, second.prints))
    equal = [pair for pair in pairs if first.prints.exact[pair.first] == second.prints.exact[pair.second]]
    near = [pair for pair in pairs if first.prints.exact[pair.first] != second.prints.exact[pair.second]]
    return Shared(
        first.name,
        second.name,
        sorted(set(first.patients) & set(second.patients)),
        equal,
        near,
        min(len(set(first.patients)), len(set(second.patients))),
        len(first.patients) + len(second.patients),
    )


def leakage_statements(found: Shared) -> list[Statement]:
    """Return counts of what is shared; each must be 0. They are counted, not estimated: the interval is the count itself."""
    on = {"parts": f"{found.first} and {found.second}"}
    return [
        Statement.judged(
            f"leakage.{name}",
            Estimate(count, count, count, n=found.units, rows=found.rows, method="counted over all pairs"),
            Criterion(most=0),
            on=on,
        )
        for name, count in (
            ("patients", len(found.patients)),
            ("images", len(found.images)),
            ("near_duplicates", len(found.near)),
        )
    ]


def pair_table(first: Part, second: Part, found: Shared) -> Table:
    """Return the pairs of pictures that are alike, the most alike first, at most fifty."""
    pairs = sorted([*found.images, *found.near], key=lambda pair: -pair.correlation)[:_MOST_LISTED]
    rows: list[list[str | float | bool]] = [
        [
            first.files[pair.first],
            second.files[pair.second],
            first.labels[pair.first],
            second.labels[pair.second],
            first.patients[pair.first] == second.patients[pair.second],
            round(pair.correlation, 4),
        ]
        for pair in pairs
    ]
    columns = (first.name, second.name, f"label in {first.name}", f"label in {second.name}", "same patient", "likeness")
    return Table(f"{first.name}-{second.name}", f"Alike in {first.name} and {second.name}", columns, rows)


def contradicting(first: Part, second: Part, found: Shared) -> int:
    """Return how many pairs of alike pictures carry different labels: at least one of the two is wrong."""
    pairs: NDArray[np.bool_] = np.array(
        [first.labels[pair.first] != second.labels[pair.second] for pair in (*found.images, *found.near)], dtype=bool
    )
    return int(pairs.sum())
