"""Cascading randomisation of a PyTorch network: what ``shuffled_onnx`` does to a file."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence

import torch
from torch import nn


def shuffled(network: nn.Module, shares: Sequence[float], seed: int) -> Iterator[tuple[int, int, nn.Module]]:
    """Yield, for each share of the layers counted from the last, how many were reset, of how many, and a copy of the network.

    Args:
        network: Left as it is.
        shares: Ascending, 0..1; at least one layer is reset for each.
        seed: Of the shuffling.
    """
    mixed = copy.deepcopy(network)
    layers = [module for module in mixed.modules() if any(True for _ in module.parameters(recurse=False))]
    random, done = torch.Generator().manual_seed(seed), 0
    for share in shares:
        depth = max(1, round(share * len(layers)))
        for module in layers[len(layers) - depth : len(layers) - done]:
            _shuffle(module, random)
        done = max(done, depth)
        yield done, len(layers), copy.deepcopy(mixed)


def _shuffle(module: nn.Module, random: torch.Generator) -> None:
    with torch.no_grad():
        for parameter in module.parameters(recurse=False):
            flat = parameter.flatten()
            parameter.copy_(flat[torch.randperm(flat.numel(), generator=random)].view_as(parameter))
