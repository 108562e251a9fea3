"""ROC and precision-recall points against scikit-learn; thresholds chosen on them."""

import numpy as np
import pytest
from sklearn import metrics

from assay.trust.performance.curves import precision_recall_curve, roc_curve
from assay.trust.performance.thresholds import sensitivity_threshold, youden_threshold


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    truth = random.random(300) < 0.4
    return truth, np.round(random.normal(size=300) + truth, 1)


def test_roc_points_equal_the_reference(rows: tuple[np.ndarray, np.ndarray]) -> None:
    curve = roc_curve(*rows)
    x, y, threshold = metrics.roc_curve(*rows, drop_intermediate=False)
    np.testing.assert_allclose(curve.x, x, atol=1e-12)
    np.testing.assert_allclose(curve.y, y, atol=1e-12)
    np.testing.assert_array_equal(curve.threshold, threshold)


def test_precision_recall_points_equal_the_reference(rows: tuple[np.ndarray, np.ndarray]) -> None:
    curve = precision_recall_curve(*rows)
    precision, recall, _ = metrics.precision_recall_curve(*rows)
    np.testing.assert_allclose(curve.x, recall[::-1], atol=1e-12)
    np.testing.assert_allclose(curve.y, precision[::-1], atol=1e-12)


def test_youden_is_the_best_cut_there_is(rows: tuple[np.ndarray, np.ndarray]) -> None:
    truth, score = rows
    x, y, _ = metrics.roc_curve(truth, score)
    called = score >= youden_threshold(truth, score)
    assert called[truth].mean() - called[~truth].mean() == pytest.approx(np.max(y - x), abs=1e-12)


def test_youden_lies_between_the_classes() -> None:
    assert youden_threshold([False, False, True, True], [0.1, 0.2, 0.6, 0.7]) == pytest.approx(0.4)


@pytest.mark.parametrize("wanted", [0.5, 0.8, 0.95, 1.0])
def test_a_wanted_sensitivity_is_reached_and_no_lower_cut_is_taken(
    rows: tuple[np.ndarray, np.ndarray], wanted: float
) -> None:
    truth, score = rows
    cut = sensitivity_threshold(truth, score, wanted)
    assert np.mean(score[truth] >= cut) >= wanted
    assert np.mean(score[truth] >= np.nextafter(score[score >= cut].min(), np.inf)) < wanted
