"""A bundle that answers: loaded after it was verified, and asked its own example before anybody else asks it anything."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.bundle.example import ANSWER, REQUEST
from assay.bundle.layout import Part
from assay.bundle.verifying import Examined
from assay.errors import ComponentError
from assay.serving.cohorts import Cohorts
from assay.serving.decoding import Pixels
from assay.serving.faults import RequestFault
from assay.serving.patients import Patient
from assay.training.predictor import Predictor
from assay.trust.explain.asking import Asked, Pictures
from assay.trust.explain.backgrounds import Backgrounds, Fill
from assay.trust.explain.faithfulness import faithfulness, turns
from assay.trust.explain.occlusion import occlude
from assay.trust.explain.picturing import overlay, png
from assay.trust.gate.words import override_line, warnings
from assay.trust.robustness.typical import Typical

_WINDOWS = 8
"""Windows along an edge of the picture; each reaches half into the next."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says of one picture.

    Attributes:
        label: The positive label when its probability reaches the threshold, else the most probable other one.
        score: Probability of the positive label.
        probabilities: One a label.
        unlike: How far the picture is from those of the training, in units of the bound: above 1 it is unlike them. ``None`` when the
            bundle holds no statistics of them.
    """

    label: str
    score: float
    probabilities: dict[str, float]
    unlike: float | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the model says it, as far as occlusion tells.

    Attributes:
        heat: size x size: log-odds that go when the surroundings of a pixel are covered.
        picture: The picture with heat over it, PNG.
        deletion: Mean probability while the hottest pixels go, 0..1: low is faithful.
        insertion: Mean probability while the hottest pixels come, 0..1: high is faithful.
        asked: Pictures that the model was asked about for it.
    """

    heat: NDArray[np.float64]
    picture: bytes
    deletion: float
    insertion: float
    asked: int


class ServedModel:
    """A verified bundle in a folder, ready to answer from any number of threads.

    Args:
        folder: The bundle.
        found: What verifying it gave.
        threads: Of ONNX Runtime, for one request.

    Attributes:
        seconds: That an answer about one picture takes on this computer, as the example showed.

    Raises:
        ComponentError: The model cannot be loaded, or does not answer its own example as it should.
    """

    def __init__(self, folder: Path, found: Examined, *, threads: int = 1) -> None:
        self.bundle = found
        self._predictor = Predictor(folder / Part.MODEL, threads=threads)
        self.facts = self._predictor.facts
        self.typical = Typical.read(folder / Part.MODEL, self.facts.preprocessing.size)
        self.cohorts = Cohorts.read(folder / Part.EVIDENCE)
        self._folder = folder
        self._one_explanation = threading.Semaphore(1)  # each asks hundreds of times: the next one waits
        self._check_example()

    @property
    def name(self) -> str:
        """Name of the bundle."""
        return self.bundle.manifest.name

    @property
    def version(self) -> str:
        """Version of the bundle."""
        return self.bundle.manifest.version

    @property
    def cautions(self) -> list[str]:
        """What must stand beside every answer: an override, a development key, synthetic data."""
        admission = self.bundle.admission
        told = [] if admission.override is None else [override_line(admission.override)]
        return [*told, *warnings(admission.verdict)]

    @property
    def evidence(self) -> list[dict[str, str]]:
        """Name and digest of every evidence file that the verdict rests on."""
        return [{"name": one.name, "sha256": one.digest} for one in self.bundle.admission.verdict.evidence]

    def answers(self, pixels: Pixels) -> list[Answer]:
        """Return what the model says of each picture."""
        shares = self._predictor.probabilities(pixels)
        labels, positive = self.facts.labels, self.facts.labels.index(self.facts.positive)
        ratios = [None] * len(shares) if self.typical is None else self.typical.ratios(pixels).tolist()
        found = []
        for row, unlike in zip(shares, ratios, strict=True):
            others = [
                (float(share), label) for label, share in zip(labels, row, strict=True) if label != self.facts.positive
            ]
            called = self.facts.positive if row[positive] >= self.facts.threshold else max(others)[1]
            found.append(Answer(called, float(row[positive]), dict(zip(labels, map(float, row), strict=True)), unlike))
        return found

    def remarks(self, answers: Sequence[Answer], patients: Sequence[Patient]) -> list[str]:
        """Return what speaks against believing these answers: pictures of another kind, patients whom the evidence does not cover."""
        found: dict[str, None] = {}
        for number, (answer, patient) in enumerate(zip(answers, patients, strict=True), start=1):
            told = list(self.cohorts.warnings(patient))
            if self.typical is not None and answer.unlike is not None and answer.unlike > 1:
                told.insert(0, _unlike(answer.unlike, self.typical))
            place = f"picture {number}: " if len(answers) > 1 else ""
            found |= dict.fromkeys(f"{place}{one}" for one in told)
        return list(found)

    def explain(self, pixels: Pixels) -> list[Explanation]:
        """Return an explanation of each picture by occlusion, with deletion and insertion of this very heatmap.

        Raises:
            RequestFault: The model takes colours: what a covered place of one looks like is not known.
        """
        if self.facts.channels != 1:
            raise RequestFault("only models of grey pictures are explained", culprit="image")
        with self._one_explanation:
            return [self._explain(one[0]) for one in pixels]

    def _explain(self, picture: Pictures) -> Explanation:
        asked = Asked(lambda pictures: self._predictor.log_odds(pictures[:, None]))
        window = max(2, picture.shape[0] // _WINDOWS)
        grounds = Backgrounds(np.empty((0, *picture.shape), dtype=np.float32))
        fills = grounds.fills(picture[None], Fill.MEAN)[0]
        heat = occlude(asked, picture, fills, window=window, stride=max(1, window // 2))
        faithful = faithfulness(asked, picture, fills[0], turns(heat, np.random.default_rng(0)))
        shown = png(overlay(picture, heat))
        return Explanation(heat, shown, faithful.deletion, faithful.insertion, asked.count)

    def _timed(self, pixels: Pixels) -> float:
        began = time.perf_counter()
        self.answers(pixels)
        return time.perf_counter() - began

    def _check_example(self) -> None:
        """Ask the model what it was asked when its bundle was made."""
        example = self._folder / Part.EXAMPLE
        request, wanted = (json.loads((example / name).read_text(encoding="utf-8")) for name in (REQUEST, ANSWER))
        tensor = request["inputs"][0]
        pixels = np.asarray(tensor["data"], dtype=np.float32).reshape(tensor["shape"])
        got = self._predictor.probabilities(pixels)[0]
        self.seconds = min(self._timed(pixels) for _ in range(3))
        if not np.allclose(got, wanted["probabilities"], atol=wanted["tolerance"]):
            told = ", ".join(f"{share:.4f}" for share in got)
            expected = ", ".join(f"{share:.4f}" for share in wanted["probabilities"])
            raise ComponentError(
                f"the model answers its own example with {told} in place of {expected}",
                culprit="model.onnx",
                hint="this computer or its ONNX Runtime calculates otherwise: do not use it for patients",
            )


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as JSON."""
    told: dict[str, Any] = {"label": answer.label, "score": answer.score, "probabilities": answer.probabilities}
    return told if answer.unlike is None else told | {"out_of_distribution": round(answer.unlike, 4)}


def _unlike(ratio: float, typical: Typical) -> str:
    return (
        f"out of distribution: the picture is unlike those the model was fitted on, {ratio:.3g} times as far from them as the bound within "
        f"which {typical.quantile:.0%} of {typical.held_out} held-out pictures lie"
    )
