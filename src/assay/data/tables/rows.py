"""A table of cases, read and checked: row, patient and label are there, and no row twice."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assay.data.tables.cells import read_cells
from assay.data.tables.schema import KEYS, LABEL, PATIENT, ROW, SYNTHETIC, WEIGHT, numbers
from assay.data.tables.unfit import refuse, some
from assay.errors import Fault, did_you_mean

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def read_rows(path: os.PathLike[str] | str, what: str = "the table") -> pd.DataFrame:
    """Return a table that ``input/table`` or a step after it wrote, every cell as text.

    Args:
        path: CSV or Parquet.
        what: For messages, such as ``the training table``.

    Raises:
        UnfitTable: With every fault: a key column missing, keys empty, a row twice, a weight that is no number from 0.
        ComponentError: It cannot be read, or has no rows.
    """
    table = read_cells(Path(path), unknown=())
    missing = [name for name in KEYS if name not in table.columns]
    hint = "input/table makes these columns; its parameters say which of yours they are"
    refuse([Fault("unknown-column", f"there is no column {name!r}", name, hint=hint) for name in missing], what)
    faults = []
    for name in KEYS:
        empty = (table[name] == "").to_numpy()
        if empty.any():
            message = f"{int(empty.sum())} of {len(table)} rows have no {name}, first in row {int(empty.argmax()) + 1}"
            faults.append(Fault(f"no-{name}", message, name))
    if twice := sorted({*table[ROW][table[ROW].duplicated()]} - {""}):
        faults.append(Fault("repeated-id", f"{len(twice)} rows stand more than once: {some(twice)}", twice[0]))
    if WEIGHT in table and not (numbers(table[WEIGHT].tolist()) >= 0).all():
        faults.append(Fault("odd-weight", "a weight is no number from 0", WEIGHT))
    refuse(faults, what)
    return table


def is_synthetic(table: pd.DataFrame) -> bool:
    """Return whether any row describes no real person."""
    return SYNTHETIC in table and bool(table[SYNTHETIC].str.lower().isin({"true", "1", "yes"}).any())


def weights(table: pd.DataFrame) -> NDArray[np.float64]:
    """Return the weight of each row, shape (rows,); ones where the table has none."""
    return numbers(table[WEIGHT].tolist()) if WEIGHT in table else np.ones(len(table))


def people(table: pd.DataFrame) -> NDArray[np.intp]:
    """Return a whole number for the patient of each row, shape (rows,)."""
    return np.unique(table[PATIENT].to_numpy(dtype=str), return_inverse=True)[1].astype(np.intp)


def refuse_unknown(table: pd.DataFrame, asked: Sequence[str], role: str, what: str = "the table") -> None:
    """Raise ``UnfitTable`` that names every asked column that is not there."""
    there = [str(name) for name in table.columns]
    refuse(
        [
            Fault(
                "unknown-column",
                f"there is no column {name!r} ({role})",
                name,
                hint=did_you_mean(name, there) or f"columns there: {', '.join(there)}",
            )
            for name in dict.fromkeys(asked)
            if name not in there
        ],
        what,
    )


def write_rows(table: pd.DataFrame, path: Path) -> None:
    """Write the table as CSV (RFC 4180)."""
    table.to_csv(path, index=False, lineterminator="\r\n")


def refuse_labels(table: pd.DataFrame, known: Sequence[str], what: str) -> None:
    """Raise ``UnfitTable`` when a label is none of those known."""
    unknown = sorted({*table[LABEL]} - {*known})
    hint = f"labels known: {', '.join(known)}"
    refuse(
        [
            Fault("unknown-label", f"the label {name!r} is not known", name, hint=did_you_mean(name, known) or hint)
            for name in unknown
        ],
        what,
    )
