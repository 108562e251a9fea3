"""Fairlearn's exponentiated gradient on what a network's last layer reads, written back into the network's file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assay import ComponentError, Images, Model, step
from assay.data.weighing import SAMPLE_WEIGHT
from assay.library.fairness.mixing import Demand, Mixture, mixed, refuse_groups
from assay.training.embedding import Embedder
from assay.training.examined import Examined
from assay.training.new_head import replace_head
from assay.training.predictor import Predictor
from assay.trust.fairness.people import groupings
from assay.trust.performance.ranking import auroc
from assay.trust.performance.thresholds import Rule, threshold_by
from assay.trust.robustness import typical

_AT_ONCE = 256
_CHECKED = 64
_LARGEST_DIFFERENCE = 1e-4


@dataclass(frozen=True, slots=True)
class Head:
    """A mixture over features as the network gives them, with what it was fitted on.

    Attributes:
        mixture: Takes raw features.
        held: Validation images.
        features: Of these, shape (images, features).
        facts: For model.json.
    """

    mixture: Mixture
    held: Examined
    features: NDArray[np.float64]
    facts: dict[str, Any]

    @classmethod
    def fitted(
        cls, model: Model, train: Images, validation: Images, by: str, cuts: Sequence[float], demand: Demand
    ) -> Self:
        """Fit under a constraint.

        Raises:
            ComponentError: Three labels, weighed images, a patient in both parts, fewer than two groups, a group of one class only,
                a column that is not there, a network that does not end in a linear layer.
        """
        embedder = Embedder(model.path, threads=step.threads)
        if len(embedder.facts.labels) != 2:
            raise ComponentError(
                f"the model has {len(embedder.facts.labels)} labels, and the constraint is about two",
                culprit=str(embedder.facts.labels[0]),
            )
        known, held = (
            Examined.read(part.path, embedder.facts, what=f"{what} images")
            for part, what in ((train, "training"), (validation, "validation"))
        )
        cells = _refused(known, held)
        (part,) = groupings(cells, [by], cuts)
        for note in part.notes:
            print(f"warning: {note}")
        refuse_groups(part.names, part.code, known.truth, by)
        in_group = np.flatnonzero(part.code >= 0)
        features = _features(embedder, known, in_group)
        centre, spread = features.mean(axis=0), features.std(axis=0)
        # A feature that is the same for every image says nothing, and is not divided by 0.
        spread = np.where(spread > 1e-9, spread, 1.0)
        scaled, rounds = mixed(
            (features - centre) / spread,
            known.truth[in_group],
            np.array(part.names)[part.code[in_group]],
            demand,
        )
        slopes = scaled.slopes / spread
        mixture = Mixture(slopes, scaled.offsets - slopes @ centre, scaled.shares)
        seen = _features(embedder, held, np.arange(len(held.rows)))
        facts = mixture.facts(seen, rounds) | {
            "groups": list(part.names),
            "images": {"train": len(in_group), "validation": len(held.rows)},
            "features": features.shape[1],
        }
        right = float(((mixture.score(features) >= 0.5) == known.truth[in_group]).mean())
        if right > 0.99:
            print(
                f"warning: {right:.1%} of the training images are answered rightly: features that separate them leave a "
                "constraint nothing to do; give images that the network was not fitted on"
            )
        return cls(mixture, held, seen, facts | {"training_accuracy": right})

    def write(self, source: Model, target: Model, rule: Rule, sensitivity: float, training: dict[str, Any]) -> None:
        """Write the Model folder, its threshold chosen on validation images, and hold the file to what was fitted.

        Raises:
            ComponentError: The file answers otherwise than the mixture.
        """
        score, truth = self.mixture.score(self.features), self.held.truth
        cut = threshold_by(rule, truth, score, sensitivity)
        raw = json.loads((source.path / "model.json").read_text(encoding="utf-8"))
        target.path.mkdir(parents=True, exist_ok=True)
        replace_head(
            source.path / "model.onnx",
            target.path / "model.onnx",
            self.mixture.slopes,
            self.mixture.offsets,
            self.mixture.shares,
            positive=self.held.facts.labels.index(self.held.facts.positive),
        )
        if (source.path / typical.FILE).exists():  # the pictures that it takes are still the same
            shutil.copy(source.path / typical.FILE, target.path)
        facts = raw | {
            "threshold": {"value": cut, "rule": rule, "chosen_on": "validation"},
            "training": training | self.facts | {"versions": _versions(), "network_was": raw.get("training", {})},
        }
        facts.pop("onnx", None)
        (target.path / "model.json").write_text(
            json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
        )
        worst = self._worst(Predictor(target.path, threads=step.threads))
        area = auroc(truth, score)
        step.log_metric("validation_auroc", area)
        print(f"validation AUROC {area:.4f}; threshold {cut:.4g} ({rule}); ONNX differs by at most {worst:.2g}")

    def _worst(self, written: Predictor) -> float:
        """Return the largest difference of a probability between the file and the mixture."""
        rows = np.arange(min(_CHECKED, len(self.held.rows)))
        positive = written.facts.labels.index(written.facts.positive)
        said = written.probabilities(self.held.pictures(rows)[:, None])[:, positive]
        worst = float(np.abs(said - self.mixture.score(self.features[rows])).max())
        if not worst <= _LARGEST_DIFFERENCE:
            raise ComponentError(
                f"the written model differs from the fitted one by {worst:g} in a probability", culprit="model.onnx"
            )
        return worst


def _refused(known: Examined, held: Examined) -> pd.DataFrame:
    """Return the cells of the training images; see ``Head.fitted`` for what is refused."""
    cells = pd.DataFrame(known.rows).fillna("")
    if SAMPLE_WEIGHT in cells and len(set(cells[SAMPLE_WEIGHT])) > 1:
        raise ComponentError(
            "the training images are weighed already, and the fit chooses weights of its own",
            culprit=SAMPLE_WEIGHT,
            hint="take the column out, or fit by train/image-classifier after fairness/reweighing",
        )
    if both := sorted({row["patient"] for row in known.rows} & {row["patient"] for row in held.rows}):
        raise ComponentError(
            f"{len(both)} patients are in training and validation",
            culprit=both[0],
            hint="split by patient: transform/split-by-patient",
        )
    if held.truth.all() or not held.truth.any():
        raise ComponentError(
            "the validation images have one class only: no threshold can be chosen on them",
            culprit=held.rows[0]["label"],
        )
    return cells


def _features(embedder: Embedder, examined: Examined, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    parts = []
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        parts.append(embedder.features(examined.pictures(some)[:, None]))
        step.progress(start + len(some), len(rows), "images looked at")
    return np.concatenate(parts)


def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in ("fairlearn", "scikit-learn", "onnx", "numpy")}
