"""Methods by gradient on networks small enough to know the answer."""

import numpy as np
import pytest
import torch
from torch import nn

from assay.trust.explain.backgrounds import Backgrounds, Fill
from assay.trust.explain.gradient.by_gradient import by_gradient
from assay.trust.explain.gradient.grad_cam import layers
from assay.trust.explain.gradient.shuffled import shuffled
from assay.trust.explain.gradient.target import LogOdds, to_torch
from assay.trust.explain.likeness import spearman
from assay.trust.explain.localisation import localisation
from assay.trust.explain.recipes import GradCam, GradientShap, IntegratedGradients, SmoothGrad


class Seeing(nn.Module):
    """Two maps of brightness beyond 0.5, pooled; the second class is the bright one."""

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU())
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 2))
        with torch.no_grad():
            self.see[0].weight.zero_()
            self.see[0].weight[:, 0, 1, 1] = 1.0
            self.see[0].bias.copy_(torch.tensor([-0.5, -0.6]))
            self.head[2].weight.copy_(torch.tensor([[0.0, 0.0], [50.0, 30.0]]))
            self.head[2].bias.zero_()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.see(x))


@pytest.fixture
def target() -> LogOdds:
    return LogOdds(Seeing().eval().requires_grad_(False), lambda pictures: pictures, 1)


RECIPES = [
    IntegratedGradients(Fill.NEIGHBOURS),
    IntegratedGradients(Fill.BLACK, smoothing=1.0),
    GradientShap(samples=40),
    SmoothGrad(deviation=0.05),
    GradCam("see"),
]


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_planted_square_is_pointed_at_and_maps_stand_alone(planted, target, recipe) -> None:
    explain = by_gradient(target, recipe, Backgrounds(planted.reference))
    heat = explain(planted.pictures, 0)
    assert np.mean([localisation(one, mask).pointing for one, mask in zip(heat, planted.masks, strict=True)]) == 1.0
    np.testing.assert_allclose(explain(planted.pictures[2:3], 0)[0], heat[2], atol=1e-5)


def test_integrated_gradients_share_out_the_whole_difference(planted, target) -> None:
    backgrounds = Backgrounds(planted.reference)
    heat = by_gradient(target, IntegratedGradients(Fill.NEIGHBOURS, steps=200), backgrounds)(planted.pictures, 0)
    fills = backgrounds.fills(planted.pictures, Fill.NEIGHBOURS)[:, 0]
    with torch.inference_mode():
        gained = (target(to_torch(planted.pictures)) - target(to_torch(fills))).numpy()
    np.testing.assert_allclose(heat.sum(axis=(1, 2)), gained, rtol=0.02)


def test_the_log_odds_are_those_of_the_softmax(target) -> None:
    pictures = torch.rand(5, 1, 8, 8)
    shares = torch.softmax(target.network(pictures), dim=1)[:, 1]
    torch.testing.assert_close(torch.sigmoid(target(pictures)), shares)


def test_seeds_decide_and_leave_the_callers_chance_alone(planted, target) -> None:
    explain = by_gradient(target, GradientShap(samples=4), Backgrounds(planted.reference))
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one, same, other = (explain(planted.pictures[:1], seed) for seed in (1, 1, 2))
    torch.testing.assert_close(torch.rand(3), expected)
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_layers_are_those_with_maps_outermost_first(target) -> None:
    assert layers(target.network, 16) == ["see"]
    assert layers(nn.Sequential(nn.Flatten(), nn.Linear(64, 2)), 8) == []


def test_a_network_forgets_from_its_end_and_the_original_keeps_everything(target) -> None:
    before = {name: value.clone() for name, value in target.network.state_dict().items()}
    made = list(shuffled(nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(4 * 36, 2)), (0.0, 0.5, 1.0), 0))
    assert [(done, total) for done, total, _ in made] == [(1, 2), (1, 2), (2, 2)]
    first, _, last = (network.state_dict() for _, _, network in made)
    torch.testing.assert_close(first["2.weight"], last["2.weight"])  # shuffled once, the same for every depth
    torch.testing.assert_close(first["0.weight"].flatten().sort()[0], last["0.weight"].flatten().sort()[0])
    list(shuffled(target.network, (1.0,), 0))
    for name, value in target.network.state_dict().items():
        torch.testing.assert_close(value, before[name])


def test_the_sanity_check_tells_integrated_gradients_from_occlusion_of_a_network_that_forgot() -> None:
    """A map times its input stays when all weights are shuffled, which is what the check has to see."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)
    )
    picture = np.zeros((1, 32, 32), dtype=np.float32)
    picture[0, 8:24, 8:24] = np.random.default_rng(0).random((16, 16), dtype=np.float32)
    backgrounds = Backgrounds(np.empty((0, 32, 32), dtype=np.float32))
    *_, (_, _, forgot) = shuffled(network, (1.0,), 0)
    likeness = {}
    for recipe in (IntegratedGradients(Fill.BLACK), SmoothGrad(deviation=0.3)):
        here, there = (
            by_gradient(LogOdds(one, lambda x: x, 1), recipe, backgrounds)(picture, 0)[0] for one in (network, forgot)
        )
        likeness[recipe.method] = spearman(here, there)
    assert likeness["integrated-gradients"] > 0.8
    assert likeness["smooth-grad"] < 0.5
