"""From a Model folder back to a PyTorch network that can be differentiated: for attacks and explanations by gradient.

Nothing of the folder is run: ``model.json`` names one of our networks, ``weights.safetensors`` is data, and the result is held
against ``model.onnx``, which is what answers in a hospital.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from assay.errors import ComponentError, MissingDependency
from assay.training.batches import Normaliser
from assay.training.export import FACTS_FILE, MODEL_FILE, WEIGHTS_FILE, agreement
from assay.training.networks import NetworkName, build
from assay.training.predictor import ModelFacts

_CHECKED_PICTURES = 2


class NotRebuilt(ComponentError):  # noqa: N818  (names a state of the model, as its siblings do)
    """A model without a differentiable network: only methods that ask it as a black box can be used."""

    code = "not-rebuilt"


@dataclass(frozen=True, slots=True)
class Differentiable:
    """A model as PyTorch sees it, in evaluation mode, its weights frozen; the gradient flows to the pixels.

    Attributes:
        network: ``nn.Sequential(features, head)``: normalised pictures N x 1 x size x size to logits N x K.
        normalise: Pixels in 0..1 to what ``network`` takes.
        facts: What ``model.json`` says: labels, positive, threshold, window, size, mean, std.
    """

    network: nn.Sequential
    normalise: Normaliser
    facts: ModelFacts

    def logits(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return logits N x K of pixels N x 1 x size x size in 0..1, float32; differentiable."""
        answer: torch.Tensor = self.network(self.normalise(pixels))
        return answer

    @property
    def features(self) -> nn.Module:
        """Everything before the head: the layers whose maps Grad-CAM may look at."""
        return self.network[0]


def rebuild(folder: Path, *, threads: int = 1) -> Differentiable:
    """Return the PyTorch network of a Model folder.

    Args:
        folder: With ``model.json``, ``weights.safetensors`` and ``model.onnx``.
        threads: Of ONNX Runtime, for the comparison.

    Raises:
        NotRebuilt: The model is of another origin, its weights are missing or do not fit, its package is not installed, or
            ``model.onnx`` answers otherwise.
        ComponentError: ``model.json`` or ``model.onnx`` cannot be read.
    """
    facts = ModelFacts.read(folder / FACTS_FILE)
    size = facts.preprocessing.size
    with torch.random.fork_rng(
        devices=[]
    ):  # fresh weights draw from torch's state; the caller's chance stays as it was
        torch.manual_seed(0)
        module = _shaped(folder, len(facts.labels), size)
        _fill(module, folder / WEIGHTS_FILE)
    module.eval().requires_grad_(requires_grad=False)
    normalise = Normaliser(facts.mean, facts.std)
    random = np.random.default_rng(0).random((_CHECKED_PICTURES, 1, size, size), dtype=np.float32)
    try:
        agreement(module, folder / MODEL_FILE, [normalise(torch.from_numpy(random))], threads)
    except ComponentError as error:
        raise NotRebuilt(
            f"weights and ONNX file do not belong together: {error.message}",
            culprit=MODEL_FILE,
            hint="train the model again; the weights may be of another one",
        ) from error
    return Differentiable(module, normalise, facts)


def _shaped(folder: Path, classes: int, size: int) -> nn.Sequential:
    raw = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
    named = raw.get("training", {}).get("network", "")
    if named not in set(NetworkName):
        what = f"names the network {named!r}, which is none of ours" if named else "names no network"
        raise NotRebuilt(
            f"the network cannot be rebuilt: {FACTS_FILE} {what}",
            culprit=str(named) or FACTS_FILE,
            hint=f"gradients are had from {', '.join(NetworkName)} only; methods that need none still run",
        )
    try:
        return build(NetworkName(named), classes, size, pretrained=False).whole()
    except (ModuleNotFoundError, MissingDependency) as error:
        raise NotRebuilt(
            f"the network {named} cannot be rebuilt: {error}", culprit=named, hint="pip install 'assay-ml[train]'"
        ) from error


def _fill(module: nn.Module, path: Path) -> None:
    from safetensors import SafetensorError  # as light as it is, only rebuilding needs it
    from safetensors.torch import load_file

    try:
        module.load_state_dict(load_file(path))
    except FileNotFoundError as error:
        raise NotRebuilt(
            f"the network cannot be rebuilt: the model folder has no {path.name}",
            culprit=path.name,
            hint="methods that need no gradient still run",
        ) from error
    except (SafetensorError, RuntimeError) as error:
        raise NotRebuilt(f"{path.name} does not fit the network: {error}", culprit=path.name) from error
