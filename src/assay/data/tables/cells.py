"""Cells of a file as text: CSV, TSV, Parquet or JSON lines; what says nothing is empty."""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assay.data.tables.unfit import refuse, some
from assay.errors import ComponentError, Fault, MissingDependency

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN = frozenset({"", "?", "nan", "na", "n/a", "null"})
"""Cells that say nothing, in lower case. ``none`` is often an answer, such as that of somebody without debts."""

_SEPARATORS = ",;\t|"
_JSON_LINES = frozenset({".jsonl", ".ndjson"})


def read_cells(
    path: Path, *, separator: str = "", names: Sequence[str] = (), unknown: Collection[str] = UNKNOWN
) -> pd.DataFrame:
    """Return every cell as text, stripped; what says nothing is empty. The ending of the file tells the format.

    Args:
        path: ``.parquet``; ``.jsonl`` or ``.ndjson``; anything else is separated text, UTF-8.
        separator: Of text; empty: the one of comma, semicolon, tab and bar that its first line has most of.
        names: Columns of a text without a header row; empty: the first row names them.
        unknown: Words of cells that say nothing, in lower case.

    Raises:
        ComponentError: It cannot be read, or has no rows.
        UnfitTable: Columns without a name, or several of one name.
        MissingDependency: Parquet, and pyarrow is not installed.
    """
    try:
        if path.suffix == ".parquet":
            table = _parquet(path)
        elif path.suffix in _JSON_LINES:
            table = _json_lines(path)
        else:
            table = _text(path, separator, names)
    except (OSError, ValueError, csv.Error) as error:
        raise ComponentError(f"the table cannot be read: {error}", culprit=str(path)) from error
    if not len(table) or not len(table.columns):
        raise ComponentError("the table has no rows", culprit=str(path))
    return emptied(table, unknown)


def emptied(table: pd.DataFrame, unknown: Collection[str] = UNKNOWN) -> pd.DataFrame:
    """Return the cells stripped, those that say nothing empty."""
    cells: pd.DataFrame = table.apply(lambda column: column.str.strip())
    silent: pd.DataFrame = cells.apply(lambda column: column.str.lower().isin(unknown))
    return cells.mask(silent, "")


def _text(path: Path, separator: str, names: Sequence[str]) -> pd.DataFrame:
    import pandas as pd  # heavy; whoever only lists components need not have it

    with path.open(encoding="utf-8-sig", newline="") as stream:
        first = stream.readline()
    separator = separator or max(_SEPARATORS, key=first.count)
    rows = pd.read_csv(
        path,
        dtype=str,
        keep_default_na=False,
        sep=separator,
        header=None,
        encoding="utf-8-sig",
        skipinitialspace=True,
        index_col=False,
    )
    header = list(names) or [str(name).strip() for name in rows.iloc[0]]
    if len(header) != len(rows.columns):
        raise ComponentError(
            f"{len(header)} columns are named, the table has {len(rows.columns)}", culprit="names", hint=str(path)
        )
    _refuse_names(header)
    rows.columns = pd.Index(header)
    return rows.iloc[0 if names else 1 :].reset_index(drop=True)


def _refuse_names(header: Sequence[str]) -> None:
    faults = []
    if nameless := [number for number, name in enumerate(header, start=1) if not name]:
        faults.append(Fault("nameless-column", f"column {nameless[0]} has no name", str(nameless[0])))
    if twice := [name for name, count in Counter(header).items() if count > 1 and name]:
        message = f"{len(twice)} names stand for several columns: {some(twice)}"
        faults.append(Fault("repeated-column", message, twice[0], hint="give every column a name of its own"))
    refuse(faults)


def _parquet(path: Path) -> pd.DataFrame:
    import pandas as pd  # as above

    try:
        table = pd.read_parquet(path)
    except ImportError:
        raise MissingDependency(
            "Parquet needs pyarrow", culprit=str(path), hint="pip install 'assay-ml[tables]'"
        ) from None
    return _as_text(table)


def _json_lines(path: Path) -> pd.DataFrame:
    import pandas as pd  # as above

    with path.open(encoding="utf-8-sig") as stream:
        rows = [json.loads(line) for line in stream if line.strip()]
    return _as_text(pd.DataFrame(rows, dtype=object))


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Return values as text; whole numbers that a missing cell made fractions are whole again."""
    import pandas as pd  # as above

    def cell(value: object) -> str:
        if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
            return ""
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

    made = table.astype(object).map(cell)
    made.columns = pd.Index([str(name).strip() for name in table.columns])
    _refuse_names(list(made.columns))
    return made.reset_index(drop=True)
