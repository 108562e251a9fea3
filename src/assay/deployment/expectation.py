"""What a deployed bundle has to answer: what the same bundle answers here, to the example that it carries."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.bundle.example import ANSWER, REQUEST, TOLERANCE
from assay.bundle.layout import Part
from assay.bundle.shelf import copy_files
from assay.bundle.source import Source
from assay.deployment.candidate import Candidate
from assay.deployment.settings import Form

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEAT_TOLERANCE = 0.01
"""Of the largest value of a heatmap: what another processor may calculate otherwise, hundreds of answers summed."""

_LOGIT_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Expectation:
    """Questions, and what has to come back.

    Attributes:
        model: Name of the model at the predictor; empty: the service's.
        digest: Of the bundle that has to say that it answers; empty for a runtime that knows no bundles.
        question: Body of an inference request, version 2.
        output: Name of the output that is compared.
        values: What it has to hold.
        tolerance: By which it may differ.
        old: Body of an explanation request, version 1: the only one that KServe leads to an explainer of its own.
        heat: Values of the heatmap; empty where nothing explains.
    """

    model: str
    digest: str
    question: dict[str, Any]
    output: str
    values: Sequence[float]
    tolerance: float
    old: dict[str, Any]
    heat: Sequence[float]

    def wrong_values(self, got: Sequence[float]) -> str:
        """Return in words how an answer differs; empty when it does not."""
        if _near(got, self.values, self.tolerance):
            return ""
        return f"it answers its own example with {_told(got)} in place of {_told(self.values)}"

    def wrong_heat(self, got: Sequence[float]) -> str:
        """Return in words how an explanation differs; empty when it does not."""
        largest = max(map(abs, self.heat))
        if _near(got, self.heat, _HEAT_TOLERANCE * largest + TOLERANCE):
            return ""
        return "it explains its own example by another heatmap than here"


def expectation(source: Source, candidate: Candidate, form: Form) -> Expectation:
    """Ask the bundle here; return what it has to answer there.

    Args:
        source: Where it lies; it is copied to a temporary folder, each file held against its digest again.
        candidate: What verifying it gave.
        form: What will answer.

    Raises:
        ComponentError: It does not answer its own example here as it did where it was made.
        Rejected: It was exchanged meanwhile.
    """
    with tempfile.TemporaryDirectory(prefix="assay-deploy-") as place:
        folder = Path(place)
        copy_files(source, candidate.found, folder)
        example = folder / Part.EXAMPLE
        question, answer = (json.loads((example / name).read_text(encoding="utf-8")) for name in (REQUEST, ANSWER))
        if form is Form.ASSAY:
            return _ours(folder, candidate, question, answer)
        if candidate.kind == "table":  # the network itself answers with probabilities, to rows as they are encoded
            return Expectation("", "", question, "probabilities", answer["probabilities"], answer["tolerance"], {}, ())
        return _plain(folder, question)


def _ours(folder: Path, candidate: Candidate, question: dict[str, Any], answer: dict[str, Any]) -> Expectation:
    from assay.serving.model import ServedModel  # arrays and the runtime: only for a deployment that is asked

    pixels = _pixels(question)
    (found,) = ServedModel(folder, candidate.found).explain(pixels)
    return Expectation(
        model=candidate.manifest.name,
        digest=candidate.found.digest,
        question=question,
        output="probabilities",
        values=answer["probabilities"],
        tolerance=answer["tolerance"],
        old={"instances": pixels[:, 0].tolist()},
        heat=found.heat.ravel().tolist(),
    )


def _plain(folder: Path, question: dict[str, Any]) -> Expectation:
    """Return what the network itself has to answer to pixels that were normalised here: a plain runtime knows no preprocessing."""
    import numpy as np

    from assay.training.predictor import Predictor

    predictor = Predictor(folder / Part.MODEL)
    pixels = _pixels(question)
    normalised = (pixels - np.float32(predictor.facts.mean)) / np.float32(predictor.facts.std)
    tensor = question["inputs"][0] | {"data": normalised.ravel().tolist()}
    values = predictor.logits(pixels).ravel().tolist()
    return Expectation("", "", question | {"inputs": [tensor]}, "logits", values, _LOGIT_TOLERANCE, {}, ())


def _pixels(question: dict[str, Any]) -> NDArray[Any]:
    import numpy as np

    tensor = question["inputs"][0]
    return np.asarray(tensor["data"], dtype=np.float32).reshape(tensor["shape"])


def _near(got: Sequence[float], wanted: Sequence[float], tolerance: float) -> bool:
    return len(got) == len(wanted) and all(abs(a - b) <= tolerance for a, b in zip(got, wanted, strict=True))


def _told(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.4f}" for value in values)
