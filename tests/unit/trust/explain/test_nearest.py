"""Prototypes tell labels, or they are no better than a lot."""

import numpy as np
import pytest

from assay.trust.evidence.statement import State
from assay.trust.explain.nearest import Pool, nearest_statements, told_by_nearest


def cloud(count, centre, seed, spread=1.0):
    return np.random.default_rng(seed).normal(centre, spread, (count, 4))


def test_the_nearest_prototype_tells_the_label() -> None:
    right = told_by_nearest(
        [np.zeros((1, 2)), np.ones((2, 2))], np.array([[0.1, 0.0], [0.9, 1.0], [0.2, 0.1]]), np.array([0, 1, 1])
    )
    assert right.tolist() == [1.0, 1.0, 0.0]


def test_good_prototypes_gain_over_a_lot_and_bad_ones_do_not() -> None:
    pools = []
    for number, centre in enumerate((0.0, 2.0)):
        features = cloud(200, centre, number, 2.0)
        near = np.argsort(((features - centre) ** 2).sum(axis=1))[:1]
        pools.append(Pool(features, near))
    cases, truth = np.concatenate([cloud(150, 0.0, 7, 2.0), cloud(150, 2.0, 8, 2.0)]), np.repeat([0, 1], 150)
    said, missing = nearest_statements(pools, cases, truth, np.arange(300), least_gain=0.01, seed=0)
    assert not missing
    gain = next(one for one in said if one.id == "explanation.gain_over_control")
    assert gain.state is State.PASS
    # What is most like the other label stands for its own.
    far = [
        Pool(pool.features, np.argsort(((pool.features - other) ** 2).sum(axis=1))[:1])
        for pool, other in zip(pools, (2.0, 0.0), strict=True)
    ]
    said, _ = nearest_statements(far, cases, truth, np.arange(300), least_gain=0.01, seed=0)
    assert next(one for one in said if one.id == "explanation.gain_over_control").state is State.FAIL


@pytest.mark.parametrize(
    ("chosen", "cases", "why"), [([], 5, "has no prototype"), ([0], 0, "no case of another patient")]
)
def test_what_cannot_be_told_is_said(chosen, cases, why) -> None:
    pool = Pool(np.zeros((3, 4)), np.array(chosen, dtype=int))
    said, missing = nearest_statements(
        [pool, pool], np.zeros((cases, 4)), np.zeros(cases, dtype=int), np.arange(cases), least_gain=0.0, seed=0
    )
    assert not said
    assert why in missing[0].why
