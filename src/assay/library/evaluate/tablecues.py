"""Cues of a table: what should not matter, each column alone, and what the columns together say of a sensitive one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from assay.data.tables.rows import refuse_unknown
from assay.data.tables.schema import ROW, Kind, numbers
from assay.training.tables.asking import TableModel
from assay.training.tables.cases import TableCases
from assay.training.tables.facts import Feature, TableFacts
from assay.trust.charts.chart import IntervalChart, IntervalRow
from assay.trust.evidence.evidence import NotMeasured
from assay.trust.evidence.statement import Criterion, Statement
from assay.trust.fairness.people import UNKNOWN
from assay.trust.shortcuts.audit import Target, findings
from assay.trust.shortcuts.learner import Features
from assay.trust.shortcuts.stating import cue_statement

_FEWEST = 20
_SENSITIVE = ("sex", "gender", "race", "ethnicity")
_MOST_VALUES = 4
_AREA = "shortcut.cue_auroc"
ORDER, NAME, MISSING = "order of the rows", "number in the row's name", "which cells are missing"


@dataclass(frozen=True, slots=True)
class Found:
    """What an audit found."""

    statements: Sequence[Statement]
    not_measured: Sequence[NotMeasured]


@dataclass(frozen=True, slots=True)
class TableAudit:
    """The rows of an audit.

    Attributes:
        place: Where each row stood in the table.
    """

    facts: TableFacts
    cases: TableCases
    place: NDArray[np.float64]

    @classmethod
    def read(cls, model: Path, table: Path, most: int, seed: int, *, threads: int) -> Self:
        """Read, and draw rows by lot; raises as ``TableModel`` and ``TableCases.read``."""
        facts = TableModel(model, threads=threads).facts
        whole = TableCases.read(table, facts)
        cases = whole.sample(most, seed)
        at = {name: number for number, name in enumerate(whole.rows[ROW])}
        return cls(facts, cases, np.array([at[name] for name in cases.rows[ROW]], dtype=np.float64))

    @property
    def samples(self) -> dict[str, int]:
        """Counts for the evidence."""
        return {
            "rows": len(self.cases),
            "patients": self.cases.patients,
            "positive_patients": len(np.unique(self.cases.patient[self.cases.truth])),
        }

    def found(
        self,
        suspects: Sequence[str],
        sensitive: Sequence[str] | None,
        *,
        most: float,
        most_of_one: float,
        draws: int,
        seed: int,
    ) -> Found:
        """Look at every cue, at every column alone, and at every sensitive column.

        Raises:
            UnfitTable: A column is not there.
        """
        rows = self.cases.rows
        refuse_unknown(rows, [*suspects, *(sensitive or ())], "to be audited")
        label = f"label {self.facts.positive}"
        made, missing = self._asked(label, self.cases.truth, self._cues(suspects), most, draws, seed)
        alone = {f"column {each.name} alone": self._column(each) for each in self.facts.features}
        more, lacking = self._asked(label, self.cases.truth, alone, most_of_one, draws, seed)
        made, missing = made + more, missing + lacking
        usual = [name for name in _SENSITIVE if name in rows and name not in self.facts.names]
        together = {"the model's columns together": self._together()}
        for column in usual if sensitive is None else sensitive:
            cells = rows[column].str.strip()
            for value in _common(cells.tolist()):
                truth = (cells == value).to_numpy(dtype=bool)
                more, lacking = self._asked(f"{column} {value}", truth, together, None, draws, seed)
                made, missing = made + more, missing + lacking
        return Found(made, missing)

    def chart(self, statements: Sequence[Statement], most: float) -> IntervalChart:
        """Return the AUROC of every cue with its interval."""
        rows = [
            IntervalRow(each.on["cue"], each.estimate.value, each.estimate.low, each.estimate.high, each.on["target"])
            for each in statements
        ]
        mark = " (synthetic data)" if self.cases.synthetic else ""
        return IntervalChart(
            f"What tells of what{mark}",
            "AUROC",
            rows or [IntervalRow("not measured", 0.5)],
            reference=0.5,
            allowed=(0.0, most),
            x_range=(0.0, 1.0),
        )

    def _asked(
        self,
        target: str,
        truth: NDArray[np.bool_],
        cues: Mapping[str, Features],
        most: float | None,
        draws: int,
        seed: int,
    ) -> tuple[list[Statement], list[NotMeasured]]:
        rows = Target(cues, truth, self.cases.patient)
        found, reasons = findings(rows, bound=most if most is not None else 0.5, draws=draws, seed=seed)
        criterion = Criterion(most=most, fewest=_FEWEST) if most is not None else None
        made = [
            cue_statement(answer, {"target": target, "cue": cue}, criterion, p, f"cues of {target}")
            for cue, (answer, p) in found.items()
        ]
        return made, [NotMeasured(_AREA, why, {"target": target, "cue": cue}) for cue, why in reasons.items()]

    def _cues(self, suspects: Sequence[str]) -> dict[str, Features]:
        rows = self.cases.rows
        names = [re.search(r"(\d+)\D*$", str(name)) for name in rows[ROW]]
        digits = np.array([float(found[1]) if found else np.nan for found in names])
        # Which columns are empty in a row, not what stands in the others.
        empty = np.stack(
            [rows[each.name].str.strip().str.lower().isin(UNKNOWN) for each in self.facts.features], axis=1
        )
        cues = {
            ORDER: Features(self.place[:, None]),
            NAME: Features(digits[:, None]),
            MISSING: Features(empty.astype(np.float64)),
        }
        return cues | {f"column {name}": _cells(rows[name].tolist()) for name in suspects}

    def _column(self, feature: Feature) -> Features:
        cells = self.cases.rows[feature.name].tolist()
        return Features(numbers(cells)[:, None]) if feature.kind is Kind.NUMBER else Features(kinds=[cells])

    def _together(self) -> Features:
        parts = [self._column(each) for each in self.facts.features]
        known = [part.numbers for part in parts if part.numbers.size]
        columns = np.concatenate(known, axis=1) if known else np.empty((0, 0))
        return Features(columns, [kind for part in parts for kind in part.kinds])


def _cells(cells: Sequence[str]) -> Features:
    """Return a column as numbers when every filled cell is one, else as kinds."""
    values = numbers(list(cells))
    filled = np.array([bool(cell.strip()) for cell in cells], dtype=bool)
    return Features(values[:, None]) if np.isfinite(values[filled]).all() else Features(kinds=[list(cells)])


def _common(cells: Sequence[str]) -> list[str]:
    """Return the most frequent values, the last of two being said by the first."""
    kinds, counts = np.unique([cell for cell in cells if cell.lower() not in UNKNOWN], return_counts=True)
    ranked = [str(kinds[place]) for place in np.argsort(-counts, kind="stable")]
    return ranked[:1] if len(ranked) == 2 else ranked[:_MOST_VALUES]
