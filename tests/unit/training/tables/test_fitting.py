"""Fitted by scikit-learn, asked through ONNX Runtime: the same answers, whatever is missing or new."""

import numpy as np
import pandas as pd
import pytest

from assay.data.tables.schema import Kind
from assay.data.tables.unfit import UnfitTable
from assay.errors import ComponentError
from assay.training.tables.asking import TableModel
from assay.training.tables.export import as_onnx, save
from assay.training.tables.facts import UNSEEN, Feature, TableFacts, encode
from assay.training.tables.fitting import ModelName, Recipe, fit, learn_features


def table(rows: int = 600, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    dose, ward = random.normal(50, 20, rows), random.choice(["x", "y", "z", ""], rows)
    ill = dose + 30 * (ward == "y") + random.normal(0, 15, rows) > 60
    cells = [f"{value:.1f}" if keep else "" for value, keep in zip(dose, random.random(rows) > 0.1, strict=True)]
    return pd.DataFrame(
        {
            "row": [str(number) for number in range(rows)],
            "patient": [str(number) for number in range(rows)],
            "label": np.where(ill, "ill", "well"),
            "dose": cells,
            "ward": ward,
            "sex": random.choice(["F", "M"], rows),
        }
    )


def fitted(recipe: Recipe, weight: np.ndarray | None = None):
    rows = table()
    features = learn_features(rows, ["sex"], None)
    values = encode(rows, features).matrix
    classes = (rows["label"] == "ill").to_numpy(dtype=int)
    return features, fit(recipe, features, values, classes, np.ones(len(rows)) if weight is None else weight)


def test_columns_are_numbers_or_categories_and_what_is_left_out_is_not_learnt() -> None:
    features = learn_features(table(), ["sex"], None)
    assert [(each.name, each.kind, each.categories) for each in features] == [
        ("dose", Kind.NUMBER, ()),
        ("ward", Kind.CATEGORY, ["", "x", "y", "z"]),
    ]


@pytest.mark.parametrize("family", ModelName)
def test_onnx_says_what_scikit_learn_says_of_missing_and_unseen_cells(family: ModelName, tmp_path) -> None:
    features, pipeline = fitted(Recipe(family, trees=10))
    new = table(200, seed=1).assign(ward=lambda rows: rows["ward"].replace("z", "a new ward"))
    encoded = encode(new, features)
    assert set(encoded.unseen) == {"ward"}
    assert (encoded.matrix[:, 1] == UNSEEN).any()
    expected = pipeline.predict_proba(encoded.matrix)
    facts = TableFacts(["well", "ill"], "ill", 0.5, "half", features)
    save(tmp_path, as_onnx(pipeline, len(features)), facts, encoded.matrix, expected)
    asked = TableModel(tmp_path)
    np.testing.assert_allclose(asked.probabilities(encoded.matrix), expected, atol=1e-6)
    assert asked.facts.onnx["rows"] == 200


def test_another_answer_of_onnx_is_refused(tmp_path) -> None:
    features, pipeline = fitted(Recipe(ModelName.LOGISTIC_REGRESSION))
    values = encode(table(), features).matrix
    facts = TableFacts(["well", "ill"], "ill", 0.5, "half", features)
    with pytest.raises(ComponentError, match="ONNX Runtime and scikit-learn differ"):
        save(tmp_path, as_onnx(pipeline, len(features)), facts, values, pipeline.predict_proba(values)[:, ::-1])


def test_rows_of_weight_nothing_are_not_learnt_from() -> None:
    rows = table()
    weight = (rows["ward"] != "y").to_numpy(dtype=float)
    probe = encode(pd.DataFrame({"dose": ["50", "50"], "ward": ["y", "x"]}), learn_features(rows, ["sex"], None)).matrix
    whole, weighted = (fitted(Recipe(ModelName.LOGISTIC_REGRESSION), weight)[1] for weight in (None, weight))
    gaps = [float(np.subtract(*model.predict_proba(probe)[:, 1])) for model in (whole, weighted)]
    assert gaps[0] > 0.5 > gaps[1]


def test_the_same_seed_gives_the_same_file() -> None:
    first, second = (as_onnx(fitted(Recipe(ModelName.RANDOM_FOREST, trees=5, seed=3))[1], 2) for _ in range(2))
    assert [node.attribute for node in first.graph.node] == [node.attribute for node in second.graph.node]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"dose": "40+"}, {"odd-cells"}),
        ({"ward": None, "dose": None}, {"unknown-column"}),
    ],
)
def test_rows_that_do_not_fit_are_told_all_at_once(change, codes) -> None:
    features = learn_features(table(), ["sex"], None)
    rows = table().drop(columns=[name for name, value in change.items() if value is None])
    rows = rows.assign(**{name: value for name, value in change.items() if value is not None})
    with pytest.raises(UnfitTable) as raised:
        encode(rows, features)
    assert ({fault.code for fault in raised.value.faults}, len(raised.value.faults)) == (codes, len(change))


def test_a_column_without_any_value_is_named() -> None:
    with pytest.raises(UnfitTable, match="'dose' has no value in any training row"):
        learn_features(table().assign(dose=""), [], None)
    with pytest.raises(ComponentError, match="no column is left"):
        learn_features(table(), ["sex", "dose", "ward"], None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not valid JSON"),
        ('{"format": 1}', "does not answer about tables"),
        ('{"format": 1, "kind": "table", "labels": ["a", "b"]}', "lacks what a model of tables needs"),
    ],
)
def test_facts_that_are_none_are_refused(tmp_path, text: str, message: str) -> None:
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(ComponentError, match=message):
        TableFacts.read(tmp_path)


def test_a_whole_number_is_known_by_its_range() -> None:
    assert Feature("age", Kind.NUMBER, low=17.0, high=90.0).whole
    assert not Feature("dose", Kind.NUMBER, low=0.5, high=2.0).whole
