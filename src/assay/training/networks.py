"""The networks a classifier may be: a small residual network, a slim MONAI DenseNet, and a pretrained EfficientNet-Lite0.

Every network takes one grey channel, N x 1 x H x W, normalised by its own ``mean`` and ``std``, and returns logits N x K.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import torch
from torch import nn

from assay.training.efficientnet import MEAN, STD, EfficientNetLite0


class NetworkName(enum.StrEnum):
    """The closed set of networks."""

    SMALL_RESNET = "small-resnet"
    DENSENET = "densenet"
    EFFICIENTNET_LITE0 = "efficientnet-lite0"


@dataclass(frozen=True, slots=True)
class Network:
    """A network and how it wants to be used.

    Attributes:
        features: Pictures to feature vectors, N x 1 x H x W to N x F.
        head: Feature vectors to logits, N x F to N x K.
        mean: Subtracted from pixels in 0..1; ``None``: the mean of the training images.
        std: Divides afterwards; ``None``: the deviation of the training images.
        pretrained: Where its first weights come from; empty for random ones.
    """

    features: nn.Module
    head: nn.Module
    mean: float | None = None
    std: float | None = None
    pretrained: str = ""

    def whole(self) -> nn.Sequential:
        """Return features and head as one module (shared, not copied)."""
        return nn.Sequential(self.features, self.head)


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions with batch norm and a shortcut (He et al. 2016, arXiv:1512.03385)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the block's maps; half as high and wide with stride 2."""
        return torch.relu(self.body(x) + self.shortcut(x))


class SmallResNet(nn.Sequential):
    """Stem, pooling and three residual blocks, 0.3 million weights: 2 ms of one core a 128-pixel image and training step.

    Without the pooling, or half as wide again, it takes twice the time for the same AUROC on phantom slices. Channels last:
    a third faster on a CPU.
    """

    widths = (16, 32, 64, 128)

    def __init__(self) -> None:
        first, *rest = self.widths
        stem = [nn.Conv2d(1, first, 5, 2, 2, bias=False), nn.BatchNorm2d(first), nn.ReLU(), nn.MaxPool2d(2)]
        layers: list[nn.Module] = list(stem)
        inputs = first
        for width in rest:
            layers.append(ResidualBlock(inputs, width, 2))
            inputs = width
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack this keyword


def build(name: NetworkName, classes: int, size: int, *, pretrained: bool = True) -> Network:
    """Return a network with fresh weights (drawn from torch's current random state) or pretrained ones.

    Args:
        name: Which.
        classes: Number of labels, K.
        size: Edge of the square images in pixels; the exported network takes this size only.
        pretrained: Whether a network that has pretrained weights gets them; without, their package is not needed.

    Raises:
        MissingDependency: The package of the network or of its weights is not installed.
    """
    match name:
        case NetworkName.SMALL_RESNET:
            return Network(SmallResNet(), _head(SmallResNet.widths[-1], classes))
        case NetworkName.DENSENET:
            return _densenet(classes)
        case NetworkName.EFFICIENTNET_LITE0:
            return _efficientnet(classes, size, pretrained=pretrained)


def _head(features: int, classes: int) -> nn.Module:
    return nn.Sequential(nn.Dropout(0.2), nn.Linear(features, classes))


def _densenet(classes: int) -> Network:
    from monai.networks.nets.densenet import DenseNet  # heavy: 3.5 s to import, and one of three networks

    whole = DenseNet(
        spatial_dims=2, in_channels=1, out_channels=classes, init_features=16, growth_rate=12, block_config=(3, 4, 4)
    )
    *layers, last = whole.class_layers.children()
    if not isinstance(last, nn.Linear):
        raise TypeError("MONAI's DenseNet no longer ends in a linear layer")
    return Network(nn.Sequential(whole.features, *layers), _head(last.in_features, classes))


def _efficientnet(classes: int, size: int, *, pretrained: bool) -> Network:
    backbone = EfficientNetLite0(size)
    origin = backbone.load_imagenet() if pretrained else ""
    # Batch norm without own weights: it brings features of very different spread to one scale, so one learning rate fits.
    head = nn.Sequential(nn.BatchNorm1d(backbone.width, affine=False), _head(backbone.width, classes))
    return Network(backbone, head, MEAN, STD, origin)
