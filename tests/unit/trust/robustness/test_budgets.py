"""Curves over budgets, checks of the gradient, and certificates."""

import numpy as np
import pytest

from assay.trust.evidence.statement import Criterion, State
from assay.trust.robustness.budgets import curve, curve_statements, distortion_table, together
from assay.trust.robustness.masking import checks, masking_statement
from assay.trust.robustness.smoothing import certify, largest_radius

PIXELS = np.linspace(0.3, 0.7, 40, dtype=np.float32).reshape(40, 1, 1, 1)
TRUTH = PIXELS.ravel() >= 0.5


def decide(pixels):
    return pixels.reshape(len(pixels), -1).mean(axis=1) >= 0.5


def push(pixels, truth, budget):
    sign = np.where(truth, -1, 1).astype(np.float32).reshape(-1, 1, 1, 1)
    return pixels + np.float32(budget) * sign


def test_a_decision_once_turned_stays_turned_and_its_distance_is_kept():
    found = curve(push, decide, PIXELS, TRUTH, [0.1, 0.05, 0.3])
    assert found.budgets == (0.05, 0.1, 0.3)
    assert found.right.mean(axis=1).tolist() == [pytest.approx(0.75), pytest.approx(0.5), 0.0]
    assert set(np.round(found.linf, 3)) == {0.05, 0.1, 0.3}
    statements = curve_statements(
        found, TRUTH, np.arange(40), {"attack": "push"}, str, (0.1, Criterion(least=0.3, fewest=20)), draws=200, seed=0
    )
    assert [statement.on["budget"] for statement in statements] == ["0.05", "0.1", "0.3"]
    assert [statement.state for statement in statements] == [None, State.PASS, None]
    assert statements[0].estimate.low < 0.75 < statements[0].estimate.high
    assert statements[2].estimate.high > 0


def test_the_worst_of_two_attacks_is_no_weaker_than_either():
    strong = curve(push, decide, PIXELS, TRUTH, [0.1])
    idle = curve(lambda x, _y, _b: x, decide, PIXELS, TRUTH, [0.1])
    worst = together([strong, idle])
    np.testing.assert_array_equal(worst.right, strong.right)
    np.testing.assert_array_equal(worst.linf, strong.linf)
    assert distortion_table({"idle": idle, "push": strong}).rows[0] == ["idle", 0, None, None]


def good():
    rows = np.arange(100)
    return {
        "one_step": rows < 60,
        "many_steps": rows < 40,
        "black_box": rows < 70,
        "unbounded": rows < 0,
        "standing_by_steps": [0.5, 0.3, 0.2],
        "flat": 0.0,
    }


def test_an_honest_gradient_passes_every_check():
    found = checks(**good())
    assert len(found) == 5
    assert masking_statement(found, 100).state is State.PASS
    assert len(checks(**(good() | {"black_box": None}))) == 4


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ({"one_step": np.arange(100) < 20}, "many steps are no weaker than one"),
        ({"unbounded": np.arange(100) < 30}, "a budget without limit turns everything"),
        ({"standing_by_steps": [0.2, 0.3, 0.5]}, "more steps bring decisions nearer to wrong"),
        ({"flat": 0.4}, "the gradient is not flat"),
        ({"black_box": np.arange(100) >= 90}, "a black box finds nothing that the gradient missed"),
    ],
)
def test_each_way_of_hiding_the_gradient_is_noticed(fault, name):
    found = checks(**(good() | fault))
    assert [check.name for check in found if not check.holds] == [name]
    assert masking_statement(found, 100).state is State.FAIL


def test_certificates_of_a_linear_model_are_its_distance():
    """For a linear decision the smoothed model is the base model, and the radius is the distance to its boundary."""
    picture = np.full((1, 4, 4), 0.55, dtype=np.float32)
    found = certify(decide, picture[None], 0.25, samples=20_000, seed=1)
    assert found.called.tolist() == [True]
    assert 0.9 * 0.2 < found.radius[0] <= 0.2 * 1.02


def test_a_coin_abstains_and_the_cap_is_that_of_the_samples():
    unsure = certify(decide, np.full((1, 1, 8, 8), 0.5, dtype=np.float32), 0.1, samples=100)
    assert unsure.radius[0] < 0.02
    sure = certify(decide, np.full((1, 1, 8, 8), 1.0, dtype=np.float32), 0.05, samples=100)
    assert sure.radius[0] == pytest.approx(sure.cap)
    assert sure.cap == pytest.approx(largest_radius(0.05, 100))
    assert largest_radius(1.0, 1000) == pytest.approx(2.46, abs=0.01)
