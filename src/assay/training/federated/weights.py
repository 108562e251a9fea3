"""A network's weights as arrays by name, which is how they cross."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from assay.training.federated.averaging import Weights


def weights_of(module: nn.Module) -> dict[str, NDArray[np.float32]]:
    """Return copies of all weights and running statistics; the counters of batch norm, which nothing reads, are left out."""
    kept = {name: value for name, value in module.state_dict().items() if value.is_floating_point()}
    return {name: value.detach().contiguous().numpy().astype(np.float32) for name, value in kept.items()}


def put(weights: Weights, module: nn.Module) -> None:
    """Give a network weights from ``weights_of``.

    Raises:
        RuntimeError: They are of another network.
    """
    unknown = module.load_state_dict(
        {name: torch.from_numpy(value.copy()) for name, value in weights.items()}, strict=False
    )
    lacking = [name for name in unknown.missing_keys if not name.endswith("num_batches_tracked")]
    if lacking or unknown.unexpected_keys:
        raise RuntimeError(f"weights of another network: {[*lacking, *unknown.unexpected_keys]}")
