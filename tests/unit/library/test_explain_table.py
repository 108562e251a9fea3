"""explain/table: what each column adds, and every wrong table named."""

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper

from assay import ComponentError, Dataset, Model
from assay.library.explain.table import table
from assay.trust.charts.svg import embedded

WEIGHTS = [1.0, -2.0, 0.0]


@pytest.fixture
def model(tmp_path) -> Model:
    constants = [
        helper.make_tensor("w", TensorProto.FLOAT, [3, 2], [part for weight in WEIGHTS for part in (0.0, weight)]),
        helper.make_tensor("b", TensorProto.FLOAT, [2], [0.0, 0.5]),
    ]
    nodes = [helper.make_node("Gemm", ["rows", "w", "b"], ["logits"])]
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", 3])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 2])
    graph = helper.make_graph(nodes, "linear", [rows], [logits], constants)
    (tmp_path / "model").mkdir()
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9),
        tmp_path / "model" / "model.onnx",
    )
    return Model(tmp_path / "model")


@pytest.fixture
def rows(tmp_path) -> Dataset:
    random = np.random.default_rng(0)
    pd.DataFrame(random.normal(size=(40, 3)), columns=["age", "dose", "noise"]).assign(name="x").to_csv(
        tmp_path / "rows.csv"
    )
    return Dataset(tmp_path / "rows.csv")


NAMES = ["age", "dose", "noise"]


@pytest.mark.parametrize("method", ["shap", "occlusion"])
def test_a_linear_model_is_explained_exactly(model, rows, method: str) -> None:
    out = table(model, rows, rows, columns=NAMES, method=method, backgrounds=40)
    made, read = pd.read_csv(out.attributions.path), pd.read_csv(rows.path)[NAMES]
    expected = (read - read.mean()) * WEIGHTS
    np.testing.assert_allclose(made[NAMES], expected, atol=1e-5)
    np.testing.assert_allclose(made["answer"], read @ WEIGHTS + 0.5, atol=1e-5)
    assert embedded(out.importance.path.read_text(encoding="utf-8"))


def test_columns_that_belong_together_are_one(model, rows) -> None:
    made = pd.read_csv(table(model, rows, rows, columns=NAMES, together=[["age", "noise"]], most=5).attributions.path)
    assert list(made.columns) == ["row", "answer", "age+noise", "dose"]
    assert len(made) == 5


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"columns": ["age", "dosis", "noise"]}, "the rows lack dosis"),
        ({"columns": ["age", "name", "noise"]}, "hold no numbers in name"),
        ({"columns": ["age", "dose"]}, "takes 3 columns, 2 are named"),
        ({"columns": NAMES, "together": [["age", "sex"]]}, "names 'sex', which is no column"),
        ({"columns": NAMES, "together": [["age"], ["age", "dose"]]}, "names 'age' twice"),
        ({"columns": NAMES, "output": "logit"}, "no output 'logit'"),
        ({"columns": NAMES, "positive": 2}, "has 2 classes"),
    ],
)
def test_what_does_not_fit_is_named(model, rows, told, message: str) -> None:
    with pytest.raises(ComponentError, match=message):
        table(model, rows, rows, **told)
