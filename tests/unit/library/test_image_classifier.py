"""train/image-classifier, called as a plain function and read as a component."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from assay import ComponentError, Images, Model
from assay.authoring import read_function
from assay.library.train import image_classifier as module
from assay.library.train.image_classifier import image_classifier
from assay.training.augmentation import Level
from assay.training.loop import Monitor
from assay.training.networks import NetworkName
from assay.trust.charts.svg import embedded


@pytest.fixture
def parts(toy_images) -> tuple[Images, Images]:
    return Images(toy_images("train", range(30))), Images(toy_images("validation", range(100, 112)))


def quick(*parts: Images, **params: object):
    return image_classifier(*parts, **{"epochs": 3, "image_size": 32, "batch_size": 16} | params)


def test_it_yields_a_model_and_its_learning_curve(
    parts: tuple[Images, Images], capsys: pytest.CaptureFixture[str]
) -> None:
    model, curve = quick(*parts)
    assert isinstance(model, Model)
    facts = json.loads((model / "model.json").read_text(encoding="utf-8"))
    assert facts["labels"] == ["healthy", "covid"]
    assert facts["training"]["epochs_run"] == 3
    assert 0 < facts["threshold"]["value"] < 1
    spec = embedded(curve.path.read_text(encoding="utf-8"))
    assert {row["line"] for row in spec["data"]["values"]} == {"training loss", "validation loss", "validation AUROC"}
    assert "synthetic" in spec["title"]
    ET.fromstring(curve.path.read_text(encoding="utf-8"))
    printed = capsys.readouterr().out
    assert "validation_auroc [3] = " in printed
    assert "epoch 3 of 3" in printed
    assert "ONNX differs by at most" in printed


def test_a_fixed_sensitivity_sets_the_threshold(parts: tuple[Images, Images]) -> None:
    cuts = []
    for sensitivity in (0.5, 1.0):
        model, _ = quick(*parts, threshold="sensitivity", sensitivity=sensitivity)
        cuts.append(json.loads((model / "model.json").read_text(encoding="utf-8"))["threshold"])
    assert cuts[0]["value"] > cuts[1]["value"]
    assert cuts[0]["rule"] == "sensitivity"


@pytest.mark.parametrize("window", [[-600.0], [-600.0, 0.0], [1.0, -5.0]])
def test_a_window_that_is_none_is_refused(parts: tuple[Images, Images], window: list[float]) -> None:
    with pytest.raises(ComponentError, match="level and a positive width"):
        quick(*parts, window=window)


def test_choices_are_the_closed_sets_they_stand_for() -> None:
    spec = read_function(Path(module.__file__), "image_classifier", module=module.__name__)
    assert set(spec.params["network"].choices) == set(NetworkName)
    assert set(spec.params["augmentation"].choices) == set(Level)
    assert set(spec.params["monitor"].choices) == set(Monitor)
    assert all(param.help for param in spec.params.values())
    assert all(port.help for port in (*spec.inputs.values(), *spec.outputs.values()))
