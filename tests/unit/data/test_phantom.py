import dataclasses

import numpy as np
import pytest

from assay.data.phantom import Cohort, Marker, Tie, pictures, plan_cohort
from assay.data.phantom.canvas import Frame
from assay.data.phantom.cohort import LABELS
from assay.data.phantom.lesions import Pattern, Place, look_alike
from assay.data.phantom.person import Kernel, Person, Scanner, Sex, Vendor, draw_person
from assay.data.phantom.scanner import acquire, noise_level
from assay.data.phantom.slices import render

QUIET = Scanner(Vendor.A, 120, 200, Kernel.SOFT, 5.0)


def person(age=50, sex=Sex.M, **changes):
    drawn = draw_person(np.random.default_rng(3), age, sex)
    straight = {"roll": 0.0, "shift": (0.0, 0.0), "calcified": 0.0}
    return dataclasses.replace(drawn, **(straight | changes))


def slice_of(who: Person | None = None, scanner=QUIET, level=0.5, findings=(), severity=0.5, size=128, seed=1):
    return render(who or person(), scanner, level, findings, severity, size, np.random.default_rng(seed))


def drawn(cohort, patients):
    return [(plan, list(pictures(cohort, plan))) for plan in plan_cohort(cohort, patients)]


def test_tissues_have_their_hounsfield_values():
    pixels = slice_of().pixels
    assert pixels[2, 2] == pytest.approx(-1000, abs=20)
    lung = pixels[50:80, 25:40]
    assert -900 < np.median(lung) < -780
    heart = slice_of(level=0.8).pixels[50:62, 62:74]
    assert 25 < heart.mean() < 65
    assert (pixels > 300).mean() > 0.005
    fat = ((pixels > -140) & (pixels < -70)).mean()
    assert fat > 0.03


@pytest.mark.parametrize("size", [64, 128, 200, 512])
def test_every_size_shows_the_same_body(size):
    pixels = slice_of(size=size).pixels
    assert (pixels.shape, pixels.dtype) == ((size, size), np.float32)
    share = ((pixels < -700) & (pixels > -950)).mean()
    assert share == pytest.approx(0.233, abs=0.02)


def test_a_lesion_is_denser_than_its_lung_and_lies_in_the_mask():
    found = slice_of(findings=(Pattern.GROUND_GLASS,), severity=0.8)
    clean = slice_of(severity=0.8)
    assert clean.mask is None
    assert found.mask is not None
    assert found.lesion_share > 0.03
    inside = found.pixels[found.mask]
    assert -720 < np.median(inside) < -300
    vessel_free = clean.pixels < -800
    assert np.median(found.pixels[~found.mask & vessel_free]) < -700


def test_covid_lies_at_the_edge_and_towards_the_back():
    total = sum(slice_of(findings=(Pattern.GROUND_GLASS,), seed=seed).mask.astype(float) for seed in range(30))
    y, x = np.indices(total.shape) - 63.5
    centre = np.average(y, weights=total)
    assert centre > 4
    assert np.average(np.abs(x), weights=total) > 26
    left = total[:, :64].sum() / total.sum()
    assert 0.3 < left < 0.7


def test_consolidation_is_denser_than_ground_glass():
    densest = {
        pattern: np.mean(
            [np.percentile(s.pixels[s.mask], 90) for s in (slice_of(findings=(pattern,), seed=n) for n in range(8))]
        )
        for pattern in (Pattern.GROUND_GLASS, Pattern.CONSOLIDATION)
    }
    assert densest[Pattern.CONSOLIDATION] > densest[Pattern.GROUND_GLASS] + 150


@pytest.mark.parametrize(
    ("pattern", "where"),
    [
        (Pattern.NODULE, lambda x, y: np.abs(x) < 1),
        (Pattern.ATELECTASIS, lambda x, y: y > 0.4),
        (Pattern.LOBAR_PNEUMONIA, lambda x, y: np.abs(x) > 0.05),
    ],
)
def test_look_alikes_add_density_where_they_belong_and_have_no_mask(pattern, where):
    axis = np.linspace(-1.1, 1.1, 128, dtype=np.float32)
    x, y = np.meshgrid(axis, axis)
    place = Place(x, y, (130.0, 95.0), np.ones_like(x))
    added = look_alike(place, pattern, np.random.default_rng(0))
    assert 120 < added.max() < 1800
    assert added[~where(x, y)].max(initial=0.0) < 1
    assert slice_of(findings=(pattern,)).mask is None


