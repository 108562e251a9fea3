"""The two kinds of model that explain/table takes, as one: rows as numbers, and what the model says of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay import ComponentError, Dataset, Model, step
from assay.errors import did_you_mean
from assay.training.session import open_session
from assay.training.tables.asking import TableModel
from assay.training.tables.cases import TableCases
from assay.training.tables.facts import TableFacts


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to explain, or to hold them against.

    Attributes:
        matrix: Shape (rows, columns).
        patient: Whole number of the patient of each row.
        truth: Whether each is positive; empty: not known.
        names: What each row is called.
        synthetic: Whether any describes no real person; ``None``: not known.
    """

    matrix: NDArray[np.float64]
    patient: NDArray[np.intp]
    truth: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))
    names: Sequence[str] = ()
    synthetic: bool | None = None

    def chosen(self, rows: NDArray[np.intp]) -> Rows:
        """Return some of the rows."""
        truth = self.truth[rows] if len(self.truth) else self.truth
        names = [self.names[row] for row in rows]
        return Rows(self.matrix[rows], self.patient[rows], truth, names, self.synthetic)


@dataclass(frozen=True, slots=True)
class Explained:
    """A model as a function of rows.

    Attributes:
        ask: Rows, shape (rows, columns), to one answer each.
        columns: Their names.
        numeric: Which are numbers and not codes of categories.
        reach: A hundredth of each number's deviation; 0 for codes.
        rows: Reads a table.
        facts: Of a model of kind table; ``None`` for any other.
    """

    ask: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    columns: Sequence[str]
    numeric: NDArray[np.bool_]
    reach: NDArray[np.float64]
    rows: Callable[[Dataset, str], Rows]
    facts: TableFacts | None = None


def table_model(folder: Path) -> Explained:
    """Return a model of kind table; what is explained is the probability of its positive label."""
    model = TableModel(folder, threads=step.threads)
    facts = model.facts

    def rows(part: Dataset, what: str) -> Rows:
        read = TableCases.read(part.path, facts, f"the table of {what}")
        names = [str(name) for name in read.rows["row"]]
        return Rows(read.matrix.astype(np.float64), read.patient, read.truth, names, read.synthetic)

    numeric = np.array([not each.categories for each in facts.features])
    reach = np.array([each.deviation / 100 for each in facts.features])
    return Explained(lambda values: model.scores(values.astype(np.float32)), facts.names, numeric, reach, rows, facts)


def plain_model(model: Model, columns: Sequence[str], output: str | None, positive: int) -> Explained:
    """Return any ONNX model with one input, rows x columns; every column is a number.

    Raises:
        ComponentError: No such output, or another number of columns.
    """
    session = open_session(model.path / "model.onnx", step.threads)
    known = [one.name for one in session.get_outputs()]
    wanted = output or known[-1]
    if wanted not in known:
        hint = did_you_mean(wanted, known) or f"outputs: {', '.join(known)}"
        raise ComponentError(f"the model has no output {wanted!r}", culprit=wanted, hint=hint)
    feed = session.get_inputs()[0]
    if isinstance(feed.shape[-1], int) and feed.shape[-1] != len(columns):
        raise ComponentError(f"the model takes {feed.shape[-1]} columns, {len(columns)} are named", culprit="columns")

    def rows(part: Dataset, what: str) -> Rows:
        matrix = _numbers(part, columns, what)
        return Rows(matrix, np.arange(len(matrix)), names=[str(number) for number in range(len(matrix))])

    return Explained(
        lambda values: _answers(session, wanted, feed.name, values, positive),
        columns,
        np.ones(len(columns), dtype=bool),
        np.full(len(columns), 0.01),
        rows,
    )


def _answers(session: Any, output: str, feed: str, values: NDArray[np.float64], positive: int) -> NDArray[np.float64]:
    answers = np.asarray(session.run([output], {feed: values.astype(np.float32)})[0], dtype=np.float64)
    if answers.ndim == 2 and answers.shape[1] > 1:
        if positive >= answers.shape[1]:
            raise ComponentError(f"the model has {answers.shape[1]} classes, counted from 0", culprit=str(positive))
        answers = answers[:, positive]
    flat: NDArray[np.float64] = answers.reshape(len(values))
    return flat


def _numbers(part: Dataset, columns: Sequence[str], what: str) -> NDArray[np.float64]:
    """Return the columns as numbers; all that are missing or hold text are named at once."""
    import pandas as pd  # heavy imports stay out of the module

    read = pd.read_csv(part.path)
    missing = [name for name in columns if name not in read.columns]
    if missing:
        hint = did_you_mean(missing[0], list(read.columns)) or f"columns there: {', '.join(map(str, read.columns))}"
        raise ComponentError(f"the {what} lack {', '.join(missing)}", culprit=missing[0], hint=hint)
    values: NDArray[np.float64] = read[list(columns)].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    broken = [name for name, column in zip(columns, values.T, strict=True) if not np.isfinite(column).all()]
    if broken or not len(values):
        said = f"hold no numbers in {', '.join(broken)}" if broken else "are empty"
        raise ComponentError(
            f"the {what} {said}", culprit=broken[0] if broken else what, hint="encode text and fill gaps first"
        )
    return values
