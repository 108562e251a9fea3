"""Areas under curves against scikit-learn, to the last digits, with ties and weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from assay.trust.performance.ranking import Ranking, areas, auroc, average_precision

ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 4)), min_size=4, max_size=60)


@settings(max_examples=100, deadline=None)
@given(ROWS)
def test_weighted_areas_equal_the_reference(rows: list[tuple[bool, int, int]]) -> None:
    truth, score, weight = (np.array(column) for column in zip(*rows, strict=True))
    if not (weight[truth].sum() and weight[~truth].sum()):
        return
    roc, precision = areas(Ranking.of(truth, score), weight[None, :].astype(float))
    assert roc[0] == pytest.approx(roc_auc_score(truth, score, sample_weight=weight), abs=1e-12)
    assert precision[0] == pytest.approx(average_precision_score(truth, score, sample_weight=weight), abs=1e-12)


def test_a_score_without_ties_equals_the_reference() -> None:
    random = np.random.default_rng(0)
    truth = random.random(500) < 0.2
    score = random.normal(size=500) + truth
    assert auroc(truth, score) == pytest.approx(roc_auc_score(truth, score), abs=1e-12)
    assert average_precision(truth, score) == pytest.approx(average_precision_score(truth, score), abs=1e-12)


def test_one_class_has_no_area() -> None:
    assert np.isnan(auroc([True, True], [0.1, 0.2]))
    assert np.isnan(average_precision([False, False], [0.1, 0.2]))


def test_a_constant_score_tells_nothing() -> None:
    assert auroc([True, False, False], [0.5, 0.5, 0.5]) == 0.5
