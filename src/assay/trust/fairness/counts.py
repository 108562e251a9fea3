"""One table of counts by group, streamed over rows or gathered by patient, from which every group figure follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from assay.trust.performance.proportions import Clusters

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHUNK = 65_536
"""Rows looked at together: their codes stay in the processor's cache, and memory does not grow with the table."""

_PATTERN = 1 << np.arange(4)

Block = tuple["NDArray[np.integer]", "NDArray[np.bool_]", "NDArray[np.bool_]"]
"""Group number, truth and decision of some rows."""


def blocks(group: NDArray[np.integer], truth: NDArray[np.bool_], called: NDArray[np.bool_]) -> Iterator[Block]:
    """Cut three arrays of shape (rows,) into blocks; views, nothing is copied."""
    for start in range(0, len(group), _CHUNK):
        part = slice(start, start + _CHUNK)
        yield group[part], truth[part], called[part]


def count(rows: Iterable[Block], groups: int) -> NDArray[np.int64]:
    """Return the counts of TP, FN, FP and TN of each group, shape (groups, 4): ``CELLS`` of ``performance.confusion``.

    Args:
        rows: Blocks; any number of rows streams through in constant memory.
        groups: Groups are numbered 0..groups-1.
    """
    total = np.zeros(groups * 4, dtype=np.int64)
    for group, truth, called in rows:
        code = group.astype(np.intp)
        code <<= 2
        code += 3
        code -= truth.view(np.int8) << 1
        code -= called.view(np.int8)
        total += np.bincount(code, minlength=len(total))
    return total.reshape(groups, 4)


@dataclass(frozen=True, slots=True)
class CellCounts:
    """Counts of some groups, and how they bunch in patients.

    Attributes:
        counts: TP, FN, FP, TN, shape (groups, 4).
        moments: Sum over patients of the outer product of a patient's counts, shape (groups, 4, 4).
        patterns: How many patients have which of the four cells at all, by bit pattern, shape (groups, 16).
    """

    counts: NDArray[np.float64]
    moments: NDArray[np.float64]
    patterns: NDArray[np.int64]

    @classmethod
    def of_single_rows(cls, counts: NDArray[np.int64]) -> Self:
        """Every row is a patient of its own."""
        patterns = np.zeros((len(counts), 16), dtype=np.int64)
        patterns[:, _PATTERN] = counts
        return cls(counts.astype(np.float64), np.einsum("gi,ij->gij", counts, np.eye(4)), patterns)

    def sums(self, group: int, part: NDArray[np.float64], whole: NDArray[np.float64]) -> Clusters:
        """Return the sums behind the share ``part`` of ``whole``, each a choice of cells (0 or 1), shape (4,)."""
        counts, moments = self.counts[group], self.moments[group]
        chosen = int(_PATTERN @ whole.astype(np.int64))
        units = self.patterns[group, [pattern for pattern in range(16) if pattern & chosen]].sum()
        return Clusters(
            hits=float(part @ counts),
            trials=float(whole @ counts),
            hits_squared=float(part @ moments @ part),
            product=float(part @ moments @ whole),
            trials_squared=float(whole @ moments @ whole),
            units=int(units),
        )


@dataclass(frozen=True, slots=True)
class GroupTable:
    """Counts by the finest groups, from which coarser ones are added up without looking at a row again.

    Attributes:
        group: Finest group of each entry, shape (entries,).
        counts: Shape (entries, 4).
        patient: Patient of each entry; ``None``: every row is a patient of its own and an entry is a group.
    """

    group: NDArray[np.intp]
    counts: NDArray[np.int64]
    patient: NDArray[np.intp] | None = None

    @classmethod
    def of(
        cls,
        group: NDArray[np.integer],
        truth: NDArray[np.bool_],
        called: NDArray[np.bool_],
        patient: NDArray[np.integer] | None = None,
        *,
        groups: int,
    ) -> Self:
        """Count arrays of shape (rows,); ``patient``: whole numbers from 0, ``None`` when each row is one of its own."""
        if patient is None or len(np.unique(patient)) == len(patient):
            return cls(np.arange(groups), count(blocks(group, truth, called), groups))
        key = patient.astype(np.intp) * groups + group
        there, entry = np.unique(key, return_inverse=True)
        return cls(there % groups, count(blocks(entry, truth, called), len(there)), there // groups)

    def merged(self, to: NDArray[np.intp], groups: int) -> CellCounts:
        """Return the counts of coarser groups.

        Args:
            to: Coarser group of each finest one; -1 leaves it out.
            groups: How many coarser groups there are.
        """
        goal = to[self.group]
        kept = goal >= 0
        goal, counts = goal[kept], self.counts[kept]
        if self.patient is None:
            return CellCounts.of_single_rows(_added(goal, counts, groups))
        there, entry = np.unique(self.patient[kept] * groups + goal, return_inverse=True)
        whole = _added(entry, counts, len(there))
        by_patient = whole.astype(np.float64)
        goal = there % groups
        moments = np.zeros((groups, 4, 4))
        np.add.at(moments, goal, by_patient[:, :, None] * by_patient[:, None, :])
        pattern = (by_patient > 0) @ _PATTERN
        patterns = np.bincount(goal * 16 + pattern, minlength=groups * 16).reshape(groups, 16)
        return CellCounts(_added(goal, whole, groups).astype(np.float64), moments, patterns)

    def resampled(self, to: NDArray[np.intp], groups: int, draws: int, seed: int) -> NDArray[np.float64]:
        """Return the counts of coarser groups in ``draws`` bootstrap samples, shape (draws, groups, 4).

        Whole patients are drawn, each with all its rows. Where every row is a patient of its own, drawing the counts of the cells
        from a multinomial is the same distribution, at a cost that does not depend on the number of rows.
        """
        random = np.random.default_rng(seed)
        goal = to[self.group]
        kept = goal >= 0
        if self.patient is None:
            cells = _added(goal[kept], self.counts[kept], groups).ravel()
            total = int(cells.sum())
            return random.multinomial(total, cells / total, size=draws).reshape(draws, groups, 4).astype(np.float64)
        _, who = np.unique(self.patient[kept], return_inverse=True)
        patients = int(who.max()) + 1
        table = np.zeros((patients, groups, 4))
        np.add.at(table, (who, goal[kept]), self.counts[kept])
        flat = table.reshape(patients, groups * 4)
        at_once = max(1, 4_000_000 // patients)  # 32 MB of weights: bounds memory, not the answer
        parts = [
            random.multinomial(patients, np.full(patients, 1 / patients), size=min(at_once, draws - start)) @ flat
            for start in range(0, draws, at_once)
        ]
        return np.concatenate(parts).reshape(draws, groups, 4)


def _added(goal: NDArray[np.intp], counts: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    total = np.zeros((groups, 4), dtype=np.int64)
    np.add.at(total, goal, counts)
    return total
