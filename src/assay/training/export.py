"""From a fitted network to a Model folder: ONNX that was seen to answer as PyTorch does, and ``model.json``."""

from __future__ import annotations

import json
import platform
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

FORMAT = 1
OPSET = 18
LARGEST_DIFFERENCE = 1e-3
"""Logits of ONNX Runtime and PyTorch may differ by this much, no more."""

MODEL_FILE, FACTS_FILE, WEIGHTS_FILE = "model.onnx", "model.json", "weights.safetensors"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well ONNX Runtime and PyTorch agree: largest difference of any logit over ``images`` pictures."""

    difference: float
    images: int


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model's answers mean.

    Attributes:
        labels: The index of a label is its class number.
        positive: The label whose probability is the score.
        threshold: A score of at least this is called positive.
        rule: By which it was chosen on validation data.
    """

    labels: Sequence[str]
    positive: str
    threshold: float
    rule: str


@dataclass(frozen=True, slots=True)
class Given:
    """What a model wants to be given.

    Attributes:
        intensity: ``hounsfield`` or ``grey``.
        modality: Such as ``CT``; empty when not known.
        window: Level and width; ``None``: the full range.
        size: Edge of the square picture in pixels.
        mean: Subtracted from pixels in 0..1.
        std: Divides afterwards.
    """

    intensity: str
    modality: str
    window: tuple[float, float] | None
    size: int
    mean: float
    std: float


def model_facts(
    answers: Answers, given: Given, training: Mapping[str, Any], agreed: Agreement, *, synthetic: bool
) -> dict[str, Any]:
    """Return what ``model.json`` says.

    Args:
        answers: What its answers mean.
        given: What it wants to be given.
        training: How it was fitted, and on what.
        agreed: How well the ONNX file agrees with the network.
        synthetic: Whether it was fitted on images of no real patient.
    """
    return {
        "format": FORMAT,
        "labels": list(answers.labels),
        "positive": answers.positive,
        "threshold": {"value": answers.threshold, "rule": answers.rule, "chosen_on": "validation"},
        "synthetic": synthetic,
        "preprocessing": {
            "intensity": given.intensity,
            "modality": given.modality,
            "window": list(given.window) if given.window else None,
            "size": given.size,
            "mean": [given.mean],
            "std": [given.std],
        },
        "training": dict(training),
        "onnx": {
            "opset": OPSET,
            "exporter": "torchscript",
            "largest_difference": agreed.difference,
            "images_checked": agreed.images,
        },
    }


def versions() -> dict[str, str]:
    """Return the versions that decide what a network's weights come to."""
    return {"python": platform.python_version(), "torch": str(torch.__version__), "numpy": np.__version__}


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
