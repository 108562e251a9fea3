"""A model over tables, asked through ONNX Runtime alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.errors import ComponentError
from assay.training.session import open_session, refuse_other_labels
from assay.training.tables.facts import INPUT, OUTPUT, TableFacts

if TYPE_CHECKING:
    from numpy.typing import NDArray

_AT_ONCE = 65_536
_ROUNDING = 1e-5
"""A forest of trees may answer with less than nothing, by rounding in single precision."""


class TableModel:
    """A Model folder of a model over tables.

    Attributes:
        facts: What model.json says.
        asked: Rows asked about so far.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self.facts = TableFacts.read(folder)
        self._session = open_session(folder / "model.onnx", threads)
        refuse_other_labels(self._session, self.facts.labels)
        _refuse_shape(self._session, self.facts)
        self._positive = list(self.facts.labels).index(self.facts.positive)
        self.asked = 0

    def probabilities(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probability of each label, shape (rows, labels), of encoded rows."""
        self.asked += len(values)
        parts = [ask(self._session, values[at : at + _AT_ONCE]) for at in range(0, len(values), _AT_ONCE)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.facts.labels)))

    def scores(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probability of the positive label, shape (rows,), of encoded rows."""
        scores: NDArray[np.float64] = self.probabilities(values)[:, self._positive]
        return scores


def ask(session: Any, values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return what the network answers to encoded rows; each row sums to 1 exactly.

    Raises:
        ComponentError: An answer is no probability.
    """
    answers: NDArray[np.float64] = session.run([OUTPUT], {INPUT: values})[0].astype(np.float64)
    if not np.isfinite(answers).all() or (answers < -_ROUNDING).any():
        raise ComponentError("the model answers with numbers that are no probabilities", culprit=OUTPUT)
    shares = np.clip(answers, 0.0, None)
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def _refuse_shape(session: Any, facts: TableFacts) -> None:
    inputs, outputs = (
        {one.name: one.shape for one in found} for found in (session.get_inputs(), session.get_outputs())
    )
    if set(inputs) != {INPUT} or OUTPUT not in outputs:
        raise ComponentError(
            f"model.onnx takes {', '.join(inputs)} and gives {', '.join(outputs)}",
            culprit="model.onnx",
            hint=f"a model of tables takes {INPUT} and gives {OUTPUT}; see docs/formats.md",
        )
    width = inputs[INPUT][-1]
    if isinstance(width, int) and width != len(facts.features):
        raise ComponentError(
            f"model.onnx takes {width} columns, model.json names {len(facts.features)}", culprit="columns"
        )
