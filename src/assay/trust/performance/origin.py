"""Where predictions come from, row by row: which model said it about which data, and that truth and score were written together.

Figures of truth that is shuffled against the scores look plausible and are worthless (a perfect classifier scores its prevalence). Each row
therefore carries a seal over its case, its truth and its score; sorting or joining one column alone breaks it. A seal needs no key: it
finds accidents. Intent is what signatures are for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.errors import ComponentError

if TYPE_CHECKING:
    import pandas as pd

MODEL, DATA, SEAL = "model_sha256", "data_sha256", "row_seal"
"""Columns: digest of the model, digest of the data (both the same in every row), seal of the row."""

_SEALED = ("file", "row", "patient", "label")
_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Origin:
    """What a table says of itself: sha256 of the model and of the data; empty when it does not say."""

    model: str = ""
    data: str = ""


NOWHERE = Origin()


def seal_rows(table: pd.DataFrame) -> list[str]:
    """Return the seal of each row of predictions: over model, data, ``file``, ``row``, ``patient``, ``label`` (where there) and ``score``."""
    names = [name for name in (MODEL, DATA, *_SEALED) if name in table.columns]
    texts = [table[name].astype(str).tolist() for name in names]
    scores = [float(score).hex() for score in table["score"]]
    rows = zip(*texts, scores, strict=True)
    return [hashlib.sha256("\0".join(row).encode()).hexdigest()[:_LENGTH] for row in rows]


def read_origin(table: pd.DataFrame) -> Origin:
    """Return what the rows say they come from, after every seal was found whole.

    Raises:
        ComponentError: The rows name several models or data sets, or truth and score of a row were not written together.
    """
    origin = Origin(_one(table, MODEL, "models"), _one(table, DATA, "data sets"))
    if SEAL in table.columns:
        _check_seals(table[SEAL].tolist(), seal_rows(table))
    return origin


def _one(table: pd.DataFrame, column: str, what: str) -> str:
    stated = sorted({str(value) for value in table.get(column, ())})
    if len(stated) > 1:
        raise ComponentError(
            f"the predictions come from {len(stated)} {what}",
            culprit=column,
            hint="measure the answers of one model about one data set at a time",
        )
    return stated[0] if stated else ""


def _check_seals(written: Sequence[str], computed: Sequence[str]) -> None:
    wrong = [row for row, (was, now) in enumerate(zip(written, computed, strict=True), start=1) if was != now]
    if not wrong:
        return
    raise ComponentError(
        f"truth and score do not belong together in {len(wrong)} of {len(written)} predictions, first in row {wrong[0]}: "
        "the seal that transform/predict wrote over both does not fit",
        culprit=SEAL,
        hint="something sorted, shuffled, joined or edited a part of the columns: predict again, and change whole rows only",
    )
