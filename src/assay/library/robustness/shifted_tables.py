"""A model over tables under many shifts: rows damaged, columns left out, other people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from assay import ComponentError, step
from assay.data.tables.schema import Kind, numbers
from assay.errors import did_you_mean
from assay.library.robustness.curves import lost_at_worst, mark, measured_areas, over_severity
from assay.training.tables.asking import TableModel
from assay.training.tables.cases import TableCases
from assay.training.tables.facts import UNSEEN, Feature
from assay.trust.charts.chart import IntervalChart, LineChart
from assay.trust.evidence.evidence import NotMeasured, Table
from assay.trust.evidence.statement import Criterion, Statement
from assay.trust.fairness.people import AGE, SEX, groupings
from assay.trust.robustness.table_shifts import (
    AMOUNTS,
    GONE,
    HIGHER,
    LOWER,
    CellShift,
    TableColumns,
    Values,
    among_others,
    cell_shifts,
    damaged,
    tilted,
    without,
)
from assay.trust.robustness.under_shift import Judged, under_shift

FEWEST = 20
_WORST = 5
_SEVERITIES = (1, 2, 3, 4, 5)
Groups = Sequence[tuple[Mapping[str, str], NDArray[np.bool_]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which shifts.

    Attributes:
        cells: Damage of cells.
        severities: Of these, and of tilts.
        tilts: Column to its values as numbers.
        missing: What these columns cannot suffer.
    """

    cells: Sequence[CellShift]
    severities: Sequence[int]
    tilts: Mapping[str, NDArray[np.float64]]
    missing: Sequence[NotMeasured]


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured.

    Attributes:
        meanings: What each severity is.
        charts: AUROC over severity.
        lost: What each shift costs at its worst.
    """

    statements: Sequence[Statement]
    not_measured: Sequence[NotMeasured]
    meanings: Table
    charts: Sequence[LineChart]
    lost: IntervalChart
    caveats: Sequence[str]


@dataclass(frozen=True, slots=True)
class Bench:
    """The model and the rows."""

    model: TableModel
    cases: TableCases
    columns: TableColumns

    @classmethod
    def read(cls, model: Path, table: Path, most: int, seed: int, *, threads: int) -> Self:
        """Read both, and draw rows by lot; raises as ``TableModel`` and ``TableCases.read``."""
        asker = TableModel(model, threads=threads)
        cases = TableCases.read(table, asker.facts).sample(most, seed)
        return cls(asker, cases, columns_of(asker.facts.features))

    def groups(self, by: Sequence[str] | None, cuts: Sequence[float]) -> Groups:
        """Return the groups to measure, each with its rows."""
        wanted = by if by is not None else [SEX] if SEX in self.cases.rows else []
        parts = groupings(self.cases.rows, wanted, cuts) if wanted else []
        return [({part.column: name}, part.code == code) for part in parts for code, name in enumerate(part.names)]

    def asked(
        self, shifts: Sequence[str] | None, severities: Sequence[int] | None, tilt: Sequence[str] | None
    ) -> Asked:
        """Return which shifts to measure.

        Raises:
            ComponentError: A shift, a severity or a column that is not there, or a column that holds no numbers.
        """
        known = [str(each) for each in CellShift]
        for name in shifts or ():
            if name not in known:
                hint = did_you_mean(name, known) or f"one of {', '.join(known)}"
                raise ComponentError(f"there is no shift {name!r}", culprit=name, hint=hint)
        for severity in severities or ():
            if severity not in _SEVERITIES:
                raise ComponentError("a severity is 1, 2, 3, 4 or 5", culprit=str(severity))
        cells, missing = cell_shifts(self.columns, [CellShift(name) for name in (shifts or known)])
        return Asked(cells, sorted({*(severities or (1, 2, 4))}), dict(self._tilts(tilt)), missing)

    def _tilts(self, tilt: Sequence[str] | None) -> Iterator[tuple[str, NDArray[np.float64]]]:
        numbers_taken = [each.name for each in self.model.facts.features if each.kind is Kind.NUMBER]
        there = [str(name) for name in self.cases.rows.columns]
        usual = [AGE] if AGE in there else numbers_taken[:1]
        for name in usual if tilt is None else tilt:
            if name not in there:
                hint = did_you_mean(name, there) or f"columns there: {', '.join(there)}"
                raise ComponentError(
                    f"there is no column {name!r} by which other people could come", culprit=name, hint=hint
                )
            values = numbers(self.cases.rows[name].tolist())
            filled = values[np.isfinite(values)]
            if not len(filled) or not np.ptp(filled) > 0:
                raise ComponentError(f"the column {name!r} holds no numbers that differ", culprit=name)
            yield name, values

    def under(self, values: Values) -> Judged:
        """Return the rows before and after a shift."""
        facts = self.model.facts
        clean = self.model.scores(self.cases.matrix)
        return Judged(self.cases.truth, self.cases.patient, clean, self.model.scores(values), facts.threshold)


def columns_of(features: Sequence[Feature]) -> TableColumns:
    """Return what the columns of encoded rows are."""
    blank = [np.nan if each.kind is Kind.NUMBER else _missing(each) for each in features]
    return TableColumns(
        np.array([each.deviation if each.kind is Kind.NUMBER else 0.0 for each in features]),
        np.array([each.kind is Kind.NUMBER and each.whole for each in features], dtype=bool),
        np.array([len(each.categories) for each in features], dtype=np.intp),
        np.array(blank, dtype=np.float32),
    )


def _missing(feature: Feature) -> float:
    return float(list(feature.categories).index("")) if "" in feature.categories else UNSEEN


def measured(
    bench: Bench,
    asked: Asked,
    groups: Groups,
    *,
    columns_gone: bool,
    judged: int,
    most_drop: float,
    draws: int,
    seed: int,
) -> Found:
    """Measure every shift.

    Args:
        bench: The model and the rows.
        asked: Which shifts.
        groups: Measured at severity 0 and at ``judged``.
        columns_gone: Whether each column is left out in turn.
        judged: Up to this severity what is lost is held against ``most_drop``.
        most_drop: Largest AUROC that a shift may cost.
        draws: Bootstrap samples.
        seed: Of everything.
    """
    bound = Criterion(most=most_drop, fewest=FEWEST)
    statements: list[Statement] = []
    missing = list(asked.missing)
    clean = bench.under(bench.cases.matrix)

    def say(rows: Judged, name: str, severity: int, weight: NDArray[np.float64] | None = None) -> None:
        on = {"shift": name, "severity": str(severity)}
        parts = [(on, rows, weight, bound if 0 < severity <= judged else None)]
        if severity in {0, judged}:
            parts += [
                (on | dict(group), rows.only(mask), weight if weight is None else weight[mask], None)
                for group, mask in groups
            ]
        for where, some, weights, criterion in parts:
            if weights is None:
                found, lacking = under_shift(some, where, criterion, draws=draws, seed=seed)
                found = [each for each in found if severity or each.id != "robustness.shift_auroc_drop"]
            else:
                found, lacking = among_others(some, weights, where, criterion, draws=draws, seed=seed)
            statements.extend(found)
            missing.extend(lacking)

    say(clean, "none", 0)
    worst = {str(shift): max(asked.severities) for shift in asked.cells}
    for shift in asked.cells:
        for severity in asked.severities:
            say(bench.under(damaged(bench.cases.matrix, bench.columns, shift, severity, seed)), str(shift), severity)
        step.progress(len(worst), len(worst), str(shift))
    for column, values in asked.tilts.items():
        for way, sign in ((HIGHER, 1), (LOWER, -1)):
            name = f"{way} {column}"
            worst[name] = max(asked.severities)
            for severity in asked.severities:
                say(clean, name, severity, tilted(values, sign * AMOUNTS[way][severity - 1]))
    for place, feature in enumerate(bench.model.facts.features if columns_gone else ()):
        name = f"{GONE}: {feature.name}"
        worst[name] = _WORST
        say(bench.under(without(bench.cases.matrix, bench.columns, place)), name, _WORST)
    synthetic = bench.cases.synthetic
    cells = [str(shift) for shift in asked.cells]
    tilts = [name for name in worst if name.startswith((HIGHER, LOWER))]
    charts = [
        _chart(title, names, statements, asked.severities, synthetic=synthetic)
        for title, names in (("damaged cells", cells), ("other people", tilts))
        if names
    ]
    return Found(
        statements,
        missing,
        _meanings(asked),
        charts,
        lost_at_worst(statements, worst, synthetic=synthetic),
        _never(bench),
    )


def _chart(
    title: str, names: Sequence[str], statements: Sequence[Statement], severities: Sequence[int], *, synthetic: bool
) -> LineChart:
    known = measured_areas(statements)
    clean = known.get(("none", 0))
    lines = {
        name: [
            *([(0, clean)] if clean else []),
            *((each, known[name, each]) for each in severities if (name, each) in known),
        ]
        for name in names
    }
    return over_severity(f"AUROC under shift: {title}{mark(synthetic=synthetic)}", lines)


def _meanings(asked: Asked) -> Table:
    units = {CellShift.NOISE: "deviations of the training rows", HIGHER: "deviations that the people move by"}
    rows: list[list[str | int | float]] = [
        [str(shift), severity, AMOUNTS[shift][severity - 1], units.get(shift, "share of the cells")]
        for shift in asked.cells
        for severity in asked.severities
    ]
    rows += [
        [f"{way} {column}", severity, AMOUNTS[way][severity - 1], units[HIGHER]]
        for column in asked.tilts
        for way in (HIGHER, LOWER)
        for severity in asked.severities
    ]
    return Table("shifts", "What each severity means", ("shift", "severity", "amount", "of"), rows)


def _never(bench: Bench) -> list[str]:
    """Say which categories were never missing in training: the model has no answer of its own to that."""
    never = [
        each.name for each in bench.model.facts.features if each.kind is Kind.CATEGORY and "" not in each.categories
    ]
    if not never:
        return []
    return [f"Never missing in training, so that a missing cell counts as no known category: {', '.join(never)}."]
