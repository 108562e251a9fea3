"""Methods that only ask find what counts, whatever the batch, and leave the picture alone."""

import numpy as np
import pytest

from assay.trust.explain.asking import BATCH, Asked, probability
from assay.trust.explain.backgrounds import Backgrounds, Fill
from assay.trust.explain.black_box import black_box
from assay.trust.explain.localisation import is_constant, localisation
from assay.trust.explain.recipes import KernelShap, Lime, Occlusion

RECIPES = [
    Occlusion(window=6, stride=2),
    Occlusion(Fill.BLACK, window=6, stride=2),
    Lime(cell=4, samples=600),
    KernelShap(cell=4, samples=600),
    Lime(Fill.MEAN, 1, cell=4, samples=600, smoothing=1.0),
]


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_planted_square_is_pointed_at(planted, recipe) -> None:
    heat = black_box(planted.ask, recipe, Backgrounds(planted.reference))(planted.pictures, 0)
    found = [localisation(one, mask) for one, mask in zip(heat, planted.masks, strict=True)]
    assert np.mean([one.pointing for one in found]) > 0.9
    assert np.mean([one.pixel_auroc for one in found]) > 0.8


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_map_does_not_depend_on_what_is_explained_beside_it(planted, recipe) -> None:
    explain = black_box(planted.ask, recipe, Backgrounds(planted.reference))
    before = planted.pictures.copy()
    np.testing.assert_allclose(explain(planted.pictures, 3)[4], explain(planted.pictures[4:5], 3)[0], atol=1e-9)
    np.testing.assert_array_equal(planted.pictures, before)


def test_a_model_that_never_listens_gives_constant_maps(planted) -> None:
    def deaf(shown):
        return np.full(len(shown), 1.5)

    for recipe in RECIPES:
        heat = black_box(deaf, recipe, Backgrounds(planted.reference))(planted.pictures[:1], 0)
        assert is_constant(heat[0]), recipe


def test_no_pictures_give_no_maps(planted) -> None:
    heat = black_box(planted.ask, Occlusion(), Backgrounds(planted.reference))(planted.pictures[:0], 0)
    assert heat.shape == (0, 32, 32)


def test_the_model_is_asked_in_batches_and_counted(planted) -> None:
    sizes = []

    def model(shown):
        sizes.append(len(shown))
        return planted.ask(shown)

    asked = Asked(model)
    many = np.repeat(planted.pictures, 20, axis=0)
    np.testing.assert_allclose(asked(many), planted.ask(many))
    assert asked.count == 120
    assert max(sizes) == BATCH
    assert asked(many[:0]).shape == (0,)


def test_probability_keeps_its_digits_at_both_ends() -> None:
    np.testing.assert_allclose(probability(np.array([-800.0, 0.0, 800.0])), [0.0, 0.5, 1.0])
