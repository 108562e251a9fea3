"""Corrections for many comparisons."""

import numpy as np
import pytest

from assay.trust.performance.means import mean
from assay.trust.performance.multiplicity import benjamini_hochberg, holm, max_t


def test_holm_steps_down_and_never_decreases() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_benjamini_hochberg_is_milder_than_holm() -> None:
    found = benjamini_hochberg([0.01, 0.04, 0.03, 0.005])
    assert found == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert benjamini_hochberg([]) == []


def test_max_t_grows_with_the_comparisons_and_is_never_below_one() -> None:
    random = np.random.default_rng(0)
    errors = random.normal(size=(20_000, 6))
    one, six = (max_t(errors[:, :count], np.ones(count)) for count in (1, 6))
    assert one == pytest.approx(1.96, abs=0.05)
    assert six == pytest.approx(2.63, abs=0.05)
    assert max_t(np.zeros((100, 3)), np.ones(3)) == pytest.approx(1.96, abs=0.001)


def test_a_mean_counts_patients() -> None:
    values, patient = np.array([0.0, 0.0, 1.0, 1.0, 0.5, 0.5]), np.array([0, 0, 1, 1, 2, 2])
    clustered, naive = mean(values, patient), mean(values, np.arange(6))
    assert clustered.value == naive.value == 0.5
    assert clustered.interval
    assert naive.interval
    assert clustered.interval.high > naive.interval.high
    assert mean(values, np.zeros(6, dtype=np.intp)).interval is None
