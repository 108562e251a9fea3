"""Every network takes one grey channel and survives its export."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from assay.errors import ComponentError
from assay.training import export
from assay.training.efficientnet import EfficientNetLite0, SameConv2d, grey_weights, weights_file
from assay.training.networks import NetworkName, build


@pytest.mark.parametrize(
    "name",
    [
        NetworkName.SMALL_RESNET,
        NetworkName.EFFICIENTNET_LITE0,
        pytest.param(NetworkName.DENSENET, marks=pytest.mark.slow),  # MONAI takes seconds to import
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_onnx_answers_as_torch_does_for_any_batch(name: NetworkName, tmp_path: Path) -> None:
    torch.manual_seed(0)
    module = build(name, classes=3, size=48).whole().eval()
    export.export_onnx(module, 48, tmp_path / "model.onnx")
    batches = [torch.randn(count, 1, 48, 48) for count in (1, 2, 5)]
    agreed = export.agreement(module, tmp_path / "model.onnx", batches)
    assert agreed.images == 8
    assert agreed.difference < 1e-3


def test_a_file_that_answers_otherwise_is_refused(tmp_path: Path) -> None:
    written, other = (nn.Sequential(nn.Flatten(), nn.Linear(64, 2)) for _ in range(2))
    export.export_onnx(written, 8, tmp_path / "model.onnx")
    with pytest.raises(ComponentError, match="differs from the trained one"):
        export.agreement(other, tmp_path / "model.onnx", [torch.ones(2, 1, 8, 8)])


@pytest.mark.slow
def test_no_exporter_beyond_the_declared_packages_is_needed(tmp_path: Path) -> None:
    """The extra 'train' does not bring onnxscript."""
    import subprocess
    import sys

    code = (
        "import sys; sys.modules['onnxscript'] = None\n"
        "from pathlib import Path; from torch import nn; from assay.training.export import export_onnx\n"
        f"export_onnx(nn.Sequential(nn.Flatten(), nn.Linear(64, 2)), 8, Path({str(tmp_path / 'm.onnx')!r}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)
    assert (tmp_path / "m.onnx").stat().st_size > 200


def test_safetensors_hold_the_same_weights(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    module = build(NetworkName.SMALL_RESNET, 2, 32).whole()
    export.save_weights(module, tmp_path / "w.safetensors")
    loaded = load_file(tmp_path / "w.safetensors")
    assert set(loaded) == set(module.state_dict())
    assert all(torch.equal(value, loaded[name]) for name, value in module.state_dict().items())


@pytest.mark.parametrize(("size", "stride", "kernel"), [(7, 2, 3), (8, 2, 3), (8, 2, 5), (9, 1, 5), (14, 2, 5)])
def test_padding_is_tensorflows(size: int, stride: int, kernel: int) -> None:
    layer = SameConv2d(1, 1, kernel, stride, size)
    assert layer(torch.zeros(1, 1, size, size)).shape[-1] == -(-size // stride)
    total = sum(layer.margins[:2])
    assert layer.margins[0] == total // 2


def test_grey_weights_equal_three_equal_channels() -> None:
    state = torch.load(weights_file(), map_location="cpu", weights_only=True)
    grey = torch.randn(2, 1, 32, 32)
    colour = nn.functional.conv2d(grey.expand(-1, 3, -1, -1), state["_conv_stem.weight"])
    summed = nn.functional.conv2d(grey, grey_weights(state)["_conv_stem.weight"])
    torch.testing.assert_close(summed, colour, atol=1e-4, rtol=1e-4)


def test_every_pretrained_weight_finds_its_layer() -> None:
    state = torch.load(weights_file(), map_location="cpu", weights_only=True)
    assert set(EfficientNetLite0(224).state_dict()) == {name for name in state if not name.startswith("_fc.")}


def test_the_pretrained_network_knows_shapes() -> None:
    """A random start gives nearly the same features for any picture; ImageNet weights tell a disc from stripes."""
    network = EfficientNetLite0(64)
    network.load_imagenet()
    network.eval()
    y, x = np.mgrid[:64, :64]
    disc = ((x - 32) ** 2 + (y - 32) ** 2 < 300).astype(np.float32)
    stripes = (x // 8 % 2).astype(np.float32)
    with torch.inference_mode():
        first, second = (network(torch.from_numpy(picture)[None, None] * 2 - 1)[0] for picture in (disc, stripes))
    assert nn.functional.cosine_similarity(first, second, dim=0) < 0.7
