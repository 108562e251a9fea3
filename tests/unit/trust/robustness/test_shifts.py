"""Each shift does to a picture what it says, and no more."""

import numpy as np
import pytest

from assay.trust.robustness.shifts.kinds import SEVERITIES, SHIFTS, ShiftName, shifted
from assay.trust.robustness.shifts.picture import AIR, Picture
from assay.trust.robustness.shifts.thickness import has_neighbours, thickened


def disc(edge=96, hounsfield=True):
    y, x = np.mgrid[:edge, :edge] / edge - 0.5
    values = np.where(x**2 + y**2 < 0.15, -800.0, -1000.0) + 60 * np.sin(40 * x)
    values += np.where((x - 0.1) ** 2 + y**2 < 0.004, 700.0, 0.0)
    if not hounsfield:
        values = np.clip((values + 1350) / 1500, 0, 1)
    return Picture(values.astype(np.float32), hounsfield)


def random():
    return np.random.default_rng(0)


@pytest.mark.parametrize("name", ShiftName, ids=str)
@pytest.mark.parametrize("hounsfield", [True, False], ids=["HU", "grey"])
def test_every_shift_grows_with_its_severity_and_keeps_the_kind_of_picture(name, hounsfield):
    picture = disc(hounsfield=hounsfield)
    assert len(SHIFTS[name].amounts) == len(SEVERITIES)
    changes = []
    for severity in SEVERITIES:
        result = shifted(picture, name, severity, random())
        assert result.values.dtype == np.float32
        assert np.isfinite(result.values).all()
        if not hounsfield:
            assert 0 <= result.values.min() <= result.values.max() <= 1
        if name is ShiftName.CROP:
            changes.append(picture.values.size - result.values.size)
        else:
            assert result.values.shape == picture.values.shape
            changes.append(float(np.abs(result.values - picture.values).mean()))
    assert changes[0] > 0
    if name is ShiftName.ROTATION:  # turned far enough, stripes may match stripes again
        changes = [changes[0], max(changes)]
    assert changes == sorted(changes)


def test_levels_and_windows_are_counted_in_hounsfield_units():
    picture = disc()
    np.testing.assert_allclose(
        shifted(picture, ShiftName.BRIGHTER, 3, random()).values, picture.values + 100, atol=1e-3
    )
    wider = shifted(picture, ShiftName.WIDER, 5, random()).values
    np.testing.assert_allclose(wider + 600, (picture.values + 600) / 2, atol=1e-3)
    grey = Picture(np.full((4, 4), 0.5, np.float32), hounsfield=False)
    assert shifted(grey, ShiftName.DARKER, 4, random()).values[0, 0] == pytest.approx(0.4)


def test_noise_follows_the_root_of_the_dose():
    flat = Picture(np.full((256, 256), -800.0, np.float32), hounsfield=True)
    spread = [shifted(flat, ShiftName.DOSE, severity, random()).values.std() for severity in (1, 2)]
    assert spread == pytest.approx([12.0, 12.0 * np.sqrt(3)], rel=0.02)


def test_blur_is_counted_in_millimetres_whatever_the_size():
    edges = [
        Picture(np.repeat(np.r_[np.full(n // 2, -1000.0), np.full(n // 2, 0.0)][None], n, 0).astype(np.float32), True)
        for n in (128, 512)
    ]
    small, large = (shifted(picture, ShiftName.BLUR, 5, random()).values[0] for picture in edges)
    np.testing.assert_allclose(small, large.reshape(128, 4).mean(axis=1), atol=25)


def test_what_comes_in_from_outside_is_air():
    corners = shifted(disc(), ShiftName.ROTATION, 5, random()).values
    assert corners[0, 0] == AIR


def test_thicker_slices_are_the_mean_of_real_neighbours_where_they_are():
    flat = [np.full((8, 8), value, np.float32) for value in (0, 10, 20, 30, 40)]
    picture = Picture(flat[2], True, below=flat[1::-1], above=flat[3:])
    assert has_neighbours(picture, 2)
    assert thickened(picture, 1).values[0, 0] == pytest.approx(20)
    odd = Picture(flat[0], True, below=[flat[4]], above=[flat[4]])
    assert thickened(odd, 1).values[0, 0] == pytest.approx(80 / 3)
    assert not has_neighbours(Picture(flat[0], True, above=flat[1:]), 1)


def test_the_approximation_without_neighbours_blurs_outlines_and_leaves_the_middle():
    picture = disc()
    thick = thickened(picture, 3).values
    assert abs(thick[48, 48] - picture.values[48, 48]) < 60
    assert np.abs(thick - picture.values).mean() > 5


def test_a_jpeg_keeps_the_window_and_nothing_beyond():
    picture = Picture(np.linspace(-1024, 2000, 64 * 64, dtype=np.float32).reshape(64, 64), True)
    saved = shifted(picture, ShiftName.JPEG, 1, random()).values
    assert (saved.min(), saved.max()) == (pytest.approx(-1024, abs=30), pytest.approx(150, abs=12))


def test_the_same_chance_gives_the_same_picture():
    for name in (ShiftName.DOSE, ShiftName.ROTATION):
        first, second = (shifted(disc(), name, 3, random()).values for _ in range(2))
        np.testing.assert_array_equal(first, second)
