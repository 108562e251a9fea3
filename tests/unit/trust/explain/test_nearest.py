"""Prototypes tell labels, or they are no better than a lot."""

import numpy as np
import pytest

from assay.trust.evidence.statement import State
from assay.trust.explain.nearest import ACCURACY, GAIN, LIKENESS, Cases, Pool, prototype_statements, told_by_nearest
from assay.trust.explain.prototypes import median_distance, prototypes, resemblance


def cloud(count, centre, seed, spread=1.0):
    return np.random.default_rng(seed).normal(centre, spread, (count, 4))


def test_the_nearest_prototype_tells_the_label() -> None:
    right = told_by_nearest(
        [np.zeros((1, 2)), np.ones((2, 2))], np.array([[0.1, 0.0], [0.9, 1.0], [0.2, 0.1]]), np.array([0, 1, 1])
    )
    assert right.tolist() == [1.0, 1.0, 0.0]


def two_clouds():
    """Cases of 300 patients, women and men in turn, some unknown; labels are 2 apart."""
    sex = np.array(["F", "M", ""])[np.arange(300) % 3]
    features = np.concatenate([cloud(150, 0.0, 7, 2.0), cloud(150, 2.0, 8, 2.0)])
    return Cases(features, np.repeat([0, 1], 150), np.arange(300), {"sex": sex})


def pools_near(*centres, count=5, spread=2.0):
    """Of each label's images, those nearest to a centre."""
    pools = []
    for number, (own, centre) in enumerate(zip((0.0, 2.0), centres, strict=True)):
        features = cloud(200, own, number, spread)
        nearest = np.argsort(((features - centre) ** 2).sum(axis=1))[:count]
        pools.append(Pool(features, nearest, ("other", "covid")[number]))
    return pools


def only(said, kind, **on):
    (found,) = [one for one in said if one.id == kind and dict(one.on) == on]
    return found


NEAREST = {"method": "prototypes", "figure": "nearest prototype"}


def test_good_prototypes_gain_over_a_lot_and_bad_ones_do_not() -> None:
    said, missing = prototype_statements(pools_near(0.0, 2.0), two_clouds(), least_gain=0.01, seed=0)
    assert not missing
    assert only(said, GAIN, **NEAREST).state is State.PASS
    # What is most like the other label stands for its own.
    said, _ = prototype_statements(pools_near(2.0, 0.0), two_clouds(), least_gain=0.01, seed=0)
    assert only(said, GAIN, **NEAREST).state is State.FAIL


def test_as_many_by_lot_gain_nothing_over_a_lot() -> None:
    """Of a lot of lots half are better than their mean, and with intervals of patients alone many of these would pass."""
    random, cases, passed = np.random.default_rng(3), two_clouds(), []
    for _ in range(20):
        pools = [Pool(pool.features, pool.lot(random), pool.label) for pool in pools_near(0.0, 2.0)]
        said, _ = prototype_statements(pools, cases, least_gain=0.0, seed=0)
        passed += [one.state is State.PASS for one in said if one.id == GAIN]
    assert len(passed) == 60
    assert sum(passed) <= 3


def test_protodash_resembles_other_cases_of_its_label_more_than_a_lot_does() -> None:
    pools = [
        Pool(pool.features, prototypes(pool.features, pool.features, 4).rows, pool.label) for pool in pools_near(0, 2)
    ]
    said, _ = prototype_statements(pools, two_clouds(), least_gain=0.01, seed=0)
    for label in ("other", "covid"):
        own, lot = (
            only(said, LIKENESS, method="prototypes", label=label),
            only(said, LIKENESS, control="random", label=label),
        )
        gain = only(said, GAIN, method="prototypes", figure="likeness", label=label)
        assert gain.state is State.PASS
        assert dict(gain.against) == {"control": "random"}
        assert gain.estimate.value == pytest.approx(own.estimate.value - lot.estimate.value)
        assert own.estimate.n == 150


def test_prototypes_never_stand_for_heat_maps_in_a_policy() -> None:
    """The shipped policies ask one method to be better than its controls, an edge detector among them."""
    said, _ = prototype_statements(pools_near(0.0, 2.0), two_clouds(), least_gain=0.0, seed=0)
    assert "explanation.gain_over_control" not in {one.id for one in said}


def test_labels_and_groups_of_people_are_told_apart() -> None:
    cases = two_clouds()
    said, _ = prototype_statements(pools_near(0.0, 2.0), cases, least_gain=0.01, seed=0)
    whole = only(said, ACCURACY, method="prototypes").estimate
    parts = {name: only(said, ACCURACY, method="prototypes", label=name).estimate for name in ("other", "covid")}
    assert whole.value == pytest.approx(np.mean([part.value for part in parts.values()]))
    assert [only(said, ACCURACY, method="prototypes", sex=sex).estimate.n for sex in "FM"] == [100, 100]
    assert len([one for one in said if "sex" in one.on]) == 2


def test_resemblance_is_half_of_what_the_discrepancy_loses() -> None:
    """MMD squared of a weighted few, written out: likeness among cases, less twice that of both, and that of the few."""
    random = np.random.default_rng(5)
    rows, cases = random.normal(0, 1, (40, 3)), random.normal(0.3, 1, (25, 3))
    few, width = rows[[1, 12, 30]], median_distance(rows)

    def kernel(one, other):
        return np.exp(-((one[:, None] - other[None]) ** 2).sum(axis=2) / (2 * width**2))

    weights = np.linalg.solve(kernel(few, few), kernel(few, rows).mean(axis=1))
    assert (weights > 0).all()
    nothing = kernel(cases, cases).mean()
    discrepancy = nothing - 2 * (weights @ kernel(few, cases).mean(axis=1)) + weights @ kernel(few, few) @ weights
    assert resemblance(rows, np.array([1, 12, 30]), cases, width=width).mean() == pytest.approx(
        (nothing - discrepancy) / 2, abs=1e-6
    )


@pytest.mark.parametrize(
    ("chosen", "cases", "why"), [([], 5, "no image of covid to choose"), ([0], 0, "no case of another patient")]
)
def test_what_cannot_be_told_is_said(chosen, cases, why) -> None:
    pool = Pool(np.zeros((3, 4)), np.array([0]), "other")
    some = Pool(np.zeros((3, 4)), np.array(chosen, dtype=int), "covid")
    asked = Cases(np.zeros((cases, 4)), np.zeros(cases, dtype=int), np.arange(cases), {})
    said, missing = prototype_statements([pool, some], asked, least_gain=0.0, seed=0)
    assert not said
    assert [one.id for one in missing] == [ACCURACY, LIKENESS]
    assert all(why in one.why for one in missing)


def test_a_label_that_no_other_patient_has_is_named() -> None:
    cases = two_clouds()
    first = Cases(cases.features[:150], cases.truth[:150], cases.patient[:150], {})
    said, missing = prototype_statements(pools_near(0.0, 2.0), first, least_gain=0.0, seed=0)
    assert [(one.id, dict(one.on)) for one in missing] == [(LIKENESS, {"label": "covid"})]
    assert {one.on["label"] for one in said if "label" in one.on} == {"other"}
