"""train/image-classifier, called as a plain function and read as a component."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from assay import ComponentError, Images, Model
from assay.authoring import read_function
from assay.library.train import image_classifier as module
from assay.library.train.image_classifier import image_classifier
from assay.training.augmentation import Level
from assay.training.loop import Monitor
from assay.training.networks import NetworkName
from assay.training.pixels import LabelledImages, Pixels, Preprocessing
from assay.trust.charts.svg import embedded
from assay.trust.robustness.typical import Typical


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
    assert "within which 99% of 24 validation images lie" in printed


def test_the_model_carries_what_its_pictures_look_like(parts: tuple[Images, Images]) -> None:
    model, _ = quick(*parts, epochs=1)
    typical = Typical.read(model.path, 32)
    assert typical is not None
    assert (typical.fitted_on, typical.held_out) == (60, 24)
    own = LabelledImages.read(parts[1].path, what="validation")
    pixels = Pixels(own, Preprocessing((-600.0, 1500.0), 32)).rows(np.arange(24))
    assert typical.ratios(pixels).max() == pytest.approx(1, abs=1e-5)
    assert (typical.ratios(1 - pixels) > 1).all()


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
