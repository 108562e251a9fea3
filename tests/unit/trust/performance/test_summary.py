"""Figures with intervals, sample sizes, and reasons for what cannot be measured."""

import numpy as np
import pytest

from assay.trust.performance.bootstrap import Scored
from assay.trust.performance.summary import FIGURES, by_patient, constant_answer, performance


def rows(truth: list[int], score: list[float], patient: list[int], threshold: float = 0.5) -> Scored:
    scores = np.array(score)
    return Scored(np.array(truth, dtype=bool), scores, scores >= threshold, np.array(patient))


def test_every_figure_is_measured_or_has_its_reason() -> None:
    for truth in ([0, 1, 0, 1], [1, 1, 1, 1], [0, 0, 0, 0]):
        summary = performance(rows(truth, [0.1, 0.9, 0.2, 0.3], [0, 1, 2, 3]), draws=50)
        assert set(summary.figures) | set(summary.not_measured) == set(FIGURES)
        assert not set(summary.figures) & set(summary.not_measured)


def test_one_class_says_why() -> None:
    summary = performance(rows([1, 1, 1], [0.9, 0.8, 0.1], [0, 1, 2]), draws=50)
    assert "one class" in summary.not_measured["auroc"]
    assert summary.not_measured["specificity"] == "no negative row"
    assert summary.figures["sensitivity"].value == pytest.approx(2 / 3)


def test_nothing_called_positive_says_why() -> None:
    summary = performance(rows([1, 0], [0.3, 0.1], [0, 1]), draws=50)
    assert "threshold" in summary.not_measured["ppv"]


def test_one_patient_has_figures_without_intervals() -> None:
    figure = performance(rows([1, 0, 1], [0.9, 0.1, 0.8], [0, 0, 0]), draws=50).figures["auroc"]
    assert figure.value == 1.0
    assert figure.interval is None
    assert figure.units == 1
    assert "no interval" in figure.method


def test_units_are_patients_of_the_rarer_class() -> None:
    figures = performance(
        rows([1, 1, 0, 0, 0, 0], [0.9, 0.8, 0.1, 0.2, 0.3, 0.4], [0, 0, 1, 2, 3, 4]), draws=50
    ).figures
    assert (figures["auroc"].units, figures["auroc"].rows) == (1, 6)
    assert (figures["specificity"].units, figures["specificity"].rows) == (4, 4)


@pytest.mark.parametrize(("how", "score"), [("mean", [0.5, 0.3]), ("max", [0.9, 0.4])])
def test_patients_are_aggregated_and_mixed_ones_left_out(how: str, score: list[float]) -> None:
    together, mixed = by_patient(
        rows([1, 1, 0, 0, 1, 0], [0.1, 0.9, 0.2, 0.4, 0.7, 0.7], [0, 0, 1, 1, 2, 2]), 0.5, how=how
    )
    assert mixed == 1
    np.testing.assert_allclose(together.score, score)
    assert together.truth.tolist() == [True, False]
    assert together.called.tolist() == [True, False]
    assert together.patients == 2


def test_the_constant_answer_knows_the_majority() -> None:
    assert constant_answer([True, False, False, False]) == {
        "auroc": 0.5,
        "auprc": 0.25,
        "balanced_accuracy": 0.5,
        "accuracy": 0.75,
    }
