"""Shapley values: exact with few players, near with many, and never more or less than there is to share."""

from itertools import permutations

import numpy as np
import pytest

from assay.trust.explain.kernel_shap import shapley


def game(players: int):
    """A game with interactions, and its Shapley values by definition: the mean over all orders of joining."""
    random = np.random.default_rng(players)
    pairs = random.normal(size=(players, players))

    def worth(shown):
        return np.einsum("ni,ij,nj->n", shown, pairs, shown) + 3.0

    values = np.zeros(players)
    orders = list(permutations(range(players)))
    for order in orders:
        inside = np.zeros((1, players), dtype=bool)
        for player in order:
            before = worth(inside)[0]
            inside[0, player] = True
            values[player] += worth(inside)[0] - before
    return worth, values / len(orders)


@pytest.mark.parametrize("players", [1, 2, 3, 6])
def test_few_players_get_their_exact_values(players: int) -> None:
    worth, values = game(players)
    np.testing.assert_allclose(shapley(worth, players, samples=100, random=np.random.default_rng(0)), values, atol=1e-9)


def test_many_players_get_nearly_their_values_and_share_all_there_is() -> None:
    weights = np.random.default_rng(0).normal(size=60)

    def worth(shown):
        return shown @ weights + 0.2 * (shown[:, 0] & shown[:, 1])

    values = shapley(worth, 60, samples=2000, random=np.random.default_rng(0))
    assert values.sum() == pytest.approx(weights.sum() + 0.2)
    np.testing.assert_allclose(values[2:], weights[2:], atol=0.05)
    np.testing.assert_allclose(values[:2], weights[:2] + 0.1, atol=0.05)


def test_too_few_samples_still_share_all_there_is() -> None:
    values = shapley(lambda shown: shown.sum(axis=1) * 1.0, 50, samples=8, random=np.random.default_rng(0))
    assert np.isfinite(values).all()
    assert values.sum() == pytest.approx(50.0)
