"""robustness/membership-inference."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from assay import Evidence, Images, Model, Param, component, step
from assay.library.evidencing import forest, own_method, pictured, subject, told, written
from assay.library.robustness.members import CAVEATS, REFERENCE, Side, advantages, areas, refuse_shared, statements
from assay.training.cases import Asker, Cases
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import Role
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch


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
    trained = asker.cases(train.path, what="training images").sample(most_images, seed)
    others = asker.cases(images.path).sample(most_images, seed)
    refuse_shared(
        trained.index["patient"].tolist(), others.index["patient"].tolist(), "images", "evaluate/find-leakage"
    )
    sides = [_side(asker, cases) for cases in (trained, others)]
    watch.model_calls = len(trained) + len(others)
    found = advantages(sides[0], sides[1], asker.facts.labels, draws, seed)
    stated = statements(found, most)
    chart = forest(
        "What membership inference gains", "advantage", stated, synthetic=others.meta.synthetic, reference=0.0
    )
    return written(
        Result(
            title="Membership inference",
            method=own_method(
                "robustness/membership-inference@1.0.0", "threshold on the true label's probability", REFERENCE
            ),
            subjects=[
                subject(Role.MODEL, model),
                subject(Role.DATA, images, "other images"),
                subject(Role.TRAINING_DATA, train),
            ],
            statements=stated,
            samples={
                "training_patients": trained.patients,
                "training_rows": len(trained),
                "patients": others.patients,
                "rows": len(others),
            },
            parameters=parameters,
            labels=asker.facts.labels,
            positive=asker.facts.positive,
            seed=seed,
            synthetic=others.meta.synthetic,
            tables=[areas(found)],
            figures=[pictured("advantage", chart, Block.PRIVACY)],
            caveats=CAVEATS,
            cost=watch.cost(),
        )
    )


def _side(asker: Asker, cases: Cases) -> Side:
    """Return how sure the model is of each image's own label."""
    pixels = asker.pixels(cases)
    shares = np.concatenate([asker.predictor.probabilities(pixels[at : at + 64]) for at in range(0, len(pixels), 64)])
    return Side.of(shares, asker.facts.labels, cases.index["label"].to_numpy(dtype=str), cases.patient)
