"""evaluate/find-table-leakage."""

from __future__ import annotations

from itertools import combinations
from typing import Annotated, Literal

from assay import ComponentError, Dataset, Evidence, Param, component
from assay.library.evidencing import own_method, pictured, shared_between_parts, shown, subject, told, written
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import Role, Table
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch
from assay.trust.leakage.rows import RowsPart, SharedRows, row_statements, shared_rows

_CHARTS = (("shared-patients", "leakage.patients", "patients"), ("equal-rows", "leakage.rows", "share of rows"))
_CAVEATS = (
    "Equal rows are people who are alike in every column: with few columns they arise by chance. The table beside shows how often rows of one part equal each other.",
)


@component(
    "evaluate/find-table-leakage",
    version="1.0.0",
    tags=("trust", "tables", "leakage", "duplicates", "split"),
    licence="Apache-2.0",
    requires=("numpy", "pandas"),
    preload=("numpy", "pandas"),
)
def find_table_leakage(
    train: Dataset,
    test: Dataset,
    validation: Dataset | None = None,
    *,
    ignore: Annotated[list[str] | None, Param(column_of="train")] = None,
    most_equal: Annotated[float | None, Param(min=0.0, max=1.0, unit="share")] = None,
    when_found: Literal["stop", "tell"] = "stop",
) -> Evidence:
    """Find out whether one part of a table knows the other: the same patients, and rows that are equal in every column.

    Args:
        train: Rows to fit on.
        test: Rows to measure the final model.
        validation: Rows to choose the threshold on.
        ignore: Columns that do not count when rows are compared, such as a date of export.
        most_equal: Share of rows that may equal one of the other part; default it is told, since few columns make equal rows by chance.
        when_found: stop fails the step when a patient is in two parts; tell writes evidence that fails.

    Returns:
        evidence: Shared patients and equal rows of every two parts, with those whose labels contradict.
    """
    parameters, watch = told(locals()), Stopwatch()
    given = {"train": train, "validation": validation, "test": test}
    parts = [_part(name, table, ignore or []) for name, table in given.items() if table is not None]
    compared = [shared_rows(first, second) for first, second in combinations(parts, 2)]
    torn = [found for found in compared if found.patients]
    if torn and when_found == "stop":
        raise ComponentError(
            f"the parts leak: {'; '.join(found.words for found in torn)}",
            culprit=", ".join(torn[0].patients[:5]),
            hint="split by patient: transform/split-table; when_found: tell writes evidence that fails",
        )
    statements = [each for found in compared for each in row_statements(found, most_equal)]
    synthetic = _synthetic(test)
    charts = {
        name: shared_between_parts(x, [one for one in statements if one.id == what], synthetic=synthetic)
        for name, what, x in _CHARTS
    }
    for name, chart in charts.items():
        shown(chart, name.replace("-", " "))
    roles = {"train": Role.TRAINING_DATA, "validation": Role.OTHER_DATA, "test": Role.DATA}
    return written(
        Result(
            title="Leakage between the parts of the table",
            method=own_method("evaluate/find-table-leakage@1.0.0", "patients and rows compared by content"),
            subjects=[subject(roles[name], table, name) for name, table in given.items() if table is not None],
            statements=statements,
            samples={f"{part.name} rows": len(part.cells) for part in parts}
            | {f"{part.name} patients": len({*part.patients}) for part in parts},
            parameters=parameters,
            tables=[_table(compared)],
            figures=[pictured(name, chart, Block.DATA) for name, chart in charts.items()],
            caveats=_CAVEATS,
            synthetic=synthetic,
            cost=watch.cost(),
        )
    )


def _part(name: str, table: Dataset, ignore: list[str]) -> RowsPart:
    from assay.data.tables.rows import read_rows, refuse_unknown  # heavy imports stay out of the module
    from assay.data.tables.schema import RESERVED

    rows = read_rows(table, f"the {name} table")
    refuse_unknown(rows, ignore, "ignore", f"the {name} table")
    columns = [column for column in rows.columns if column not in RESERVED and column not in ignore]
    cells = list(zip(*(rows[column] for column in columns), strict=True)) or [()] * len(rows)
    return RowsPart(name, rows["patient"].tolist(), cells, rows["label"].tolist())


def _synthetic(table: Dataset) -> bool:
    from assay.data.tables.rows import is_synthetic, read_rows  # as above

    return is_synthetic(read_rows(table))


def _table(compared: list[SharedRows]) -> Table:
    columns = ("parts", "shared patients", "equal rows", "of rows", "labels contradict", "equal within the second part")
    return Table(
        "shared_rows",
        "What the parts share",
        columns,
        [
            [
                f"{each.first} and {each.second}",
                len(each.patients),
                each.equal,
                each.rows,
                each.contradicting,
                round(each.chance, 4),
            ]
            for each in compared
        ],
    )
