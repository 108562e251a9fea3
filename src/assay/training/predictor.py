"""Ask a Model folder for probabilities, through ONNX Runtime alone: PyTorch is never imported here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from assay.data.images import ImagesMeta
from assay.errors import ComponentError
from assay.training.pixels import Preprocessing
from assay.training.session import open_session, refuse_other_labels

FORMAT = 1


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What ``model.json`` says.

    Attributes:
        labels: The index of a label is its class number.
        positive: The label whose probability is the score.
        threshold: A score of at least this is called positive.
        intensity: Of the images it was fitted on.
        modality: Of the images it was fitted on; empty when not known.
        preprocessing: Window and size.
        means: Subtracted from pixels in 0..1, one a channel.
        stds: Divide afterwards, one a channel.
        synthetic: Whether it was fitted on images of no real patient.
    """

    labels: tuple[str, ...]
    positive: str
    threshold: float
    intensity: str
    modality: str
    preprocessing: Preprocessing
    means: tuple[float, ...]
    stds: tuple[float, ...]
    synthetic: bool

    @property
    def channels(self) -> int:
        """How many values a pixel has: 1 for grey pictures."""
        return len(self.means)

    @property
    def mean(self) -> float:
        """Of the first channel."""
        return self.means[0]

    @property
    def std(self) -> float:
        """Of the first channel."""
        return self.stds[0]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read ``model.json``.

        Raises:
            ComponentError: It is missing, no JSON object, of another format, or lacks a key.
        """
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ComponentError("the model folder has no model.json", culprit=str(path)) from error
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise ComponentError(f"model.json is not valid JSON: {error}", culprit=str(path)) from error
        if not isinstance(raw, dict) or raw.get("format") != FORMAT:
            raise ComponentError(f"model.json is not of format {FORMAT}", culprit=str(path), hint="see docs/formats.md")
        if raw.get("kind", "image") != "image":
            raise ComponentError(
                f"the model answers about a {raw['kind']}, not about images",
                culprit=str(path),
                hint="a model of tables is asked by transform/predict-table",
            )
        try:
            return cls._parse(raw)
        except KeyError as error:
            raise ComponentError(f"model.json lacks {error.args[0]!r}", culprit=str(error.args[0])) from error

    @classmethod
    def _parse(cls, raw: Mapping[str, Any]) -> Self:
        steps = raw["preprocessing"]
        window = steps["window"]
        return cls(
            labels=tuple(raw["labels"]),
            positive=raw["positive"],
            threshold=float(raw.get("threshold", {"value": 0.5})["value"]),
            intensity=steps["intensity"],
            modality=steps.get("modality", ""),
            preprocessing=Preprocessing((float(window[0]), float(window[1])) if window else None, int(steps["size"])),
            means=tuple(map(float, steps["mean"])),
            stds=tuple(map(float, steps["std"])),
            synthetic=bool(raw.get("synthetic", False)),
        )

    def differences(self, images: ImagesMeta) -> list[str]:
        """Return in words how images differ from those the model was fitted on; empty when they are alike."""
        pairs = {"intensity": (self.intensity, str(images.intensity)), "modality": (self.modality, images.modality)}
        found = [
            f"the model was fitted on {fact} {mine or 'unknown'!r}, these images have {fact} {theirs or 'unknown'!r}"
            for fact, (mine, theirs) in pairs.items()
            if mine != theirs
        ]
        if self.synthetic and not images.synthetic:
            found.append("the model was fitted on synthetic images, these are not synthetic")
        return found


class Predictor:
    """A Model folder, ready to answer.

    Raises:
        ComponentError: ``model.onnx`` is missing or cannot be loaded, or its output does not fit the labels, or it
            was fitted with other labels or in another order.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self.facts = ModelFacts.read(folder / "model.json")
        self._session = open_session(folder / "model.onnx", threads)
        classes = self._session.get_outputs()[0].shape[-1]
        if classes != len(self.facts.labels):
            raise ComponentError(f"model.onnx answers {classes} classes, model.json names {len(self.facts.labels)}")
        refuse_other_labels(self._session, self.facts.labels)
        shape = (1, self.facts.channels, 1, 1)
        self._mean, self._std = (
            np.array(values, dtype=np.float32).reshape(shape) for values in (self.facts.means, self.facts.stds)
        )

    def logits(self, pixels: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return what the network says before the softmax, N x K.

        Args:
            pixels: N x channels x size x size in 0..1, float32.
        """
        normalised = pixels - self._mean
        normalised /= self._std
        answers: NDArray[np.float64] = self._session.run(["logits"], {"image": normalised})[0].astype(np.float64)
        return answers

    def log_odds(self, pixels: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the log-odds of the positive label, N: what its probability is the logistic function of.

        Args:
            pixels: As in ``logits``.
        """
        logits = self.logits(pixels)
        positive = self.facts.labels.index(self.facts.positive)
        others = np.delete(logits, positive, axis=1)
        best = others.max(axis=1)
        odds: NDArray[np.float64] = logits[:, positive] - best - np.log(np.exp(others - best[:, None]).sum(axis=1))
        return odds

    def probabilities(self, pixels: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probability of each label, N x K, rows summing to 1.

        Args:
            pixels: As in ``logits``.
        """
        logits = self.logits(pixels)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return shares
