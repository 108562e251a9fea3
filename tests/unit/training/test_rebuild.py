"""A Model folder becomes a network again, and only the one that ``model.onnx`` holds."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from assay.errors import ComponentError
from assay.training import export
from assay.training.networks import NetworkName, build
from assay.training.predictor import Predictor
from assay.training.rebuild import NotRebuilt, rebuild

SIZE = 48


@pytest.fixture
def model(tmp_path: Path):
    def write(network: NetworkName = NetworkName.SMALL_RESNET, labels=("other", "covid")) -> Path:
        torch.manual_seed(1)
        module = build(network, len(labels), SIZE, pretrained=False).whole().eval()
        export.export_onnx(module, SIZE, tmp_path / "model.onnx")
        export.save_weights(module, tmp_path / "weights.safetensors")
        facts = {
            "format": 1,
            "labels": list(labels),
            "positive": labels[-1],
            "preprocessing": {"intensity": "grey", "window": None, "size": SIZE, "mean": [0.4], "std": [0.2]},
            "training": {"network": str(network)},
        }
        export.write_facts(tmp_path / "model.json", facts)
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("network", "labels"),
    [
        (NetworkName.SMALL_RESNET, ("other", "covid")),
        (NetworkName.EFFICIENTNET_LITE0, ("healthy", "pneumonia", "covid")),
        pytest.param(NetworkName.DENSENET, ("other", "covid"), marks=pytest.mark.slow),  # MONAI takes seconds to import
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_the_network_answers_as_the_onnx_file_does(model, network, labels) -> None:
    folder = model(network, labels)
    again = rebuild(folder)
    pixels = np.random.default_rng(3).random((5, 1, SIZE, SIZE), dtype=np.float32)
    with torch.inference_mode():
        shares = torch.softmax(again.logits(torch.from_numpy(pixels)).double(), dim=1).numpy()
    np.testing.assert_allclose(shares, Predictor(folder).probabilities(pixels), atol=1e-4)
    assert again.facts.labels == labels


def test_the_gradient_reaches_the_pixels_and_not_the_weights(model) -> None:
    again = rebuild(model())
    pixels = torch.rand(2, 1, SIZE, SIZE, requires_grad=True)
    again.logits(pixels)[:, 1].sum().backward()
    assert float(pixels.grad.abs().max()) > 0
    assert all(weight.grad is None and not weight.requires_grad for weight in again.network.parameters())
    assert not again.network.training
    assert again.features is again.network[0]


def test_chance_of_the_caller_is_left_alone(model) -> None:
    folder = model()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    rebuild(folder)
    assert torch.equal(torch.rand(3), expected)


def test_a_model_of_another_origin_says_so(model) -> None:
    folder = model()
    facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    export.write_facts(folder / "model.json", facts | {"training": {"network": "resnet-50"}})
    with pytest.raises(NotRebuilt, match="'resnet-50', which is none of ours") as error:
        rebuild(folder)
    assert "methods that need none still run" in error.value.hint
    export.write_facts(folder / "model.json", {key: value for key, value in facts.items() if key != "training"})
    with pytest.raises(NotRebuilt, match="names no network"):
        rebuild(folder)


def test_weights_that_are_missing_or_broken_or_of_another_network(model) -> None:
    folder = model()
    path = folder / "weights.safetensors"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(NotRebuilt, match=r"weights\.safetensors does not fit"):
        rebuild(folder)
    export.save_weights(torch.nn.Linear(3, 2), path)
    with pytest.raises(NotRebuilt, match="does not fit the network"):
        rebuild(folder)
    path.unlink()
    with pytest.raises(NotRebuilt, match=r"no weights\.safetensors"):
        rebuild(folder)


def test_weights_of_another_training_are_found_out(model) -> None:
    folder = model()
    torch.manual_seed(2)
    export.save_weights(build(NetworkName.SMALL_RESNET, 2, SIZE).whole(), folder / "weights.safetensors")
    with pytest.raises(NotRebuilt, match="do not belong together"):
        rebuild(folder)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ComponentError, match=r"no model\.json"):
        rebuild(tmp_path)
