"""What ``model.json`` of a model over tables says, and how the cells of a row become the numbers it takes."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from assay.data.tables.schema import Kind, numbers, odd_cells
from assay.data.tables.unfit import refuse, some
from assay.errors import ComponentError, Fault, did_you_mean

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

FORMAT = 1
KIND = "table"
"""Value of ``kind`` in the model.json of a model that answers about rows of a table."""

INPUT, OUTPUT = "features", "probabilities"
"""Names in model.onnx: rows x columns float32 in, rows x labels float32 out."""

UNSEEN = -1.0
"""Number of a category that was not there in training; its one-hot columns are all zero."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One column that the model takes.

    Attributes:
        name: Of the column.
        kind: A number goes in as it is, NaN where it is missing; a category as its place among ``categories``.
        categories: Words of a category; an empty text among them: missing cells were seen in training.
        low, high: Smallest and largest number in training.
        deviation: Standard deviation of a number in training.
    """

    name: str
    kind: Kind
    categories: Sequence[str] = ()
    low: float = 0.0
    high: float = 0.0
    deviation: float = 0.0

    @property
    def whole(self) -> bool:
        """Whether its numbers are whole by their range's ends; a change of one is rounded then."""
        return float(self.low).is_integer() and float(self.high).is_integer() and self.high - self.low >= 1


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What is known of a model over tables.

    Attributes:
        labels: In the order of the classes.
        positive: The label whose probability is the score.
        threshold: A score of at least this is called positive.
        rule: How the threshold was chosen.
        features: What it takes, in order.
        synthetic: Whether it was fitted on rows of no real person.
        training: Facts of the training.
        onnx: What the check of the exported file measured.
    """

    labels: Sequence[str]
    positive: str
    threshold: float
    rule: str
    features: Sequence[Feature]
    synthetic: bool = False
    training: Mapping[str, Any] = field(default_factory=dict)
    onnx: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """Return model.json."""
        body = {
            "format": FORMAT,
            "kind": KIND,
            "labels": list(self.labels),
            "positive": self.positive,
            "threshold": {"value": self.threshold, "rule": self.rule, "chosen_on": "validation"},
            "columns": [dataclasses.asdict(each) for each in self.features],
            "synthetic": self.synthetic,
            "training": dict(self.training),
            "onnx": dict(self.onnx),
        }
        return json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the folder's model.json.

        Raises:
            ComponentError: It is missing, no JSON, of a model that does not answer about tables, or lacks what is needed.
        """
        path = folder / "model.json"
        try:
            raw = json.loads(path.read_bytes())
        except FileNotFoundError:
            raise ComponentError("the model folder has no model.json", culprit=str(path)) from None
        except ValueError as error:
            raise ComponentError(f"model.json is not valid JSON: {error}", culprit=str(path)) from error
        if not isinstance(raw, dict) or raw.get("format") != FORMAT or raw.get("kind") != KIND:
            hint = "a model of images is asked by transform/predict; docs/formats.md says what a model of tables holds"
            raise ComponentError("the model does not answer about tables", culprit=str(path), hint=hint)
        try:
            features = [Feature(**(each | {"kind": Kind(each["kind"])})) for each in raw["columns"]]
            labels, cut = [str(label) for label in raw["labels"]], raw["threshold"]
            made = cls(
                labels, str(raw["positive"]), float(cut["value"]), str(cut.get("rule", "")), features,
                bool(raw.get("synthetic", False)), raw.get("training", {}), raw.get("onnx", {}),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise ComponentError(
                f"model.json lacks what a model of tables needs: {error!r}",
                culprit=str(path),
                hint="see docs/formats.md",
            ) from error
        if made.positive not in made.labels:
            raise ComponentError(f"the positive label {made.positive!r} is none of the labels", culprit=made.positive)
        return made

    @property
    def names(self) -> list[str]:
        """Names of the columns that the model takes."""
        return [each.name for each in self.features]


@dataclass(frozen=True, slots=True)
class Encoded:
    """Rows as a model takes them.

    Attributes:
        matrix: Shape (rows, columns), float32.
        unseen: Column to the categories that were not there in training, with how often.
    """

    matrix: NDArray[np.float32]
    unseen: Mapping[str, Mapping[str, int]]

    def notes(self) -> list[str]:
        """Return a sentence a column with unseen categories."""
        return [
            f"{name}: {sum(counts.values())} cells hold categories that were not there in training: {some(list(counts))}"
            for name, counts in self.unseen.items()
        ]


def encode(table: pd.DataFrame, features: Sequence[Feature], what: str = "the table") -> Encoded:
    """Return the rows as numbers.

    Raises:
        UnfitTable: With every column that is missing, and every column of numbers that holds text.
    """
    there = [str(name) for name in table.columns]
    faults, columns, unseen = [], [], {}
    for each in features:
        if each.name not in there:
            hint = did_you_mean(each.name, there) or f"columns there: {', '.join(there)}"
            faults.append(
                Fault(
                    "unknown-column", f"there is no column {each.name!r}, which the model takes", each.name, hint=hint
                )
            )
        elif each.kind is Kind.NUMBER:
            if odd := sorted({*odd_cells(table[each.name])}):
                message = f"the column {each.name!r} was a number in training, and holds {some(odd)}"
                faults.append(
                    Fault("odd-cells", message, odd[0], hint="input/table: odd: missing counts such cells as missing")
                )
            columns.append(numbers(table[each.name].tolist()))
        else:
            place = {value: float(number) for number, value in enumerate(each.categories)}
            cells = table[each.name].tolist()
            columns.append(np.array([place.get(cell, UNSEEN) for cell in cells]))
            if new := Counter(cell for cell in cells if cell not in place and cell != ""):
                unseen[each.name] = dict(new.most_common())
    refuse(faults, what)
    return Encoded(np.stack(columns, axis=1).astype(np.float32), unseen)
