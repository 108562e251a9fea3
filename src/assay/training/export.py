"""From a fitted network to a Model folder: ONNX that was seen to answer as PyTorch does, and ``model.json``."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from assay.errors import ComponentError
from assay.training.session import LABELS_KEY, open_session

OPSET = 18
LARGEST_DIFFERENCE = 1e-3
"""Logits of ONNX Runtime and PyTorch may differ by this much, no more."""

MODEL_FILE, FACTS_FILE, WEIGHTS_FILE = "model.onnx", "model.json", "weights.safetensors"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well ONNX Runtime and PyTorch agree: largest difference of any logit over ``images`` pictures."""

    difference: float
    images: int


def export_onnx(module: nn.Module, size: int, path: Path, *, channels: int = 1) -> None:
    """Write ``module`` as ONNX: input ``image`` N x channels x size x size, output ``logits`` N x K, N free.

    The TorchScript exporter: for these feed-forward networks it takes 0.2 s where the newer one takes 13 s and needs one
    more package; ``agreement`` holds either to account.
    """
    example = torch.zeros(2, channels, size, size)
    with warnings.catch_warnings():
        # It says of itself, and of what it calls, that it will go one day; the pinned torch has it.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.filterwarnings("ignore", message="Constant folding", category=UserWarning)
        torch.onnx.export(
            module.eval(),
            (example,),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=["image"],
            output_names=["logits"],
            dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
        )


def write_labels(path: Path, labels: Sequence[str]) -> None:
    """Write the label of each class into the ONNX file itself: whoever edits ``model.json`` afterwards is found out."""
    import onnx  # only here

    model = onnx.load(path)
    entry = model.metadata_props.add()
    entry.key, entry.value = LABELS_KEY, json.dumps(list(labels), ensure_ascii=False)
    onnx.save(model, path)


def agreement(module: nn.Module, path: Path, batches: list[torch.Tensor], threads: int = 1) -> Agreement:
    """Run real inputs through the written file and through ``module`` and compare the logits.

    Args:
        module: The fitted network.
        path: The ONNX file.
        batches: Inputs as the network takes them, N x 1 x H x W.
        threads: Threads of ONNX Runtime.

    Raises:
        ComponentError: They differ by more than ``LARGEST_DIFFERENCE``: the file must not be used.
    """
    session = open_session(path, threads)
    largest = 0.0
    with torch.inference_mode():
        for batch in batches:
            expected = module.eval()(batch).numpy()
            written = session.run(["logits"], {"image": batch.numpy()})[0]
            largest = max(largest, float(np.abs(expected - written).max()))
    if not largest <= LARGEST_DIFFERENCE:
        raise ComponentError(
            f"the exported ONNX model differs from the trained one by {largest:g} in a logit",
            culprit=MODEL_FILE,
            hint=f"at most {LARGEST_DIFFERENCE:g} is allowed; try another network",
        )
    return Agreement(largest, sum(len(batch) for batch in batches))


def save_weights(module: nn.Module, path: Path) -> None:
    """Write the weights as safetensors (data only, nothing in it can run)."""
    from safetensors.torch import save_file  # optional output

    save_file({name: value.contiguous() for name, value in module.state_dict().items()}, path)


def write_facts(path: Path, facts: Mapping[str, Any]) -> None:
    """Write ``model.json``."""
    path.write_text(json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
