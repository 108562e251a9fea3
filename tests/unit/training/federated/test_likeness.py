"""What the pictures of all sites look like, from their sums: what pooling would find, whoever answers first, and nothing else crosses."""

from __future__ import annotations

import numpy as np
import pytest

from assay.errors import ComponentError
from assay.training.federated.allowed import refuse_other
from assay.training.federated.asking import Answer, Asked, Question
from assay.training.federated.likeness import STEPS, Sums, as_arrays, bounded, counted, from_arrays, merged
from assay.trust.robustness.typical import Typical, describe

SIZE = 32


def pictures(number, seed, bright, grain=0.2):
    """Return facts of noise, half of it with a bright square, and which half."""
    random = np.random.default_rng(seed)
    made = random.uniform(0.1, grain, (number, 1, SIZE, SIZE)).astype(np.float32)
    classes = (np.arange(number) % 2).astype(np.int64)
    made[classes == 1, :, 6:14, 9:17] += np.float32(bright)
    return describe(made), classes


@pytest.fixture(scope="module")
def sites():
    """Three sites of unequal size; the last has pictures of one class only."""
    known = {"east": pictures(90, 0, 0.5), "north": pictures(41, 1, 0.6, 0.3), "south": pictures(60, 2, 0.4, 0.25)}
    facts, classes = known["south"]
    return known | {"south": (facts[classes == 0], classes[classes == 0])}


def sums(sites):
    return {name: Sums.of(facts, classes, 2) for name, (facts, classes) in sites.items()}


def test_sums_of_sites_give_what_their_pictures_in_one_place_would(sites):
    facts = np.concatenate([facts for facts, _ in sites.values()])
    classes = np.concatenate([classes for _, classes in sites.values()])
    held_out = {name: pictures(50, 7 + number, 0.5)[0] for number, name in enumerate(sites)}
    pooled = Typical.fitted(facts, classes, np.concatenate(list(held_out.values())))
    typical = merged(sums(sites))
    for name, array in as_arrays(typical).items():
        assert array == pytest.approx(as_arrays(pooled)[name], rel=1e-5, abs=1e-5 * np.abs(array).max()), name
    there = from_arrays(as_arrays(typical))
    found = bounded(typical, [counted(there, facts) for facts in held_out.values()])
    assert pooled.bound * 0.999 <= found.bound <= pooled.bound * 1.041
    assert (found.fitted_on, found.held_out, found.quantile) == (len(facts), 150, pooled.quantile)


def test_who_answers_first_changes_no_digit(sites):
    known = sums(sites)
    one, other = merged(known), merged(dict(reversed(known.items())))
    for name, array in as_arrays(one).items():
        assert (array == as_arrays(other)[name]).all()


def test_a_label_that_no_site_shows_has_no_mean(sites):
    known = {name: Sums.of(facts, classes, 3) for name, (facts, classes) in sites.items()}
    assert len(merged(known).known.means) == 2


def test_the_bound_holds_the_share_that_it_says():
    typical = merged({"a": Sums.of(*pictures(80, 0, 0.5), 2), "b": Sums.of(*pictures(80, 1, 0.5), 2)})
    counts = np.zeros(STEPS, dtype=int)
    counts[[10, 20, 30]] = 97, 2, 1  # of 100 the 100th is the 99th percentile's upper neighbour
    farther = counts.copy()
    farther[[20, 30]] = 3, 0
    near, far = bounded(typical, [farther]).bound, bounded(typical, [counts]).bound
    assert near == pytest.approx(4 * 1.04**20, rel=1e-6)
    assert far == pytest.approx(4 * 1.04**30, rel=1e-6)


@pytest.mark.parametrize("broken", ["shape", "nan"])
def test_sums_that_cannot_be_used_are_refused_by_name(sites, broken):
    known = sums(sites)
    odd = known["north"]
    array = odd.sums[:, :-1] if broken == "shape" else np.where(odd.sums > 0, np.nan, odd.sums)
    known["north"] = Sums(odd.images, array, odd.scatter)
    with pytest.raises(ComponentError, match="site north sent no usable sums") as caught:
        merged(known)
    assert caught.value.culprit == "north"


LOOK = Question(Asked.LOOK, {}, {"labels": ["healthy", "covid"]})
COUNTS = {"images": {"healthy": 3, "covid": 4}}
GOOD = {"sums": np.zeros((2, 75)), "scatter": np.zeros((75, 75))}


def test_sums_and_a_scatter_may_leave():
    refuse_other(LOOK, Answer(COUNTS, GOOD))


@pytest.mark.parametrize(
    ("change", "culprit"),
    [
        ({}, "scatter"),
        ({"sums": GOOD["sums"]}, "scatter"),
        (GOOD | {"picture": np.zeros((32, 32))}, "picture"),
        (GOOD | {"sums": np.zeros((2, 1024)), "scatter": np.zeros((1024, 1024))}, "sums"),
        (GOOD | {"sums": np.zeros((7, 75))}, "sums"),
        (GOOD | {"sums": np.zeros((2, 75), dtype=np.float32)}, "sums"),
        (GOOD | {"sums": [[0.0] * 75] * 2}, "sums"),
        (GOOD | {"scatter": np.zeros((75, 76))}, "scatter"),
        (GOOD | {"scatter": np.full((75, 75), np.inf)}, "scatter"),
    ],
)
def test_other_arrays_may_not(change, culprit):
    with pytest.raises(ComponentError) as caught:
        refuse_other(LOOK, Answer(COUNTS, change))
    assert caught.value.culprit == culprit


@pytest.mark.parametrize(
    "told", [{"distances": [0.5] * STEPS}, {"distances": [1] * 3}, {"distances": [1] * STEPS, "far": 3.2}, {}]
)
def test_distances_leave_as_counts_only(told):
    question = Question(Asked.MEASURE, {}, {"labels": ["healthy", "covid"]})
    refuse_other(question, Answer({"distances": [1] * STEPS}, {}))
    with pytest.raises(ComponentError):
        refuse_other(question, Answer(told, {}))
