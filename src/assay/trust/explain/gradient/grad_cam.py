"""Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391), by Captum, and the layers it could look at."""

from __future__ import annotations

import numpy as np
import torch
from captum.attr import LayerAttribution, LayerGradCam
from numpy.typing import NDArray
from torch import nn

from assay.trust.explain.asking import BATCH, Pictures
from assay.trust.explain.gradient.target import LogOdds, to_heat, to_torch

_SMALLEST_MAP = 3
"""Maps of fewer pixels along an edge tell no place."""


def layers(network: nn.Module, size: int) -> list[str]:
    """Return the names of the modules whose maps could be looked at, from the first to the last.

    The outermost module of each stretch counts: a block, not the convolutions inside it.

    Args:
        network: Normalised pictures to logits.
        size: Edge of the pictures.
    """
    seen: list[str] = []
    hooks = []
    for name, module in network.named_modules():
        hooks.append(module.register_forward_hook(lambda _m, _i, out, name=name: _note(seen, name, out)))
    try:
        with torch.inference_mode():
            network(torch.zeros(1, 1, size, size))
    finally:
        for hook in hooks:
            hook.remove()
    return [name for name in seen if not any(name.startswith(f"{other}.") for other in seen)]


def _note(seen: list[str], name: str, out: object) -> None:
    if isinstance(out, torch.Tensor) and out.ndim == 4 and min(out.shape[-2:]) >= _SMALLEST_MAP:
        seen.append(name)


def grad_cam(target: LogOdds, pictures: Pictures, layer: str) -> NDArray[np.float64]:
    """Return the layer's maps weighed by their mean gradient, stretched to the picture; signed.

    Not cut off at 0: what speaks against the label is seen as such, and a map that is all negative is not an empty one.

    Args:
        target: The model.
        pictures: Shape (pictures, height, width).
        layer: One of ``layers``.
    """
    method = LayerGradCam(target, target.network.get_submodule(layer))
    size = (pictures.shape[1], pictures.shape[2])
    parts = []
    for start in range(0, len(pictures), BATCH):
        small = method.attribute(to_torch(pictures[start : start + BATCH]), relu_attributions=False)
        parts.append(to_heat(LayerAttribution.interpolate(small, size, "bilinear")))
    return np.concatenate(parts)
