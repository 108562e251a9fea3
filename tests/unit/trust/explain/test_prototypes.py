"""Prototypes stand for what is there."""

import tracemalloc

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.spatial.distance import pdist

from assay.trust.explain.prototypes import _kernel, median_distance, prototypes

RANDOM = np.random.default_rng(0)
CENTRES = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])


def test_each_cluster_has_its_prototype_weighed_by_its_size() -> None:
    rows = np.concatenate(
        [centre + RANDOM.normal(size=(count, 2)) for centre, count in zip(CENTRES, (60, 30, 10), strict=True)]
    )
    found = prototypes(rows, rows, 3, width=2.0)
    nearest = np.argmin(((rows[found.rows][:, None] - CENTRES) ** 2).sum(axis=2), axis=1)
    assert nearest.tolist() == [0, 1, 2]
    assert (np.diff(found.weights) < 0).all()
    assert (np.diff(found.objective) > 0).all()


def test_weights_are_the_optimum_that_a_general_solver_finds() -> None:
    rows = RANDOM.normal(size=(40, 3))
    found = prototypes(rows, rows + 0.3, 6, width=1.0)
    wanted = _kernel(rows[found.rows], rows + 0.3, 1.0).mean(axis=1)
    among = _kernel(rows[found.rows], rows[found.rows], 1.0)
    best = minimize(
        lambda w: w @ among @ w / 2 - w @ wanted,
        np.ones(len(wanted)),
        jac=lambda w: among @ w - wanted,
        bounds=[(0, None)] * len(wanted),
    )
    np.testing.assert_allclose(found.weights, best.x, atol=1e-4)


def test_copies_gain_nothing_and_are_not_chosen() -> None:
    same = np.zeros((5, 2))
    assert prototypes(same, same, 4).rows.tolist() == [0]


def test_what_cannot_stand_for_anything_is_refused() -> None:
    for candidates, target in ((np.empty((0, 2)), np.ones((3, 2))), (np.ones((3, 2)), np.ones((3, 4)))):
        with pytest.raises(ValueError, match="cannot stand for"):
            prototypes(candidates, target, 2)


def test_the_width_is_the_median_distance_of_those_that_differ() -> None:
    rows = RANDOM.normal(size=(60, 3))
    assert median_distance(rows) == pytest.approx(np.median(pdist(rows)))
    assert median_distance(np.concatenate([rows[:2]] * 5)) == pytest.approx(np.linalg.norm(rows[0] - rows[1]))
    assert median_distance(np.ones((4, 3))) == median_distance(np.ones((1, 3))) == 1.0


def test_a_wide_layer_does_not_need_the_differences_of_all_pairs_at_once() -> None:
    """500 rows of 1,024 features: 2 GB if they were held."""
    rows = RANDOM.normal(size=(500, 1024))
    tracemalloc.start()
    median_distance(rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64e6
