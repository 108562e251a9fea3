"""robustness/membership-inference and robustness/out-of-distribution."""

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError, Images
from assay.library.robustness.membership_inference import membership_inference
from assay.library.robustness.out_of_distribution import out_of_distribution
from assay.trust.evidence.evidence import Role
from assay.trust.evidence.statement import State
from assay.trust.evidence.text import read_evidence

LABELS = ("healthy", "covid")


def numbers(found):
    """Return the numbers of the one figure of evidence."""
    (figure,) = found.figures
    assert figure.svg.startswith("<svg")
    return [(p["label"], p["value"], p["low"], p["high"]) for p in figure.specification["data"]["values"]]


def test_a_model_that_knows_its_patients_by_heart_gives_them_away(toy_images, linear_model):
    """The members carry a bright spot that raises the probability of their own label: as memorising does."""
    train, other = Images(toy_images("a", range(40), slices=1)), Images(toy_images("b", range(100, 140), slices=1))
    honest = linear_model(np.full((32, 32), 0.1), -40, labels=LABELS)
    found = read_evidence(membership_inference(honest, train, other, draws=200))
    assert [dict(statement.on) for statement in found.statements] == [{}, {"label": "healthy"}, {"label": "covid"}]
    assert found.statements[0].state is State.INSUFFICIENT
    assert found.statements[0].estimate.low < 0.1
    assert numbers(found) == [(s.subject, s.estimate.value, s.estimate.low, s.estimate.high) for s in found.statements]
    assert [subject.role for subject in found.subjects] == [Role.MODEL, Role.DATA, Role.TRAINING_DATA]
    brighter = Images(toy_images("c", range(200, 240), slices=1, contrast=1500.0))
    sure = read_evidence(membership_inference(honest, brighter, other, draws=200))
    ill = next(s for s in sure.statements if s.on == {"label": "covid"})
    assert ill.estimate.low > 0.2


def test_a_patient_on_both_sides_is_refused(toy_images, linear_model):
    model = linear_model(np.full((32, 32), 0.1), -40, labels=LABELS)
    train, other = Images(toy_images("a", range(10))), Images(toy_images("b", range(8, 20)))
    with pytest.raises(ComponentError, match="2 patients are among the training images and among the others") as error:
        membership_inference(model, train, other)
    assert error.value.culprit == "p8"


def test_images_of_another_kind_are_noticed(toy_images, linear_model):
    model = linear_model(np.full((32, 32), 0.1), -40, labels=LABELS)
    own, train = Images(toy_images("own", range(30))), Images(toy_images("train", range(50, 90)))
    strange = Images(toy_images("strange", range(100, 130), contrast=0.0))
    table = pd.read_csv(strange / "index.csv", dtype=str).assign(label="shoulder")
    table.to_csv(strange / "index.csv", index=False)
    found = read_evidence(out_of_distribution(model, own, strange, train, draws=200))
    scores = {statement.on["score"]: statement for statement in found.statements}
    assert set(scores) == {"energy", "1 - largest probability", "Mahalanobis distance of features"}
    assert [name for name, each in scores.items() if each.state is not None] == ["Mahalanobis distance of features"]
    assert numbers(found) == [(s.subject, s.estimate.value, s.estimate.low, s.estimate.high) for s in found.statements]
    assert found.samples == {"rows": 60, "patients": 30, "other_rows": 60, "other_patients": 30}
    assert "flat" in found.method.name
    without = read_evidence(out_of_distribution(model, own, strange, draws=200))
    assert [reason.why for reason in without.not_measured] == ["no training images to fit it on"]
    table.head(0).to_csv(strange / "index.csv", index=False)
    with pytest.raises(ComponentError, match="the second source has no images"):
        out_of_distribution(model, own, strange)
