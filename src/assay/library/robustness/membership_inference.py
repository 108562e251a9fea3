"""robustness/membership-inference."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from assay import ComponentError, Evidence, Images, Model, Param, component, step
from assay.library.evidencing import forest, own_method, pictured, subject, told, written
from assay.training.cases import Asker, Cases
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import Role, Table
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch
from assay.trust.evidence.statement import Criterion, Estimate, Statement
from assay.trust.robustness.membership import METHOD, Advantage, advantage

_FEWEST = 20
_CAVEATS = (
    "One simple attacker, who knows the model's probability of the true label: a stronger one may learn more, so this is a lower bound.",
    "Where training and other images differ in kind, the attacker may tell the kind and not the membership.",
)


@component(
    "robustness/membership-inference",
    version="1.0.0",
    tags=("trust", "privacy", "membership"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "pillow", "scipy", "onnxruntime"),
    preload=("numpy", "pandas", "scipy.special", "PIL.Image", "onnxruntime"),
)
def membership_inference(
    model: Model,
    train: Images,
    images: Images,
    *,
    most: Annotated[float, Param(min=0.0, max=1.0)] = 0.15,
    most_images: Annotated[int, Param(min=4, unit="images")] = 400,
    draws: Annotated[int, Param(min=100, max=100_000, unit="samples")] = 1000,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Evidence:
    """Measure whether the model gives away who was in its training data.

    An attacker guesses that a case was trained on when the model is sure enough of its true label; the advantage is the share of
    training cases found less the share of other cases accused, 0 for a coin. The threshold is chosen on other patients than
    it is judged on, and the interval counts patients. Runs on ONNX Runtime alone.

    Args:
        model: The model.
        train: Images that it was fitted on.
        images: Images of other patients, of the same kind.
        most: Largest advantage.
        most_images: More images than this on a side are sampled, patient by patient.
        draws: Bootstrap samples of patients behind the interval.
        seed: Of halves, samples and bootstrap.

    Returns:
        evidence: Advantage of everybody and by label, with intervals.
    """
    parameters = told(locals())
    watch = Stopwatch()
    asker = Asker(model.path, threads=step.threads)
    members = asker.cases(train.path, what="training images").sample(most_images, seed)
    others = asker.cases(images.path).sample(most_images, seed)
    shared = set(members.index["patient"]) & set(others.index["patient"])
    if shared:
        raise ComponentError(
            f"{len(shared)} patients are among the training images and among the others",
            culprit=min(shared),
            hint="split by patient; evaluate/find-leakage lists all of them",
        )
    sides = [(cases, _sureness(asker, cases)) for cases in (members, others)]
    watch.model_calls = len(members) + len(others)
    found = {"": _advantage(sides, None, draws, seed)}
    for label in asker.facts.labels:
        if all((cases.index["label"] == label).any() for cases, _ in sides):
            found[label] = _advantage(sides, label, draws, seed)
    criterion = Criterion(most=most, fewest=_FEWEST)
    statements = [_statement(label, each, None if label else criterion) for label, each in found.items()]
    synthetic = others.meta.synthetic
    chart = forest("What membership inference gains", "advantage", statements, synthetic=synthetic, reference=0.0)
    return written(
        Result(
            title="Membership inference",
            method=own_method(
                "robustness/membership-inference@1.0.0", "threshold on the true label's probability", "Yeom et al. 2018"
            ),
            subjects=[
                subject(Role.MODEL, model),
                subject(Role.DATA, images, "other images"),
                subject(Role.TRAINING_DATA, train),
            ],
            statements=statements,
            samples={
                "training_patients": members.patients,
                "training_rows": len(members),
                "patients": others.patients,
                "rows": len(others),
            },
            parameters=parameters,
            labels=asker.facts.labels,
            positive=asker.facts.positive,
            seed=seed,
            synthetic=synthetic,
            tables=[_areas(found)],
            figures=[pictured("advantage", chart, Block.PRIVACY)],
            caveats=_CAVEATS,
            cost=watch.cost(),
        )
    )


def _sureness(asker: Asker, cases: Cases) -> NDArray[np.float64]:
    """Return the probability of each image's own label, shape (rows,)."""
    pixels = asker.pixels(cases)
    column = [asker.facts.labels.index(label) for label in cases.index["label"]]
    shares = np.concatenate([asker.predictor.probabilities(pixels[at : at + 64]) for at in range(0, len(pixels), 64)])
    sure: NDArray[np.float64] = shares[np.arange(len(column)), column]
    return sure


def _advantage(sides: list[tuple[Cases, NDArray[np.float64]]], label: str | None, draws: int, seed: int) -> Advantage:
    parts = []
    for cases, sure in sides:
        rows = (
            np.ones(len(cases), dtype=bool) if label is None else (cases.index["label"] == label).to_numpy(dtype=bool)
        )
        parts.append((sure[rows], np.unique(cases.patient[rows], return_inverse=True)[1].astype(np.intp)))
    (members, member_patient), (others, other_patient) = parts
    return advantage(members, others, member_patient, other_patient, draws=draws, seed=seed)


def _statement(label: str, found: Advantage, criterion: Criterion | None) -> Statement:
    low, high = (found.interval.low, found.interval.high) if found.interval else (None, None)
    estimate = Estimate(found.value, low, high, n=found.units, rows=found.rows, method=METHOD)
    return Statement.judged("privacy.membership_advantage", estimate, criterion, on={"label": label} if label else {})


def _areas(found: dict[str, Advantage]) -> Table:
    rows: list[list[str | float]] = [[label or "everybody", each.auroc, each.rows] for label, each in found.items()]
    return Table("attacker", "AUROC of the attacker's score", ("cases", "auroc", "rows"), rows)
