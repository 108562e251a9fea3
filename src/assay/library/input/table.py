"""input/table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from assay import ComponentError, Dataset, File, Param, component, step

if TYPE_CHECKING:
    import pandas as pd

    from assay.data.tables.schema import Schema


class Table(NamedTuple):
    """A table of cases and what it says of itself."""

    table: Dataset
    schema: File


@component(
    "input/table",
    version="1.0.0",
    tags=("data", "tables", "schema"),
    licence="Apache-2.0",
    requires=("numpy", "pandas"),
    preload=("numpy", "pandas"),
)
def table(
    *,
    file: Annotated[Path, Param(path="file")],
    label: Annotated[str, Param(column_of="file")],
    positive: str = "",
    row: Annotated[str, Param(column_of="file")] = "",
    patient: Annotated[str, Param(column_of="file")] = "",
    sensitive: Annotated[list[str] | None, Param(column_of="file")] = None,
    leave_out: Annotated[list[str] | None, Param(column_of="file")] = None,
    rename: dict[str, str] | None = None,
    label_map: dict[str, str] | None = None,
    types: dict[str, str] | None = None,
    odd: Literal["refuse", "missing"] = "refuse",
    missing: list[str] | None = None,
    unlabelled: Literal["refuse", "drop"] = "refuse",
    split: Annotated[str, Param(column_of="file")] = "",
    separator: str = "",
    header: list[str] | None = None,
    synthetic: bool = False,
    title: str = "",
    source: str = "",
    licence: str = "",
) -> Table:
    """Read a table of cases: CSV, TSV, Parquet or JSON lines, one row a case, with types told and missing values counted.

    A column is a number when nine in ten of its filled cells are; what the others hold is named. Cells such as ? and NA are
    missing, and sexes such as female are made alike. All faults of a table are told at once.

    Args:
        file: The table; .parquet, .jsonl, or separated text with a header row.
        label: Column that is to be told; text, at most twenty values.
        positive: Label that counts as positive; default the second of two, sorted.
        row: Column with an id of each row; default its number.
        patient: Column with whom a row is about, when several rows may be about one person; default each row is somebody of its own.
        sensitive: Columns by which people are to be treated alike; train/tabular-classifier does not learn from them unless told to.
        leave_out: Columns that are dropped.
        rename: Old name of a column to its new one, such as {gender: sex}; the new names count in all other parameters.
        label_map: Old label to new.
        types: Column to number or category, where it is not what its cells look like.
        odd: What happens to a cell such as 40+ in a column of numbers.
        missing: Words of cells that say nothing, beside the empty cell; default ?, NA, n/a, nan, null, in any case.
        unlabelled: What happens to rows without a label.
        split: Column with an official split.
        separator: Of text; default the one of comma, semicolon, tab and bar that its first line has most of.
        header: Names of the columns of a text without a header row.
        synthetic: Whether no real person is described; stands beside every figure.
        title: What it is, for people.
        source: Where it comes from.
        licence: Under which it may be used.

    Returns:
        table: row, patient and label in front, every other column under its name; cells that say nothing are empty.
        schema: Types, missing values, values or ranges by column; labels, sensitive columns, source (JSON).
    """
    from assay.data.tables.cells import UNKNOWN, read_cells  # heavy imports stay out of the module
    from assay.data.tables.intake import About, Roles, take_in

    if not file.is_file():
        raise ComponentError("the table is not there", culprit=str(file))
    unknown = UNKNOWN if missing is None else {"", *(word.lower() for word in missing)}
    cells = read_cells(file, separator=separator, names=header or [], unknown=unknown)
    roles = Roles(
        label,
        positive,
        row,
        patient,
        split,
        sensitive or [],
        leave_out or [],
        rename or {},
        label_map or {},
        types or {},
        odd,
        unlabelled,
    )
    about = About(title or file.stem, source or f"{len(cells)} rows of a file", licence, synthetic)
    return written(*take_in(cells, roles, about))


def written(made: pd.DataFrame, schema: Schema, notes: list[str]) -> Table:
    """Write both outputs and say in the log what is there."""
    from assay.data.tables.rows import write_rows  # as above

    for note in notes:
        print(f"warning: {note}")
    output = Table(step.output("table", Dataset, suffix=".csv"), step.output("schema", File, suffix=".json"))
    write_rows(made, output.table.path)
    output.schema.path.write_text(schema.text(), encoding="utf-8")
    counts = ", ".join(f"{label} {int((made['label'] == label).sum())}" for label in schema.labels)
    print(f"{len(made)} rows of {made['patient'].nunique()} patients; {counts}; positive: {schema.positive}")
    for name, column in schema.columns.items():
        what = f"{len(column.categories)} values" if column.categories else f"{column.low} to {column.high}"
        mark = ", sensitive" if name in schema.sensitive else ""
        print(f"{name}: {column.kind}, {what}, {column.missing} missing{mark}")
    return output
