"""Regions, cues and removals on phantom slices whose truth is known."""

import numpy as np
import pytest

from assay.data.phantom import Cohort, Marker, pictures, plan_cohort
from assay.trust.shortcuts.cues import PixelCue, pixel_cues
from assay.trust.shortcuts.regions import EDGE, enlarged, regions, unit_scaled, unscaled
from assay.trust.shortcuts.removal import HELP, Removal, removed


def slices(marker=Marker.NONE, patients=6, size=128, **planted):
    cohort = Cohort(slices=1, size=size, seed=3, marker=marker, marker_rate=1.0, marker_base=1.0, **planted)
    return [picture for plan in plan_cohort(cohort, patients) for picture in pictures(cohort, plan)]


def box(picture):
    left, top, right, bottom = map(int, str(picture.columns["marker_box"]).split())
    return slice(top, bottom), slice(left, right)


def test_the_body_is_found_and_lesions_lie_inside():
    seen = 0
    for picture in slices(patients=12):
        parts = regions(unit_scaled(picture.pixels, hounsfield=True))
        assert parts.found
        assert 0.3 < parts.body.mean() < 0.95
        assert not (parts.inside & ~parts.body).any()
        assert parts.inside.sum() < 0.8 * parts.body.sum()
        if picture.mask is not None:
            seen += 1
            assert parts.inside[picture.mask].mean() > 0.9
    assert seen > 2


def test_where_no_body_stands_out_the_frame_takes_its_place():
    for empty in (np.zeros((EDGE, EDGE), dtype=np.float32), np.random.default_rng(0).random((EDGE, EDGE), np.float32)):
        parts = regions(empty)
        assert not parts.found
        assert parts.body.mean() == pytest.approx(np.pi / 4, abs=0.01)


def test_units_go_there_and_back():
    values = np.array([[-1024.0, 0.0, 1399.0]], dtype=np.float32)
    np.testing.assert_allclose(unscaled(unit_scaled(values, hounsfield=True), hounsfield=True), values, atol=1e-3)
    assert unit_scaled(values, hounsfield=False) is values
    assert enlarged(np.eye(2, dtype=bool), (4, 6)).sum() == 12


@pytest.mark.parametrize("varied", [False, True])
def test_a_burnt_in_letter_changes_the_text_cue(varied):
    for clean, marked in zip(slices(), slices(Marker.TEXT, marker_varied=varied), strict=True):
        units = [unit_scaled(picture.pixels, hounsfield=True) for picture in (clean, marked)]
        before, after = (pixel_cues(unit, regions(unit))[PixelCue.TEXT] for unit in units)
        assert after[-1] > before[-1] + 5


def test_what_the_lungs_show_enters_no_cue():
    for picture in slices():
        unit = unit_scaled(picture.pixels, hounsfield=True)
        parts = regions(unit)
        other = np.where(parts.inside, np.float32(0.31), unit)
        for cue, numbers in pixel_cues(unit, parts).items():
            if cue is not PixelCue.TEXT:  # strokes look at their neighbours, so the very edge of the region shines in
                np.testing.assert_array_equal(numbers, pixel_cues(other, parts)[cue], err_msg=cue)


@pytest.mark.parametrize("size", [128, 256])
def test_text_is_painted_over_and_the_lungs_are_left_alone(size):
    for picture in slices(Marker.TEXT, size=size):
        unit = unit_scaled(picture.pixels, hounsfield=True)
        parts = regions(unit[:: size // EDGE, :: size // EDGE])
        without = removed(unit, parts, Removal.TEXT)
        assert without[box(picture)].max() < 0.4 < unit[box(picture)].max()
        inside = enlarged(parts.inside, unit.shape)
        np.testing.assert_array_equal(without[inside], unit[inside])


def test_each_removal_takes_out_what_it_says():
    (picture,) = slices(Marker.TEXT, patients=1)
    unit = unit_scaled(picture.pixels, hounsfield=True)
    parts = regions(unit)
    assert set(HELP) == set(Removal)
    assert (removed(unit, parts, Removal.OUTSIDE_BODY)[:5] == unit.min()).all()
    np.testing.assert_array_equal(removed(unit, parts, Removal.LUNGS)[~parts.inside], unit[~parts.inside])
    assert np.ptp(removed(unit, parts, Removal.LUNGS)[parts.inside]) == 0
    cut = removed(unit, parts, Removal.BORDERS)
    assert (cut.shape, cut.dtype) == (unit.shape, unit.dtype)
    np.testing.assert_array_equal(cut[0], cut[4])
    harmonised = removed(unit, parts, Removal.FILES)
    assert 0 < np.abs(harmonised - unit).mean() < 0.02
    assert all(removed(unit, parts, what).dtype == np.float32 for what in Removal)
