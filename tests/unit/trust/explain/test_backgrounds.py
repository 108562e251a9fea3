"""Fills: what takes the place of a part."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from assay.trust.explain.backgrounds import Backgrounds, Fill, blurred


def test_neighbours_are_the_nearest_reference_pictures_and_never_the_picture_itself(planted) -> None:
    near = np.clip(planted.pictures + np.float32(0.01), 0, 1)
    reference = np.concatenate([planted.reference, near, planted.pictures[:1]])
    fills = Backgrounds(reference).fills(planted.pictures, Fill.NEIGHBOURS, 2)
    assert fills.shape == (6, 2, 32, 32)
    for row, own in enumerate(fills):
        np.testing.assert_array_equal(own[0], near[row])


def test_more_neighbours_than_there_are_gives_those_there_are(planted) -> None:
    assert Backgrounds(planted.reference).fills(planted.pictures, Fill.NEIGHBOURS, 50).shape[1] == 5


@pytest.mark.parametrize(("edge", "size"), [(7, 20), (16, 16), (17, 40), (128, 128)])
def test_pictures_of_any_size_have_neighbours(edge: int, size: int) -> None:
    random = np.random.default_rng(0)
    pictures = random.random((3, edge, size), dtype=np.float32)
    fills = Backgrounds(pictures[::-1]).fills(pictures, Fill.NEIGHBOURS)
    assert fills.shape == (3, 1, edge, size)


def test_without_reference_there_are_no_neighbours_and_two_other_fills_judge(planted) -> None:
    none = Backgrounds(np.empty((0, 32, 32), dtype=np.float32))
    assert Fill.NEIGHBOURS not in none.known
    assert none.judging == (Fill.BLUR, Fill.MEAN)
    with pytest.raises(ValueError, match="reference pictures"):
        none.fills(planted.pictures, Fill.NEIGHBOURS)


def test_the_other_fills(planted) -> None:
    backgrounds = Backgrounds(planted.reference)
    assert not backgrounds.fills(planted.pictures, Fill.BLACK).any()
    means = backgrounds.fills(planted.pictures, Fill.MEAN)[:, 0]
    np.testing.assert_allclose(means[:, 0, 0], planted.pictures.mean(axis=(1, 2)), rtol=1e-5)
    assert np.ptp(means[0]) == 0


def test_blur_is_that_of_scipy(planted) -> None:
    theirs = np.stack(
        [gaussian_filter(one.astype(float), 2.5, mode="nearest", truncate=3.2) for one in planted.pictures]
    )
    np.testing.assert_allclose(blurred(planted.pictures, 2.5), theirs, atol=1e-6)
