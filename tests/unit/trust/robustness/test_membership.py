"""Membership: an overfitted score is found out, an honest one is not accused."""

import numpy as np
import pytest

from assay.trust.robustness.membership import advantage
from assay.trust.robustness.outliers import Gaussian, doubt, energy


def test_scores_that_know_their_members_give_an_advantage():
    random = np.random.default_rng(0)
    patient = np.arange(100).repeat(2)
    found = advantage(random.normal(1, 1, 200), random.normal(0, 1, 200), patient, patient, draws=300)
    assert 0.2 < found.value < 0.55
    assert 0.1 < found.interval.low < found.value < found.interval.high
    assert found.auroc == pytest.approx(0.76, abs=0.06)
    assert (found.units, found.rows) == (100, 400)


def test_an_honest_model_is_not_accused():
    """On the cases it was chosen on, the best threshold would gain 0.1 on average; on others it gains nothing."""
    values, covered = [], 0
    for seed in range(80):
        random = np.random.default_rng(seed)
        patient = np.arange(60).repeat(2)
        found = advantage(random.normal(size=120), random.normal(size=120), patient, patient, draws=200, seed=seed)
        values.append(found.value)
        covered += found.interval.low <= 0 <= found.interval.high
    assert abs(np.mean(values)) < 0.03
    assert covered / 80 > 0.88


def test_one_patient_has_no_interval():
    one = np.zeros(4, dtype=np.intp)
    assert advantage(np.arange(4.0), np.arange(4.0), one, one, draws=50).interval is None


def test_outlier_scores_rise_away_from_what_is_known():
    logits = np.array([[8.0, 0.0], [0.2, 0.1]])
    assert energy(logits)[0] < energy(logits)[1]
    assert doubt(logits) == pytest.approx([1 / (1 + np.exp(8)), 1 - 1 / (1 + np.exp(-0.1))])
    random = np.random.default_rng(0)
    classes = np.arange(200) % 2
    features = random.normal(size=(200, 5)) * [1, 1, 1, 1, 0] + 3 * classes[:, None]
    fitted = Gaussian.fitted(features, classes)
    assert np.isfinite(fitted.precision).all()
    near = fitted.distance(features).mean()
    assert fitted.distance(features + np.array([0, 0, 0, 6, 0])).mean() > 3 * near
