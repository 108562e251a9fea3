import numpy as np
import pytest

from assay.data.reading import Intensity
from assay.errors import NotFound
from assay.explore.windows import Window, greys

HU = np.array([[-1400.0, -600.0, 150.0], [40.0, 240.0, 3000.0]], dtype=np.float32)


@pytest.mark.parametrize(
    ("window", "taken", "low", "high"),
    [
        (Window.AUTO, Window.LUNG, -1350, 150),
        (Window.LUNG, Window.LUNG, -1350, 150),
        (Window.MEDIASTINUM, Window.MEDIASTINUM, -160, 240),
        (Window.FULL, Window.FULL, -1400, 3000),
    ],
)
def test_hounsfield_units_have_windows_of_their_own(window, taken, low, high):
    made = greys(HU, Intensity.HOUNSFIELD, window, deep=True)
    assert (made.window, made.low, made.high, made.unit) == (taken, low, high, "HU")
    assert made.shares == pytest.approx(np.clip((HU - low) / (high - low), 0, 1), abs=1e-6)


def test_a_deep_picture_of_few_greys_is_stretched_and_a_shallow_one_is_shown_as_it_is():
    values = np.linspace(0.01, 0.02, 101, dtype=np.float32)[None]
    made = greys(values, Intensity.GREY, Window.AUTO, deep=True)
    assert made.window is Window.PERCENTILES
    assert (made.low, made.high) == pytest.approx((0.0101, 0.0199))
    assert (made.shares[0, 0], made.shares[0, -1]) == (0.0, 1.0)
    shallow = greys(values, Intensity.GREY, Window.AUTO, deep=False)
    assert (shallow.window, shallow.low, shallow.high, shallow.unit) == (Window.FULL, 0.0, 1.0, "")
    assert shallow.shares == pytest.approx(values)


def test_a_picture_of_one_grey_is_not_stretched_to_noise():
    flat = np.full((4, 4), 0.25, dtype=np.float32)
    assert set(greys(flat, Intensity.GREY, Window.PERCENTILES, deep=True).shares.flat) == {0.25}
    air = np.full((4, 4), -1000, dtype=np.float32)
    assert set(greys(air, Intensity.HOUNSFIELD, Window.PERCENTILES, deep=True).shares.flat) == {0.0}


@pytest.mark.parametrize("window", [Window.LUNG, Window.MEDIASTINUM])
def test_a_window_in_hounsfield_units_of_a_picture_without_them_is_refused(window):
    with pytest.raises(NotFound, match="no Hounsfield"):
        greys(np.zeros((2, 2), dtype=np.float32), Intensity.GREY, window, deep=True)
