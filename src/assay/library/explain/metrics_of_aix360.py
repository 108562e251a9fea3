"""Given maps measured by the two metrics of AI Explainability 360, beside controls that know nothing of the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from aix360.metrics import faithfulness_metric, monotonicity_metric
from numpy.typing import NDArray

from assay import ComponentError, Folder, Images, Model, step
from assay.library.explain.asked_model import AskedModel
from assay.library.explain.explaining import references
from assay.training.examined import Examined
from assay.trust.evidence.evidence import NotMeasured, Table
from assay.trust.evidence.statement import State, Statement
from assay.trust.explain.asking import Ask, Pictures, probability
from assay.trust.explain.backgrounds import Backgrounds, Fill
from assay.trust.explain.controls import Control, control_heat
from assay.trust.explain.drawing_lots import Outcome
from assay.trust.explain.findings import Limits, Measured, findings, overview
from assay.trust.explain.heatmaps import Heatmaps, read_heatmaps
from assay.trust.explain.judging import Figures
from assay.trust.explain.localisation import is_constant
from assay.trust.explain.superpixels import answered, grid

_PARTS_ALONG = 8


@dataclass(frozen=True, slots=True)
class Given:
    """Maps of true positives, and what they are of.

    Attributes:
        heat: Shape (maps, height, width).
        pictures: As the model sees them, the same shape.
        patient: Of each map.
        fills: What hidden parts show, each of the same shape.
        parts: Part of each pixel, shape (height, width).
    """

    asked: AskedModel
    examined: Examined
    maps: Heatmaps
    heat: NDArray[np.float64]
    pictures: Pictures
    patient: NDArray[np.intp]
    fills: dict[Fill, Pictures]
    parts: NDArray[np.intp]

    @classmethod
    def read(
        cls,
        model: Model,
        images: Images,
        heatmaps: Folder,
        reference: Images | None,
        *,
        most: int,
        cell: int | None,
        seed: int,
    ) -> Self:
        """Read the maps of the first ``most`` true positives; they were drawn by lot when they were made.

        Raises:
            ComponentError: The maps are of another model, or of other images.
        """
        maps = read_heatmaps(heatmaps.path)
        for role, artifact in (("model", model), ("images", images)):
            if maps.facts.get(role) != step.digest(artifact):
                raise ComponentError(
                    f"the heat maps are of another {role} than that which is connected"
                    if role == "model"
                    else "the heat maps are of other images than those which are connected",
                    culprit=role,
                    hint="connect the model and the images that the maps were made with",
                )
        asked = AskedModel(model.path, step.threads)
        examined = Examined.read(images.path, asked.facts, what="images")
        place = {row["file"]: number for number, row in enumerate(examined.rows)}
        hits = [number for number, row in enumerate(maps.rows) if row["outcome"] == Outcome.TRUE_POSITIVE][:most]
        rows = np.array([place[maps.rows[number]["file"]] for number in hits], dtype=np.intp)
        pictures, backgrounds = examined.pictures(rows), Backgrounds(references(reference, asked, seed))
        fills = {fill: backgrounds.fills(pictures, fill)[:, 0] for fill in backgrounds.judging} if hits else {}
        size = asked.facts.preprocessing.size
        parts = grid((size, size), cell or max(2, size // _PARTS_ALONG))
        heat = maps.heat[hits].astype(np.float64)
        return cls(asked, examined, maps, heat, pictures, examined.patient[rows], fills, parts)

    @property
    def name(self) -> str:
        """What the maps are called."""
        return str(self.maps.facts.get("title") or self.maps.facts.get("method") or "given maps")

    @property
    def samples(self) -> dict[str, int]:
        """Counts for the evidence."""
        return {
            "maps": len(self.maps.rows),
            "measured_images": len(self.heat),
            "measured_patients": len(np.unique(self.patient)),
            "parts": int(self.parts.max()) + 1,
        }


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of the maps."""

    method: Measured
    statements: Sequence[Statement]
    not_measured: Sequence[NotMeasured]
    tables: Sequence[Table]
    caveats: Sequence[str]


def judged(given: Given, least_gain: float, seed: int) -> Judged:
    """Measure the maps and the controls."""
    if not len(given.heat):
        why = "none of the maps is of a true positive"
        missing = [NotMeasured(f"explanation.{metric}", why) for metric in ("faithfulness", "monotonicity")]
        return Judged(Measured(given.name, {}), [], missing, [], [])
    constant = sum(is_constant(one) for one in given.heat)
    method = Measured(given.name, _figures(given, given.heat), constant=constant)
    controls = []
    for done, control in enumerate(Control, start=1):
        heat = control_heat(given.pictures, control, np.random.default_rng(seed))
        controls.append(Measured(str(control), _figures(given, heat)))
        step.progress(done, len(Control), "controls")
    blank = {str(fill): float(probability(given.asked.ask(shown)).mean()) for fill, shown in given.fills.items()}
    threshold = given.asked.facts.threshold
    found = findings(method, controls, given.patient, blank, threshold, Limits(gain=least_gain))
    state, reason = found.state(method.name)
    if state is State.FAIL:
        print(f"FAILS ITS CONTROLS: {method.name}: {reason}")
    caveats = ["Both metrics hide parts of a picture: what a fill shows there is a choice, so they are taken with two."]
    if constant:
        caveats.append(
            f"{constant} of {len(given.heat)} maps are the same everywhere: no correlation is defined there."
        )
    return Judged(method, found.statements, found.not_measured, [overview([method, *controls])], caveats)


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A model as the metrics ask it: a row says of each part whether it is shown.

    It answers with one column, so that the class that the metrics take for the predicted one is always the positive label.
    """

    ask: Ask
    picture: Pictures
    fill: Pictures
    parts: NDArray[np.intp]

    def predict_proba(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of the positive label, shape (rows, 1)."""
        answers = answered(self.ask, self.picture, self.fill[None], self.parts, rows > 0.5)
        return probability(answers)[:, None]


def _figures(given: Given, heat: NDArray[np.float64]) -> Figures:
    """Return both metrics by fill, one figure a map: NaN where no correlation is defined."""
    count = int(given.parts.max()) + 1
    weights = np.stack([np.bincount(given.parts.ravel(), weights=one.ravel(), minlength=count) for one in heat])
    whole, nothing = np.ones(count), np.zeros(count)
    found: dict[tuple[str, str], NDArray[np.float64]] = {}
    for fill, shown in given.fills.items():
        faithful, monotone = np.empty(len(heat)), np.empty(len(heat))
        for row, weight in enumerate(weights):
            model = _Hidden(given.asked.ask, given.pictures[row], shown[row], given.parts)
            with np.errstate(invalid="ignore", divide="ignore"):  # no correlation with what is the same everywhere
                faithful[row] = faithfulness_metric(model, whole, weight, nothing)
            monotone[row] = monotonicity_metric(model, whole, weight, nothing)
        found["faithfulness", str(fill)], found["monotonicity", str(fill)] = faithful, monotone
    return found
