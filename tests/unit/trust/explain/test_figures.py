"""Each figure at values that can be worked out by hand, and fair to maps of patches."""

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from assay.trust.explain.controls import Control, control_heat
from assay.trust.explain.faithfulness import faithfulness, turns
from assay.trust.explain.infidelity import infidelity, probes
from assay.trust.explain.likeness import spearman, ssim
from assay.trust.explain.localisation import is_constant, localisation
from assay.trust.explain.stability import max_sensitivity, repeatability

MASK = np.zeros((8, 8), dtype=bool)
MASK[2:4, 2:6] = True


def test_a_perfect_map_and_its_opposite() -> None:
    perfect = localisation(MASK.astype(float), MASK)
    assert (perfect.pointing, perfect.iou, perfect.pixel_auroc, perfect.energy) == (1.0, 1.0, 1.0, 1.0)
    wrong = localisation(-MASK.astype(float), MASK)
    assert (wrong.pointing, wrong.iou, wrong.pixel_auroc, wrong.energy) == (0.0, 0.0, 0.0, 0.0)


def test_patches_point_by_their_expected_hit() -> None:
    heat = np.zeros((8, 8))
    heat[2:4, 4:8] = 0.1 + 0.2  # half of the hottest patch lies in the lesion
    heat[2, 4] = 0.3  # the same to the last digit but one
    assert localisation(heat, MASK).pointing == pytest.approx(0.5)


def test_a_constant_map_is_worth_its_chance() -> None:
    flat = localisation(np.full((8, 8), 2.0), MASK)
    assert flat.pointing == pytest.approx(MASK.mean())
    assert flat.pixel_auroc == 0.5
    assert flat.iou == pytest.approx(MASK.mean() / (2 - MASK.mean()))
    assert is_constant(np.full((8, 8), 2.0))
    assert is_constant(np.full((8, 8), np.nan))
    assert not is_constant(MASK.astype(float))


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.zeros((4, 4), bool), "cannot be held against"),
        (np.zeros((8, 8), bool), "inside and outside"),
        (~np.zeros((8, 8), bool), "inside and outside"),
    ],
)
def test_a_mask_that_tells_nothing_is_refused(mask, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        localisation(MASK.astype(float), mask)


def test_the_true_map_deletes_fast_and_inserts_fast(planted) -> None:
    picture, truth, fill = planted.pictures[0], planted.masks[0].astype(float), planted.reference[0]
    random = np.random.default_rng(0)
    right = faithfulness(planted.ask, picture, fill, turns(truth, random))
    wrong = faithfulness(planted.ask, picture, fill, turns(-truth, random))
    chance = faithfulness(planted.ask, picture, fill, turns(np.zeros_like(truth), random))
    assert max(right.deletion, wrong.insertion) < 0.1
    assert min(right.insertion, wrong.deletion) > 0.7
    assert right.insertion - right.deletion > chance.insertion - chance.deletion > wrong.insertion - wrong.deletion


def test_infidelity_is_zero_for_a_forecast_and_one_for_none(planted) -> None:
    def linear(shown):
        return shown.sum(axis=(1, 2)).astype(float)

    picture, fill = planted.pictures[0], planted.reference[0]
    probed = probes(linear, picture, fill, count=100, random=np.random.default_rng(0))
    forecast = (picture - fill).astype(float)
    assert infidelity(forecast, probed) < 1e-6
    assert infidelity(1000 * forecast, probed) < 1e-6  # how bright a map is does not matter
    assert infidelity(-forecast, probed) == 1.0
    assert infidelity(np.zeros_like(forecast), probed) == 1.0
    assert 0.0 < infidelity(forecast + np.random.default_rng(1).normal(0, 0.2, forecast.shape), probed) < 1.0


def test_rank_correlation_looks_at_size_and_not_at_sign() -> None:
    heat = np.random.default_rng(0).normal(size=(12, 12))
    assert spearman(heat, -(heat**3)) == pytest.approx(1.0)
    assert spearman(heat, np.ones((12, 12))) == 0.0
    assert abs(spearman(heat, np.random.default_rng(1).normal(size=(12, 12)))) < 0.3


def test_structural_similarity_is_that_of_scikit_image() -> None:
    random = np.random.default_rng(0)
    one, other = random.random((2, 40, 40))
    other = 0.5 * one + 0.5 * other

    def scaled(heat):
        return (heat - heat.min()) / (heat.max() - heat.min())

    # Theirs leaves the rim out of the mean, as ours does by taking whole windows only.
    theirs = structural_similarity(scaled(one), scaled(other), data_range=1.0, win_size=7)
    assert ssim(one, other) == pytest.approx(theirs, abs=1e-9)
    assert ssim(one, one) == pytest.approx(1.0)
    assert ssim(one, np.ones((40, 40))) == 0.0


def test_controls_know_nothing_of_any_model(planted) -> None:
    pictures = planted.pictures
    edges = control_heat(pictures, Control.EDGES, np.random.default_rng(0))
    np.testing.assert_array_equal(control_heat(pictures, Control.INTENSITY, np.random.default_rng(0)), pictures)
    step = np.zeros((1, 6, 6), dtype=np.float32)
    step[:, :, 3:] = 1.0
    assert control_heat(step, Control.EDGES, np.random.default_rng(0))[0, 2].tolist() == [0, 0, 4, 4, 0, 0]
    assert edges.shape == pictures.shape


def test_a_steady_method_is_steady_and_a_nervous_one_is_not(planted) -> None:
    pictures = planted.pictures[:3]

    def steady(shown, _seed):
        return np.ones(shown.shape) + shown * 1e-3

    def nervous(shown, seed):
        return np.random.default_rng([seed, int(shown.sum() * 1e4)]).normal(size=shown.shape)

    calm = max_sensitivity(steady, pictures, steady(pictures, 0), draws=2, seed=0)
    wild = max_sensitivity(nervous, pictures, nervous(pictures, 0), draws=2, seed=0)
    assert calm.max() < 1e-3
    assert wild.min() > 1.0
    np.testing.assert_allclose(repeatability(steady, pictures, steady(pictures, 0), [1]), 1.0)
    assert np.abs(repeatability(nervous, pictures, nervous(pictures, 0), [1])).max() < 0.2
