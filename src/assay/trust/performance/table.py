"""Read a predictions CSV: truth and score of one row stay together, so that no shuffling can part them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from assay.errors import ComponentError, did_you_mean
from assay.trust.performance.bootstrap import Scored
from assay.trust.performance.origin import NOWHERE, Origin, read_origin

_MOST_SHOWN = 40
_NEEDED = ("patient", "label", "score")
_UNKNOWN = frozenset({"", "nan", "na", "none", "null"})


@dataclass(frozen=True, slots=True)
class PredictionTable:
    """Predictions, checked.

    Attributes:
        rows: Truth, score, decision and patient of each row.
        positive: Label that counts as positive.
        negatives: All other labels, sorted.
        threshold: A score of at least this is called positive.
        threshold_source: Where it comes from, in words.
        synthetic: Whether any row is of no real patient; ``None`` when the table does not say.
        origin: Digests of the model that answered and of the data it was asked about, as the table states them.
        labels: All labels in the order of the model's classes (the columns ``p_<label>``); empty when there are no such columns.
        cases: What each row is called: its file, its row, or its number.
    """

    rows: Scored
    positive: str
    negatives: Sequence[str]
    threshold: float
    threshold_source: str
    synthetic: bool | None
    origin: Origin = NOWHERE
    labels: Sequence[str] = ()
    cases: Sequence[str] | Sequence[int] = ()


def read_predictions(
    path: os.PathLike[str] | str, *, positive: str | None = None, threshold: float | None = None
) -> PredictionTable:
    """Read and check a predictions CSV (see docs/formats.md).

    Args:
        path: The CSV.
        positive: Label that counts as positive; ``None``: the table's column ``positive``.
        threshold: Cut; ``None``: the table's column ``threshold``, the model's own.

    Raises:
        ComponentError: No rows, a column missing, truth missing, a score that is no number in 0..1, an unknown positive label, truth
            and score that were not written together.
    """
    table = read_cells(path)
    missing = [name for name in _NEEDED if name not in table.columns]
    if missing:
        raise ComponentError(
            f"the predictions lack the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}",
            culprit=missing[0],
            hint=did_you_mean(missing[0], table.columns) or f"columns there: {', '.join(table.columns)}",
        )
    if not len(table):
        raise ComponentError(
            "the predictions have no rows",
            culprit=str(path),
            hint="look at what the steps before kept: a split or a filter left nobody to predict",
        )
    _refuse_unknown(table, "label", but=_labels(table))  # a class may well be called none
    _refuse_unknown(table, "patient")
    score = _scores(table)
    origin = read_origin(table)
    chosen = _positive(table, positive)
    cut, source = _threshold(table, threshold)
    truth = (table["label"] == chosen).to_numpy(dtype=bool)
    patient, _ = pd.factorize(table["patient"])
    negatives = sorted(set(table["label"]) - {chosen})
    rows = Scored(truth, score, score >= cut, patient.astype(np.intp))
    return PredictionTable(rows, chosen, negatives, cut, source, _synthetic(table), origin, *_names(table))


def read_cells(path: os.PathLike[str] | str) -> pd.DataFrame:
    """Return every cell of a predictions CSV as text, empty where it says nothing."""
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (UnicodeDecodeError, pd.errors.EmptyDataError, pd.errors.ParserError) as error:
        raise ComponentError(
            f"the predictions cannot be read: {error}",
            culprit=str(path),
            hint="they are a CSV in UTF-8, one row a case",
        ) from error


def _refuse_unknown(table: pd.DataFrame, column: str, *, but: Sequence[str] = ()) -> None:
    unknown = table[column].str.strip().str.lower().isin(_UNKNOWN) & ~table[column].isin(but)
    if unknown.any():
        row = int(np.flatnonzero(unknown)[0])
        what = "truth" if column == "label" else column
        raise ComponentError(
            f"{int(unknown.sum())} of {len(table)} predictions have no {what} (column {column}), first in row {row + 1}",
            culprit=column,
            hint=f"a figure needs the {what} of every row; leave such rows out on purpose before predicting",
        )


def _scores(table: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    score = pd.to_numeric(table["score"], errors="coerce").to_numpy(dtype=np.float64)
    wrong = ~((score >= 0) & (score <= 1))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        cell = table["score"].iloc[row] or "(empty)"
        raise ComponentError(
            f"{int(wrong.sum())} of {len(table)} scores are no number from 0 to 1, first in row {row + 1}: {cell[:_MOST_SHOWN]}",
            culprit=cell,
            hint="a score is the probability of the positive label: look at what the model answered there; a case that it could not "
            "answer is left out on purpose, and said so",
        )
    return score


def _positive(table: pd.DataFrame, wanted: str | None) -> str:
    known = sorted({*table["label"], *_labels(table)})
    if wanted is None:
        stated = sorted(set(table.get("positive", pd.Series(dtype=str))) - {""})
        if len(stated) != 1:
            raise ComponentError(
                "the predictions do not say which label is positive",
                hint=f"set 'positive' to one of {', '.join(known)}",
            )
        wanted = stated[0]
    if wanted not in known:
        raise ComponentError(
            f"{wanted!r} is no label of these predictions",
            culprit=wanted,
            hint=did_you_mean(wanted, known) or f"labels: {', '.join(known)}",
        )
    return wanted


def _threshold(table: pd.DataFrame, given: float | None) -> tuple[float, str]:
    if given is not None:
        return given, "given as a parameter"
    stated = set(table.get("threshold", pd.Series(dtype=str))) - {""}
    if len(stated) > 1:
        raise ComponentError("the predictions state several thresholds", hint="set 'threshold'", culprit="threshold")
    if not stated:
        return 0.5, "0.5, since the predictions state none"
    (cell,) = stated
    cut = pd.to_numeric(cell, errors="coerce")
    if pd.isna(cut):
        raise ComponentError(
            f"the threshold that the predictions state is no number: {cell[:_MOST_SHOWN]}",
            culprit=cell,
            hint="set 'threshold', or predict again",
        )
    return float(cut), "the model's own, chosen on validation data"


def _synthetic(table: pd.DataFrame) -> bool | None:
    if "synthetic" not in table.columns:
        return None
    return bool(table["synthetic"].str.lower().isin({"true", "1", "yes"}).any())


def _labels(table: pd.DataFrame) -> list[str]:
    """Return the classes that the model knows, by the columns of their probabilities."""
    return [name[2:] for name in table.columns if name.startswith("p_")]


def _names(table: pd.DataFrame) -> tuple[Sequence[str], Sequence[str] | Sequence[int]]:
    """Return the labels in the order of the classes, and what each row is called."""
    named = next((name for name in ("file", "row") if name in table.columns), None)
    return _labels(table), range(1, len(table) + 1) if named is None else table[named].tolist()
