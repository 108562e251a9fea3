"""What predictions of every kind of model say alike: truth beside score, row by row, sealed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from assay import Dataset, Images, Model, Predictions, step

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


class Facts(Protocol):
    """What model.json of any kind of model says."""

    @property
    def labels(self) -> Sequence[str]:
        """The index of a label is its class number."""

    @property
    def positive(self) -> str:
        """The label whose probability is the score."""

    @property
    def threshold(self) -> float:
        """A score of at least this is called positive."""


def answered(
    cases: pd.DataFrame,
    keys: Sequence[str],
    shares: NDArray[np.float64],
    facts: Facts,
    model: Model,
    data: Images | Dataset,
    *,
    synthetic: bool,
    what: str,
) -> Predictions:
    """Write the predictions.

    Args:
        cases: One row a case, with every column that is carried along.
        keys: Columns that stand in front.
        shares: Probability of each label, shape (cases, labels).
        facts: Of the model.
        model: Who answered.
        data: About what.
        synthetic: Whether no real person is described.
        what: The cases, for the log.
    """
    import numpy as np  # heavy imports stay out of the module
    import pandas as pd

    from assay.trust.performance.origin import DATA, MODEL, SEAL, seal_rows

    positive = list(facts.labels).index(facts.positive)
    others = np.delete(np.arange(len(facts.labels)), positive)
    best_other = others[shares[:, others].argmax(axis=1)]
    called = np.where(shares[:, positive] >= facts.threshold, positive, best_other)
    answers = pd.DataFrame(
        {
            "score": shares[:, positive],
            "predicted": np.array(facts.labels, dtype=object)[called],
            **{f"p_{label}": shares[:, number] for number, label in enumerate(facts.labels)},
            "positive": facts.positive,
            "threshold": facts.threshold,
            "synthetic": synthetic,
            MODEL: step.digest(model),
            DATA: step.digest(data),
        },
        index=cases.index,
    )
    kept = [name for name in cases.columns if name not in answers.columns and name not in keys]
    table = pd.concat([cases[list(keys)], answers, cases[kept]], axis=1)
    table.insert(list(table.columns).index(DATA) + 1, SEAL, seal_rows(table))
    predictions = step.output("predictions", Predictions, suffix=".csv")
    table.to_csv(predictions.path, index=False, lineterminator="\r\n")
    print(f"{len(table)} {what}, {int((called == positive).sum())} called {facts.positive} at {facts.threshold:.4g}")
    return predictions
