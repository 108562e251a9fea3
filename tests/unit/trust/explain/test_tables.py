"""Columns of tables: exact where the answer is known, one-hot columns together."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from assay.trust.explain.tables import occluded_columns, shap_columns

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(300, 6))


def test_a_linear_model_gives_each_column_its_weight_times_its_distance() -> None:
    truth = ROWS[:, 0] - 2 * ROWS[:, 2] + RANDOM.normal(size=300) > 0
    model = LogisticRegression().fit(ROWS, truth)
    expected = model.coef_[0] * (ROWS[:5] - ROWS.mean(axis=0))
    for method in (shap_columns, occluded_columns):
        np.testing.assert_allclose(method(model.decision_function, ROWS[:5], ROWS), expected, atol=1e-9)


def test_values_of_a_tree_model_sum_to_what_there_is_to_explain() -> None:
    truth = (ROWS[:, 0] > 0) ^ (ROWS[:, 1] > 0)
    model = GradientBoostingClassifier(n_estimators=30, random_state=0).fit(ROWS, truth)
    values = shap_columns(model.decision_function, ROWS[:4], ROWS[:50])
    gained = model.decision_function(ROWS[:4]) - model.decision_function(ROWS[:50]).mean()
    np.testing.assert_allclose(values.sum(axis=1), gained, atol=1e-9)
    assert (np.abs(values[:, :2]).sum(axis=1) > np.abs(values[:, 2:]).sum(axis=1)).all()


def test_columns_of_one_category_go_together() -> None:
    def ask(rows):
        return rows[:, 0] * rows[:, 1] + rows[:, 2]

    together = shap_columns(ask, ROWS[:3], ROWS[:20], [[0, 1], [2], [3, 4, 5]])
    assert together.shape == (3, 3)
    np.testing.assert_allclose(together[:, 2], 0.0, atol=1e-9)
    np.testing.assert_allclose(together[:, 1], ROWS[:3, 2] - ROWS[:20, 2].mean(), atol=1e-9)


def test_groups_that_forget_or_repeat_a_column_are_refused() -> None:
    for groups in ([[0, 1], [2]], [[0, 1, 2, 3, 4, 5], [5]]):
        with pytest.raises(ValueError, match="every one of 6 columns once"):
            shap_columns(lambda rows: rows[:, 0], ROWS[:1], ROWS[:2], groups)