@pytest.mark.parametrize("kernel", list(Kernel))
def test_noise_has_the_stated_spread_and_the_texture_of_ct(kernel):
    scanner = dataclasses.replace(QUIET, kernel=kernel, mas=50, slice_mm=2.5)
    flat = np.zeros((128, 128), dtype=np.float32)
    picture = acquire(flat, scanner, Frame(128, 380.0, 0.0, (0.0, 0.0)), flat + 1, np.random.default_rng(0))
    assert picture.std() == pytest.approx(noise_level(scanner), rel=0.02)
    power = np.abs(np.fft.rfft2(picture)) ** 2
    lowest, middle, highest = power[0:3, 1:3].mean(), power[14:20, 14:20].mean(), power[60:68, 60:].mean()
    assert lowest < 0.5 * middle
    assert highest < 0.5 * middle


def test_noise_falls_with_dose_and_rises_with_sharpness():
    levels = [noise_level(dataclasses.replace(QUIET, mas=mas)) for mas in (30, 60, 120)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] == pytest.approx(2 * levels[2])
    kernels = [noise_level(dataclasses.replace(QUIET, kernel=kernel)) for kernel in Kernel]
    assert kernels == sorted(kernels)


def test_thicker_slices_and_smoother_kernels_are_less_sharp():
    def edges(**changes):
        pixels = slice_of(scanner=dataclasses.replace(QUIET, mas=10_000, **changes)).pixels
        return np.abs(np.diff(pixels, axis=1)).mean()

    assert edges(slice_mm=5.0) < edges(slice_mm=1.0)
    assert edges(kernel=Kernel.SOFT) < edges(kernel=Kernel.SHARP)


def test_vendor_b_blanks_the_corners():
    assert slice_of(scanner=dataclasses.replace(QUIET, vendor=Vendor.B)).pixels[0, 0] == -1024
    assert slice_of().pixels[0, 0] > -1024


def test_age_and_sex_shape_the_body():
    def people(age, sex):
        return [draw_person(np.random.default_rng(seed), age, sex) for seed in range(60)]

    def mean(group, field):
        return np.mean([getattr(one, field) for one in group])

    young, old, women = people(25, Sex.M), people(85, Sex.M), people(25, Sex.F)
    assert mean(old, "lung") < mean(young, "lung")
    assert mean(old, "bone") < mean(young, "bone")
    assert mean(old, "calcified") > mean(young, "calcified") == 0
    assert mean(women, "width") < mean(young, "width")
    assert mean(women, "breast") > mean(young, "breast") == 0


def test_patient_i_does_not_depend_on_how_many_there_are():
    few, many = drawn(Cohort(seed=5, slices=2, size=64), 3), drawn(Cohort(seed=5, slices=3, size=64), 6)
    for (plan, some), (same, more) in zip(few, many, strict=False):
        assert plan == same
        for one, other in zip(some, more, strict=False):
            assert (one.pixels == other.pixels).all()
            assert one.columns == other.columns


def test_another_seed_is_another_cohort():
    first, second = (drawn(Cohort(seed=seed, slices=1, size=64), 1)[0][1][0].pixels for seed in (0, 1))
    assert (first != second).mean() > 0.5


def plans(patients=1500, **changes):
    return list(plan_cohort(Cohort(**changes), patients))


def test_the_cohort_is_as_ordered():
    cohort = plans(prevalence=0.3)
    assert np.mean([plan.covid for plan in cohort]) == pytest.approx(0.3, abs=0.04)
    assert np.mean([plan.person.sex is Sex.F for plan in cohort]) == pytest.approx(0.5, abs=0.04)
    assert {18, 90} >= {min(plan.person.age for plan in cohort), max(plan.person.age for plan in cohort)}
    assert all(plan.label == LABELS[plan.covid] for plan in cohort)
    assert all((plan.severity > 0) == plan.covid for plan in cohort)
    assert len({plan.patient for plan in cohort}) == len(cohort)


