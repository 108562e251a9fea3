"""Fit scikit-learn classifiers to tables: preprocessing is part of the pipeline, and travels with it."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.data.tables.rows import refuse_unknown
from assay.data.tables.schema import LABEL, RESERVED, Kind, Schema, numbers, odd_cells
from assay.data.tables.unfit import refuse
from assay.errors import ComponentError, Fault
from assay.training.tables.facts import Feature

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_MOST_VALUES = 200


class ModelName(enum.StrEnum):
    """The closed set of model families."""

    LOGISTIC_REGRESSION = "logistic-regression"
    RANDOM_FOREST = "random-forest"
    GRADIENT_BOOSTING = "gradient-boosting"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is fitted.

    Attributes:
        family: Which model.
        strength: Inverse of the ridge penalty of a logistic regression.
        trees: Of a forest or of boosting.
        depth: Largest depth of a tree; 0: none for a forest, 3 for boosting.
        leaf: Fewest rows in a leaf of a forest or of boosting.
        balanced: Every label counts the same, however rare.
        seed: Of everything random.
    """

    family: ModelName
    strength: float = 1.0
    trees: int = 100
    depth: int = 0
    leaf: int = 5
    balanced: bool = False
    seed: int = 0


def learn_features(table: pd.DataFrame, left_out: Sequence[str], schema: Schema | None) -> list[Feature]:
    """Return how each column goes in: as the schema says, else as a number when every filled cell is one.

    Raises:
        UnfitTable: Names that are no column, columns without any value, words with more than 200 values, numbers that are none.
        ComponentError: No column is left.
    """
    refuse_unknown(table, left_out, "left out", "the training table")
    features, faults = [], []
    for name in table.columns:
        if name in RESERVED or name in left_out:
            continue
        cells = table[name]
        filled = cells[cells != ""]
        stated = schema.columns.get(name) if schema else None
        number = stated.kind is Kind.NUMBER if stated else not len(odd_cells(cells))
        if not len(filled):
            faults.append(
                Fault(
                    "empty-column",
                    f"the column {name!r} has no value in any training row",
                    name,
                    hint=f"leave_out: [{name}]",
                )
            )
        elif number and len(odd := odd_cells(cells)):
            faults.append(Fault("odd-cells", f"the column {name!r} is a number, and holds {odd.iloc[0]!r}", name))
        elif number:
            there = numbers(filled.tolist())
            features.append(Feature(name, Kind.NUMBER, (), float(there.min()), float(there.max()), float(there.std())))
        elif filled.nunique() > _MOST_VALUES:
            faults.append(
                Fault(
                    "too-many-values",
                    f"the column {name!r} is text with {filled.nunique()} values",
                    name,
                    hint=f"leave_out: [{name}]",
                )
            )
        else:
            features.append(Feature(name, Kind.CATEGORY, sorted({*cells})))
    refuse(faults, "the training table")
    if not features:
        raise ComponentError("no column is left to learn from", culprit=", ".join(left_out) or "table")
    return features


def preparation(features: Sequence[Feature], *, scaled: bool) -> Any:
    """Return the unfitted preprocessing: medians for missing numbers (scaled for linear models), one column a category's value."""
    from sklearn.compose import ColumnTransformer  # heavy; only who fits needs it
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    places: Mapping[Kind, list[int]] = {
        kind: [place for place, each in enumerate(features) if each.kind is kind] for kind in Kind
    }
    # Trees take numbers as they are: scaled in double and cut in single precision, some rows would fall on the other side.
    fill = [("fill", SimpleImputer(strategy="median"))] + ([("scale", StandardScaler())] if scaled else [])
    kinds = [np.arange(len(features[place].categories), dtype=np.float32) for place in places[Kind.CATEGORY]]
    encoder = OneHotEncoder(categories=kinds, handle_unknown="ignore", sparse_output=False, dtype=np.float32)
    parts = [("numbers", Pipeline(fill), places[Kind.NUMBER]), ("categories", encoder, places[Kind.CATEGORY])]
    return ColumnTransformer([part for part in parts if part[2]], sparse_threshold=0)


def fit(
    recipe: Recipe,
    features: Sequence[Feature],
    values: NDArray[np.float32],
    classes: NDArray[np.intp],
    weight: NDArray[np.float64],
) -> Any:
    """Return the fitted scikit-learn pipeline.

    Args:
        recipe: Which model.
        features: What ``values`` are.
        values: Encoded rows, shape (rows, columns).
        classes: Class number of each row.
        weight: Of each row, from 0.
    """
    from sklearn.pipeline import Pipeline  # as above

    weight = weight * len(weight) / weight.sum()
    if recipe.balanced:
        share = np.bincount(classes, weights=weight)
        weight = weight * (len(weight) / (len(share) * share))[classes]
    linear = recipe.family is ModelName.LOGISTIC_REGRESSION
    pipeline = Pipeline([("prepare", preparation(features, scaled=linear)), ("classify", _classifier(recipe))])
    return pipeline.fit(values, classes, classify__sample_weight=weight)


def _classifier(recipe: Recipe) -> Any:
    match recipe.family:
        case ModelName.LOGISTIC_REGRESSION:
            from sklearn.linear_model import LogisticRegression  # heavy; only the chosen family is imported

            return LogisticRegression(C=recipe.strength, max_iter=5000)
        case ModelName.RANDOM_FOREST:
            from sklearn.ensemble import RandomForestClassifier  # as above

            return RandomForestClassifier(
                n_estimators=recipe.trees,
                max_depth=recipe.depth or None,
                min_samples_leaf=recipe.leaf,
                random_state=recipe.seed,
                n_jobs=1,
            )
        case ModelName.GRADIENT_BOOSTING:
            from sklearn.ensemble import GradientBoostingClassifier  # as above

            return GradientBoostingClassifier(
                n_estimators=recipe.trees,
                max_depth=recipe.depth or 3,
                min_samples_leaf=recipe.leaf,
                random_state=recipe.seed,
            )


def class_numbers(table: pd.DataFrame, labels: Sequence[str]) -> NDArray[np.intp]:
    """Return the class number of each row; every label has to be known."""
    number = {label: place for place, label in enumerate(labels)}
    return np.array([number[label] for label in table[LABEL]], dtype=np.intp)
