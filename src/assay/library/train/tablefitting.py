"""What every trainer of tables does alike: read both parts, choose what is learnt from, choose the threshold, write the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from assay import ComponentError, Dataset, File, Model, step
from assay.data.tables.rows import is_synthetic, read_rows, refuse_labels, weights
from assay.data.tables.schema import LABEL, PATIENT, Schema
from assay.errors import did_you_mean
from assay.training.tables.export import save
from assay.training.tables.facts import Feature, TableFacts, encode
from assay.training.tables.fitting import class_numbers, learn_features
from assay.trust.performance.ranking import auroc
from assay.trust.performance.thresholds import Rule, threshold_by

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

SENSITIVE = ("sex", "gender", "age", "age_group", "race", "ethnicity")
"""Columns that are sensitive where no schema says which are."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A training and a validation table as a trainer needs them.

    Attributes:
        train, validation: The rows, as text.
        features: What is learnt from.
        left_out: Columns that are not.
        labels: In the order of the classes.
        positive: The label whose probability is the score.
        values, classes, weight: Encoded training rows, their class numbers and weights.
        held, truth: Encoded validation rows, and whether each is positive.
    """

    train: pd.DataFrame
    validation: pd.DataFrame
    features: Sequence[Feature]
    left_out: Sequence[str]
    labels: Sequence[str]
    positive: str
    values: NDArray[np.float32]
    classes: NDArray[np.intp]
    weight: NDArray[np.float64]
    held: NDArray[np.float32]
    truth: NDArray[np.bool_]

    @classmethod
    def read(
        cls,
        train: Dataset,
        validation: Dataset,
        schema: File | None,
        *,
        leave_out: Sequence[str],
        use_sensitive: bool,
        positive: str | None,
    ) -> Self:
        """Read and check both parts.

        Raises:
            ComponentError: One class only, a label or positive label that is not known, patients in both parts, nothing to learn from.
        """
        known = Schema.read(schema.path) if schema is not None else None
        rows, held = read_rows(train, "the training table"), read_rows(validation, "the validation table")
        labels = sorted({*rows[LABEL]})
        chosen = positive or (known.positive if known else labels[-1])
        _refuse(rows, held, labels, chosen)
        if len(labels) == 2:
            labels.sort(key=lambda label: label == chosen)
        refuse_labels(held, labels, "the validation table")
        sensitive = known.sensitive if known else [name for name in SENSITIVE if name in rows]
        left_out = [*dict.fromkeys([*leave_out, *(() if use_sensitive else sensitive)])]
        features = learn_features(rows, left_out, known)
        encoded = encode(rows, features, "the training table"), encode(held, features, "the validation table")
        for note in encoded[1].notes():
            print(f"warning: validation: {note}")
        print(f"learnt from {', '.join(each.name for each in features)}; not from {', '.join(left_out) or 'nothing'}")
        return cls(
            rows,
            held,
            features,
            left_out,
            labels,
            chosen,
            encoded[0].matrix,
            class_numbers(rows, labels),
            weights(rows),
            encoded[1].matrix,
            (held[LABEL] == chosen).to_numpy(dtype=bool),
        )

    def write(
        self,
        network: Any,
        answers: NDArray[np.float64],
        model: Model,
        rule: Rule,
        sensitivity: float,
        training: dict[str, Any],
    ) -> TableFacts:
        """Write the Model folder, its threshold chosen on validation data.

        Args:
            network: As ONNX.
            answers: What the fitted model says of the validation rows, rows x labels.
            model: Where to.
            rule: How the threshold is chosen.
            sensitivity: Share of positives to find, for that rule.
            training: What is told of the training.
        """
        score = answers[:, list(self.labels).index(self.positive)]
        cut = threshold_by(rule, self.truth, score, sensitivity)
        facts = TableFacts(
            self.labels,
            self.positive,
            cut,
            rule,
            self.features,
            is_synthetic(self.train),
            {
                **training,
                "left_out": list(self.left_out),
                "rows": {"train": len(self.train), "validation": len(self.validation)},
                "patients": {part: int(rows[PATIENT].nunique()) for part, rows in self._parts().items()},
                "weighted": bool((self.weight != self.weight[0]).any()),
                "versions": _versions(),
            },
        )
        checked = save(model.path, network, facts, self.held, answers)
        area = auroc(self.truth, score)
        step.log_metric("validation_auroc", area)
        print(
            f"positive: {self.positive}; validation AUROC {area:.4f}; threshold {cut:.4g} ({rule}); "
            f"ONNX differs by at most {checked.onnx['largest_difference']:.2g} on {len(self.held)} rows"
        )
        return checked

    def _parts(self) -> dict[str, pd.DataFrame]:
        return {"train": self.train, "validation": self.validation}


def _refuse(rows: pd.DataFrame, held: pd.DataFrame, labels: Sequence[str], positive: str) -> None:
    if len(labels) < 2:
        raise ComponentError(
            f"every training row has the label {labels[0]!r}", culprit=labels[0], hint="a classifier needs two"
        )
    if positive not in labels:
        raise ComponentError(
            f"no training row has the positive label {positive!r}",
            culprit=positive,
            hint=did_you_mean(positive, labels) or f"labels there: {', '.join(labels)}",
        )
    truth = held[LABEL] == positive
    if truth.all() or not truth.any():
        raise ComponentError(
            f"the validation rows are {'all' if truth.all() else 'never'} {positive!r}: no threshold can be chosen on them",
            culprit=positive,
        )
    if both := sorted({*rows[PATIENT]} & {*held[PATIENT]}):
        raise ComponentError(
            f"{len(both)} patients are in training and validation",
            culprit=both[0],
            hint="split by patient: transform/split-table",
        )


def _versions() -> dict[str, str]:
    from importlib import metadata  # beside its one use

    return {name: metadata.version(name) for name in ("scikit-learn", "skl2onnx", "onnx", "numpy")}
