"""Random effects: held against statsmodels, against published figures of a famous meta-analysis, and against simulated sites."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.meta_analysis import combine_effects

from assay.trust.evidence.statement import Estimate
from assay.trust.meta.pooling import between, pooled
from assay.trust.meta.scales import DIFFERENCE, IDENTITY, LOGIT, effect, scale_of
from assay.trust.performance.intervals import wilson

# The 13 trials of the BCG vaccine: log risk ratio and its variance (Colditz et al. 1994, as in the R package metafor, dat.bcg).
BCG = [
    -0.8893,
    -1.5854,
    -1.3481,
    -1.4416,
    -0.2175,
    -0.7861,
    -1.6209,
    0.0120,
    -0.4694,
    -1.3713,
    -0.3394,
    0.4459,
    -0.0173,
]
BCG_VARIANCE = [0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564, 0.0730, 0.0124, 0.5325, 0.0714]


def test_the_published_figures_of_the_bcg_trials():
    """Viechtbauer 2010 (metafor): Q 152.23 with 12 degrees of freedom, Paule-Mandel tau² 0.3181, mean -0.7150."""
    found = pooled(BCG, BCG_VARIANCE)
    assert found.q == pytest.approx(152.23, rel=0.005)  # the variances above are rounded
    assert found.tau2 == pytest.approx(0.3181, abs=5e-4)
    assert found.value == pytest.approx(-0.7150, abs=5e-4)
    assert found.i2 == pytest.approx(0.921, abs=1e-3)
    assert found.sites == 13


site = st.tuples(st.floats(-3, 3), st.floats(1e-3, 2))


@settings(max_examples=80, deadline=None)
@given(st.lists(site, min_size=2, max_size=12))
def test_mean_and_interval_are_those_of_statsmodels(sites):
    values, variances = (np.array(each) for each in zip(*sites, strict=True))
    with np.errstate(all="ignore"):  # theirs divides by the spread, which may be next to nothing
        theirs = combine_effects(values, variances, method_re="iterated", use_t=True, atol=1e-12, maxiter=10_000)
    ours = pooled(list(values), list(variances), floor=False)
    weights = 1 / (variances + ours.tau2)
    spread = float(np.sum(weights * (values - np.average(values, weights=weights)) ** 2))
    assert spread == pytest.approx(len(values) - 1) or (ours.tau2 == 0 and spread <= len(values) - 1)
    if not math.isclose(ours.tau2, theirs.tau2, abs_tol=1e-6):
        return  # theirs stops early at times, or is below 0: what Paule and Mandel ask for holds for ours, see above
    assert ours.value == pytest.approx(theirs.mean_effect_re, abs=1e-5)
    low, high = theirs.conf_int(use_t=True)[3]
    assert (ours.low, ours.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_the_bcg_trials_are_compared_and_not_passed_over():
    theirs = combine_effects(np.array(BCG), np.array(BCG_VARIANCE), method_re="iterated", use_t=True, atol=1e-10)
    ours = pooled(BCG, BCG_VARIANCE, floor=False)
    assert ours.tau2 == pytest.approx(theirs.tau2, abs=1e-6)
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs.conf_int(use_t=True)[3]), abs=1e-6)


def test_the_interval_holds_what_it_promises_with_few_sites():
    random = np.random.default_rng(3)
    for tau in (0.0, 0.3):
        inside, predicted = 0, 0
        for _ in range(1000):
            variances = random.uniform(0.02, 0.2, 5)
            truth = random.normal(1.0, tau, 6)
            found = pooled(list(random.normal(truth[:5], np.sqrt(variances))), list(variances))
            inside += found.low <= 1.0 <= found.high
            predicted += found.prediction[0] <= truth[5] <= found.prediction[1]
        assert inside >= 930
        assert predicted >= 900


def test_sites_that_agree_by_chance_do_not_make_a_point():
    found = pooled([0.5, 0.5, 0.5], [0.04, 0.04, 0.04])
    assert (found.tau2, found.i2) == (0.0, 0.0)
    assert found.high - found.low > 2 * math.sqrt(0.04 / 3)


def test_two_sites_have_an_interval_and_no_prediction():
    found = pooled([0.2, 0.4], [0.01, 0.01])
    assert found.prediction is None
    assert found.low < 0.2
    assert found.high > 0.4


@pytest.mark.parametrize(("values", "variances"), [([1.0], [1.0]), ([1.0, 2.0], [1.0, 0.0]), ([1.0, 2.0], [1.0])])
def test_what_cannot_be_averaged_is_refused(values, variances):
    with pytest.raises(ValueError, match="two sites at least"):
        pooled(values, variances)


def test_sites_that_differ_only_by_chance_have_no_variance_between():
    assert between([0.1, 0.1001], [1.0, 1.0]) == 0.0


def test_a_share_has_the_variance_of_its_log_odds():
    ends = wilson(0.8, 100, 1.959963984540054)
    value, variance = effect(Estimate(0.8, ends.low, ends.high, n=100), LOGIT)
    assert value == pytest.approx(math.log(4))
    assert variance == pytest.approx(1 / 80 + 1 / 20, rel=0.03)
    everything, wide = effect(Estimate(1.0, 0.93, 1.0, n=50), LOGIT)
    assert (everything, wide) == (pytest.approx(math.log(50.5 / 0.5)), pytest.approx(1 / 50.5 + 1 / 0.5))
    assert effect(Estimate(0.5, n=9), IDENTITY) is None
    assert scale_of("fairness.tpr_difference") is DIFFERENCE
    assert scale_of("calibration.ece") is IDENTITY
    assert scale_of("discrimination.auroc") is LOGIT


def test_two_shares_are_at_most_1_apart():
    assert [DIFFERENCE.back(value) for value in (-1.03, -0.2, 1.26)] == [-1.0, -0.2, 1.0]
