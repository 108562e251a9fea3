"""transform/predict: every row keeps its truth beside the answer."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper

from assay import ComponentError, Images, Model, step
from assay.data.images import Intensity, read_index
from assay.library.transform.predict import predict
from assay.training.export import write_labels
from assay.trust.performance.origin import Origin
from assay.trust.performance.table import read_predictions

FACTS = {
    "format": 1,
    "labels": ["healthy", "covid"],
    "positive": "covid",
    "threshold": {"value": 0.6, "rule": "youden", "chosen_on": "validation"},
    "synthetic": True,
    "preprocessing": {
        "intensity": "hounsfield",
        "modality": "CT",
        "window": [-600.0, 1500.0],
        "size": 32,
        "mean": [0.377],
        "std": [0.01],
    },
}


@pytest.fixture
def model(tmp_path: Path) -> Model:
    """Logits are (0, mean of the normalised picture): brighter is more likely covid."""
    nodes = [
        helper.make_node("ReduceMean", ["image", "axes"], ["mean"], keepdims=0),
        helper.make_node("Unsqueeze", ["mean", "one"], ["column"]),
        helper.make_node("Mul", ["column", "both"], ["logits"]),
    ]
    constants = [
        helper.make_tensor("axes", TensorProto.INT64, [3], [1, 2, 3]),
        helper.make_tensor("one", TensorProto.INT64, [1], [1]),
        helper.make_tensor("both", TensorProto.FLOAT, [1, 2], [0.0, 1.0]),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 32, 32])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2])
    graph = helper.make_graph(nodes, "brightness", [image], [logits], constants)
    folder = tmp_path / "model"
    folder.mkdir()
    written = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(written, folder / "model.onnx")
    (folder / "model.json").write_text(json.dumps(FACTS), encoding="utf-8")
    return Model(folder)


def test_every_column_and_the_order_of_the_index_stay(model: Model, toy_images) -> None:
    images = toy_images("test", range(7), slices=3)
    table = pd.read_csv(predict(model, Images(images), batch_size=4), dtype={"patient": str})
    index = read_index(images)
    assert list(table.columns[:3]) == ["file", "patient", "label"]
    for column in index.columns:
        assert table[column].fillna("").astype(str).tolist() == index[column].fillna("").astype(str).tolist(), column


def test_scores_are_those_of_the_model_whatever_the_batch(model: Model, toy_images) -> None:
    images = Images(toy_images("test", range(7)))
    tables = [pd.read_csv(predict(model, images, batch_size=size)) for size in (1, 3, 64)]
    np.testing.assert_allclose(tables[0]["score"], tables[1]["score"], atol=1e-6)
    np.testing.assert_allclose(tables[0]["score"], tables[2]["score"], atol=1e-6)
    table = tables[0]
    np.testing.assert_allclose(table["p_healthy"] + table["p_covid"], 1.0, atol=1e-12)
    assert (table["score"] == table["p_covid"]).all()
    assert (table["predicted"] == np.where(table["score"] >= 0.6, "covid", "healthy")).all()
    assert table["predicted"].nunique() == 2
    assert set(table["threshold"]) == {0.6}
    assert set(table["positive"]) == {"covid"}


@pytest.mark.parametrize("synthetic", [True, False])
def test_the_synthetic_mark_stands_in_every_row(model: Model, toy_images, synthetic: bool) -> None:
    table = pd.read_csv(predict(model, Images(toy_images("test", range(3), synthetic=synthetic))))
    assert set(table["synthetic"]) == {synthetic}


def test_images_of_another_kind_are_predicted_with_a_warning(
    model: Model, toy_images, capsys: pytest.CaptureFixture[str]
) -> None:
    predict(model, Images(toy_images("film", range(3), intensity=Intensity.GREY, modality="DX", synthetic=False)))
    printed = capsys.readouterr().out
    assert "WARNING: the model was fitted on intensity 'hounsfield', these images have intensity 'grey'" in printed
    assert "modality 'DX'" in printed
    assert "WARNING: the model was fitted on synthetic images, these are not synthetic" in printed
    predict(model, Images(toy_images("like", range(3))))
    assert "WARNING" not in capsys.readouterr().out


def test_no_images_give_an_empty_table(model: Model, toy_images) -> None:
    table = pd.read_csv(predict(model, Images(toy_images("none", range(0)))))
    assert len(table) == 0
    assert "score" in table.columns


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda folder: (folder / "model.json").unlink(), "no model.json"),
        (lambda folder: (folder / "model.json").write_text("{"), "not valid JSON"),
        (lambda folder: (folder / "model.json").write_text('{"format": 9}'), "not of format 1"),
        (lambda folder: (folder / "model.json").write_text('{"format": 1}'), "lacks 'preprocessing'"),
        (lambda folder: (folder / "model.onnx").unlink(), "no model.onnx"),
        (lambda folder: (folder / "model.onnx").write_bytes(b"junk"), "cannot be loaded"),
        (
            lambda folder: (folder / "model.json").write_text(json.dumps(FACTS | {"labels": ["a", "covid", "c"]})),
            "answers 2 classes, model.json names 3",
        ),
    ],
)
def test_a_broken_model_is_a_clear_error(model: Model, toy_images, break_it, message: str) -> None:
    break_it(model.path)
    with pytest.raises(ComponentError, match=message):
        predict(model, Images(toy_images("test", range(2))))


def test_torch_is_never_imported(model: Model, toy_images) -> None:
    images = toy_images("test", range(2))
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from assay import Images, Model\nfrom assay.library.transform.predict import predict\n"
        f"predict(Model({str(model.path)!r}), Images({str(images)!r}))\n"
        "assert 'onnxruntime' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)


def test_every_row_says_which_model_answered_about_which_images(model: Model, toy_images) -> None:
    images = Images(toy_images("test", range(5)))
    file = predict(model, images)
    table = pd.read_csv(file)
    assert set(table["model_sha256"]) == {step.digest(model)}
    assert set(table["data_sha256"]) == {step.digest(images)}
    assert read_predictions(file).origin == Origin(step.digest(model), step.digest(images))
    table["score"] = np.sort(table["score"])
    table.to_csv(file, index=False)
    with pytest.raises(ComponentError, match="truth and score do not belong together"):
        read_predictions(file)


def test_class_names_in_another_order_than_in_training_are_refused(model: Model, toy_images) -> None:
    """The classic fault: somebody sorts the label map, and every sick patient is called healthy."""
    write_labels(model.path / "model.onnx", ["healthy", "covid"])
    images = Images(toy_images("test", range(2)))
    predict(model, images)
    (model.path / "model.json").write_text(json.dumps(FACTS | {"labels": ["covid", "healthy"]}), encoding="utf-8")
    with pytest.raises(
        ComponentError, match=r"fitted with the class names healthy, covid, model\.json says covid, healthy"
    ):
        predict(model, images)
