"""robustness/out-of-distribution."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from assay import ComponentError, Evidence, Images, Model, Param, component, step
from assay.data.images import load_values, read_index, read_meta
from assay.library.evidencing import forest, own_method, pictured, subject, told, written
from assay.training.cases import Asker
from assay.training.features import FeatureReader
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import NotMeasured, Role
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch
from assay.trust.evidence.statement import Criterion, Estimate, Statement
from assay.trust.performance.intervals import METHOD
from assay.trust.robustness.outliers import Gaussian, OutlierScore, doubt, energy
from assay.trust.shortcuts.audit import score_found

_FEWEST = 20
_JUDGED = OutlierScore.MAHALANOBIS


@component(
    "robustness/out-of-distribution",
    version="1.0.0",
    tags=("trust", "robustness", "shift", "monitoring"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "pillow", "scipy", "onnx", "onnxruntime"),
    preload=("numpy", "pandas", "scipy.special", "PIL.Image", "onnx", "onnxruntime"),
)
def out_of_distribution(
    model: Model,
    images: Images,
    other: Images,
    train: Images | None = None,
    *,
    least: Annotated[float, Param(min=0.5, max=1.0, unit="AUROC")] = 0.8,
    most_images: Annotated[int, Param(min=4, unit="images")] = 400,
    draws: Annotated[int, Param(min=100, max=100_000, unit="samples")] = 1000,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Evidence:
    """Measure whether the model can tell images of another source from its own.

    Three scores, all from ONNX Runtime: energy of the logits, 1 - largest probability, and the Mahalanobis distance of what enters
    the last layer, fitted on the training images. Each one's AUROC says how well a monitor built on it would notice that
    the model is asked about images it was not made for.

    Args:
        model: The model.
        images: Images of the kind it was fitted on, of other patients.
        other: Images of a second source: another scanner, body region or modality; their labels do not matter.
        train: Images it was fitted on, for the Mahalanobis distance; without them it is not measured.
        least: Smallest AUROC of the Mahalanobis distance.
        most_images: More images than this a source are sampled.
        draws: Bootstrap samples of patients behind the intervals.
        seed: Of samples and bootstrap.

    Returns:
        evidence: Detection AUROC of every score, with intervals.
    """
    parameters = told(locals())
    watch = Stopwatch()
    asker = Asker(model.path, threads=step.threads)
    reader = FeatureReader(model.path, asker.facts.mean, asker.facts.std, threads=step.threads)
    own = asker.cases(images.path).sample(most_images, seed)
    foreign, patients = _foreign(asker, other, most_images, seed)
    known = reader.read(asker.pixels(own))
    strange = reader.read(foreign)
    scores: dict[OutlierScore, tuple[NDArray[np.float64], NDArray[np.float64]]] = {
        OutlierScore.ENERGY: (energy(known[0]), energy(strange[0])),
        OutlierScore.CONFIDENCE: (doubt(known[0]), doubt(strange[0])),
    }
    missing: list[NotMeasured] = []
    if train is None or known[1] is None or strange[1] is None:
        why = "no training images to fit it on" if train is None else "the network does not end in a linear layer"
        missing.append(NotMeasured("shift_detection.auroc", why, {"score": str(_JUDGED)}))
    else:
        learnt = asker.cases(train.path, what="training images").sample(most_images, seed)
        features = reader.read(asker.pixels(learnt))[1]
        classes = np.unique(learnt.index["label"], return_inverse=True)[1]
        fitted = Gaussian.fitted(np.asarray(features), classes)
        scores[_JUDGED] = (fitted.distance(known[1]), fitted.distance(strange[1]))
        watch.model_calls += len(learnt)
    watch.model_calls += len(own) + len(foreign)
    patient = np.concatenate([own.patient, patients + own.patients]).astype(np.intp)
    truth = np.r_[np.zeros(len(own), dtype=bool), np.ones(len(foreign), dtype=bool)]
    criterion = Criterion(least=least, fewest=_FEWEST)
    statements = []
    for name, pair in scores.items():
        found = score_found(truth, np.concatenate(pair), patient, 0.5, draws=draws, seed=seed)
        low, high = (found.interval.low, found.interval.high) if found.interval else (None, None)
        estimate = Estimate(found.auroc, low, high, n=found.units, rows=found.rows, method=METHOD)
        on = {"score": str(name)}
        statements.append(
            Statement.judged("shift_detection.auroc", estimate, criterion if name is _JUDGED else None, on=on)
        )
    chart = forest(
        "How well a second source is noticed", "AUROC", statements, synthetic=own.meta.synthetic, reference=0.5
    )
    return written(
        Result(
            title="Noticing images of another source",
            method=own_method(
                "robustness/out-of-distribution@1.0.0",
                f"energy, largest probability, Mahalanobis distance at {reader.layer or 'no layer'}",
                "Liu et al. 2020; Hendrycks and Gimpel 2017; Lee et al. 2018",
            ),
            subjects=[
                subject(Role.MODEL, model),
                subject(Role.DATA, images, "the model's own kind"),
                subject(Role.OTHER_DATA, other, "second source"),
                *([subject(Role.TRAINING_DATA, train)] if train else []),
            ],
            statements=statements,
            samples={
                "rows": len(own),
                "patients": own.patients,
                "other_rows": len(foreign),
                "other_patients": int(patients.max()) + 1,
            },
            parameters=parameters,
            labels=asker.facts.labels,
            positive=asker.facts.positive,
            seed=seed,
            synthetic=own.meta.synthetic,
            not_measured=missing,
            figures=[pictured("detection", chart, Block.SHIFT_DETECTION)],
            caveats=["How well a second source is told depends on how far it is: another source gives another figure."],
            cost=watch.cost(),
        )
    )


def _foreign(asker: Asker, other: Images, most: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return the second source as the network would be given it, and the number of each image's patient."""
    index, meta = read_index(other), read_meta(other)
    if not len(index):
        raise ComponentError("the second source has no images", culprit="other")
    rows = np.sort(np.random.default_rng(seed).permutation(len(index))[:most])
    files = index["file"].iloc[rows]
    pixels = np.stack([asker.prepared(load_values(other / file, meta), meta) for file in files])[:, None]
    asker.asked += len(pixels)
    return pixels, np.unique(index["patient"].iloc[rows], return_inverse=True)[1].astype(np.intp)
