"""The door of a site: what it lets out, and that it holds back all else."""

import numpy as np
import pytest

from assay.errors import ComponentError
from assay.training.federated.allowed import refuse_other
from assay.training.federated.asking import Answer, Asked, Question
from assay.training.federated.judged import BINS

CAME = {"head.weight": np.zeros((2, 3), dtype=np.float32)}
COUNTS = (1,) + (0,) * (BINS - 1)
JUDGED = {"loss": 1.5, "weight": 3.0, "positives": COUNTS, "negatives": COUNTS}
TRAINED = {"images": 40, "training_loss": 0.5, **JUDGED}
PART = {"images": {"covid": 4}, "patients": {"covid": 2}, "sha256": "a" * 64}
DESCRIBED = {
    "labels": ["healthy", "covid"],
    "positive": "covid",
    "intensity": "hounsfield",
    "modality": "CT",
    "height": 32,
    "width": 32,
    "spacing": 0.0,
    "mean": 0.5,
    "std": 0.2,
    "train": PART,
    "validation": PART,
    "synthetic": True,
}


def question(asked):
    return Question(asked, CAME, {})


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (Asked.DESCRIBE, Answer(DESCRIBED, {})),
        (Asked.TRAIN, Answer(TRAINED, CAME)),
        (Asked.VALIDATE, Answer(JUDGED, {})),
        (Asked.CHECK, Answer({"difference": 1e-6, "images": 20}, {})),
    ],
)
def test_what_is_named_passes(asked, answer):
    refuse_other(question(asked), answer)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (Asked.VALIDATE, JUDGED | {"files": ["p7-000.png"]}),
        (Asked.VALIDATE, {name: JUDGED[name] for name in ("loss", "weight", "positives")}),
        (Asked.VALIDATE, JUDGED | {"positives": [0.0] * BINS}),
        (Asked.VALIDATE, JUDGED | {"positives": COUNTS * 2}),
        (Asked.VALIDATE, JUDGED | {"loss": float("nan")}),
        (Asked.VALIDATE, JUDGED | {"loss": [0.1, 0.2]}),
        (Asked.VALIDATE, JUDGED | {"loss": np.zeros((32, 32))}),
        (Asked.DESCRIBE, DESCRIBED | {"modality": "x" * 65}),
        (Asked.DESCRIBE, DESCRIBED | {"labels": "healthy"}),
        (Asked.DESCRIBE, DESCRIBED | {"train": PART | {"names": ["p7"]}}),
        (Asked.DESCRIBE, DESCRIBED | {"train": PART | {"sha256": "p7"}}),
        (Asked.DESCRIBE, DESCRIBED | {"train": PART | {"patients": {"covid": -1}}}),
        (Asked.DESCRIBE, DESCRIBED | {"synthetic": "p7"}),
        (Asked.CHECK, {"difference": 1e-6, "images": True}),
    ],
)
def test_other_numbers_are_held_back(asked, told):
    with pytest.raises(ComponentError, match="may not send"):
        refuse_other(question(asked), Answer(told, {}))


@pytest.mark.parametrize(
    "change",
    [
        {},
        CAME | {"picture": np.zeros((32, 32), dtype=np.float32)},
        {"head.weight": np.zeros((32, 32), dtype=np.float32)},
        {"head.weight": np.zeros((2, 3), dtype=np.float64)},
        {"head.weight": b"pixels"},
    ],
    ids=["none", "one more", "of another shape", "of another type", "no array"],
)
def test_other_arrays_than_those_that_came_are_held_back(change):
    with pytest.raises(ComponentError, match="may not send"):
        refuse_other(question(Asked.TRAIN), Answer(TRAINED, change))


def test_weights_leave_only_when_training_was_asked_for():
    with pytest.raises(ComponentError, match=r"may not send head\.weight"):
        refuse_other(question(Asked.VALIDATE), Answer(JUDGED, CAME))