def test_without_planted_bias_age_and_sex_tell_nothing_of_the_disease():
    cohort = plans(3000)
    ill, well = ([plan for plan in cohort if plan.covid is covid] for covid in (True, False))
    assert np.mean([p.person.age for p in ill]) == pytest.approx(np.mean([p.person.age for p in well]), abs=2)
    assert np.mean([p.person.sex is Sex.F for p in ill]) == pytest.approx(
        np.mean([p.person.sex is Sex.F for p in well]), abs=0.06
    )


def test_difficulty_brings_look_alikes_and_fainter_lesions():
    easy, hard = plans(difficulty=0.0), plans(difficulty=1.0)

    def alike(cohort):
        return np.mean([plan.pattern is not Pattern.NONE for plan in cohort if not plan.covid])

    assert (alike(easy), alike(hard)) == (0, pytest.approx(0.7, abs=0.05))
    assert np.mean([p.severity for p in hard]) < 0.6 * np.mean([p.severity for p in easy])


def older_women(cohort):
    return sum(plan.person.sex is Sex.F and plan.person.age > 60 for plan in cohort)


def test_older_women_become_rare_and_nothing_else_changes():
    all_, few, none = plans(), plans(older_women=0.2), plans(older_women=0.0)
    assert older_women(few) == pytest.approx(0.2 * older_women(all_), rel=0.3)
    assert older_women(none) == 0
    assert [plan.covid for plan in few] == [plan.covid for plan in all_]
    assert [plan.person.age for plan in none] == [plan.person.age for plan in all_]


def test_labels_are_flipped_above_the_age_only():
    cohort = plans(noise=0.4, noise_age=65)
    flipped = [plan.label != LABELS[plan.covid] for plan in cohort]
    old = [plan.person.age >= 65 for plan in cohort]
    assert np.mean([flip for flip, aged in zip(flipped, old, strict=True) if aged]) == pytest.approx(0.4, abs=0.06)
    assert not any(flip for flip, aged in zip(flipped, old, strict=True) if not aged)


@pytest.mark.parametrize("marker", [Marker.TEXT, Marker.CLIP, Marker.RING])
@pytest.mark.parametrize("tie", list(Tie))
def test_a_marker_follows_what_it_is_tied_to(marker, tie):
    cohort = Cohort(slices=1, size=64, marker=marker, marker_tie=tie, marker_rate=1.0, marker_base=0.0)
    for plan, (picture,) in drawn(cohort, 12):
        tied = plan.covid if tie is Tie.LABEL else plan.person.sex is Sex.F
        assert picture.columns["marker"] == (marker if tied else Marker.NONE)
        assert bool(picture.columns["marker_box"]) == tied
        if tied:
            left, top, right, bottom = map(int, str(picture.columns["marker_box"]).split())
            assert picture.pixels[top:bottom, left:right].max() >= 1200


def test_a_marker_stays_or_moves_and_changes_nothing_outside_its_box():
    always = Cohort(slices=2, size=64, marker=Marker.TEXT, marker_rate=1.0, marker_base=1.0)
    fixed, varied, plain = (
        drawn(cohort, 4)
        for cohort in (
            always,
            dataclasses.replace(always, marker_varied=True),
            dataclasses.replace(always, marker=Marker.NONE),
        )
    )
    assert len({p.columns["marker_box"] for _, some in fixed for p in some}) == 1
    assert len({p.columns["marker_box"] for _, some in varied for p in some}) > 4
    for (_, some), (_, without) in zip(varied, plain, strict=True):
        for one, other in zip(some, without, strict=True):
            left, top, right, bottom = map(int, str(one.columns["marker_box"]).split())
            outside = np.ones((64, 64), dtype=bool)
            outside[top:bottom, left:right] = False
            assert (one.pixels[outside] == other.pixels[outside]).all()
