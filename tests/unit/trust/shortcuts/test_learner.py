"""The small learner finds steps, kinds and nothing where nothing is."""

import numpy as np
import pytest

from assay.trust.performance.ranking import auroc
from assay.trust.shortcuts.learner import Features, cross_fitted, transferred


def cohort(patients=60, slices=3, seed=0):
    random = np.random.default_rng(seed)
    ill = random.permutation(np.arange(patients) % 2 == 0)
    patient = np.repeat(np.arange(patients), slices)
    return ill[patient], patient, random


def test_a_number_that_tells_by_no_straight_line_is_found():
    truth, patient, random = cohort()
    middle = np.where(truth, 0.0, random.choice([-1.0, 1.0], len(truth))) + random.normal(0, 0.2, len(truth))
    assert auroc(truth, cross_fitted(Features(middle[:, None]), truth, patient)) > 0.95


def test_kinds_and_missing_numbers_tell_too():
    truth, patient, random = cohort()
    kinds = tuple(np.where(truth ^ (random.random(len(truth)) < 0.1), "png", "jpg"))
    assert auroc(truth, cross_fitted(Features(kinds=(kinds,)), truth, patient)) > 0.85
    holes = np.where(truth, np.nan, 1.0)[:, None]
    assert auroc(truth, cross_fitted(Features(holes), truth, patient)) == 1.0


def test_knowing_a_patient_by_heart_earns_nothing():
    """Each patient has a value of its own: within patients it tells all, across patients nothing."""
    areas = []
    for seed in range(30):
        truth, patient, random = cohort(seed=seed)
        own = random.normal(size=patient.max() + 1)[patient]
        areas.append(auroc(truth, cross_fitted(Features(own[:, None]), truth, patient, seed=seed)))
    assert np.mean(areas) == pytest.approx(0.5, abs=0.05)


def test_a_kind_that_training_never_saw_tells_nothing():
    train, test = Features(kinds=(("a", "a", "b", "b"),)), Features(kinds=(("c", "c"),))
    score = transferred(train, np.array([True, True, False, False]), np.arange(4), test)
    assert score[0] == score[1]


def test_features_know_whether_they_vary():
    assert not Features(np.full((3, 2), np.nan)).varies()
    assert not Features(np.ones((3, 2)), (("x",) * 3,)).varies()
    assert Features(np.ones((3, 2)), (("x", "x", "y"),)).varies()
    assert Features(np.array([[1.0], [np.nan]])).varies()
    assert len(Features(kinds=(("a", "b"),))) == 2
    assert Features(kinds=(("a", "b"),)).taken(np.array([1])).kinds == (("b",),)
