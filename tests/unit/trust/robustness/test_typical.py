"""Statistics of training pictures: what lies outside is found, what lies inside is left alone, and a damaged file is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from assay.errors import ComponentError
from assay.trust.robustness.typical import Typical, describe

SIZE = 32


def drawn(number, seed):
    """Return dim fields with a bright disc somewhere near the middle, N x 1 x 32 x 32."""
    chance = np.random.default_rng(seed)
    down, across = np.mgrid[:SIZE, :SIZE]
    middle = chance.uniform(13, 18, (2, number, 1, 1))
    disc = (down - middle[0]) ** 2 + (across - middle[1]) ** 2 < 64
    pictures = 0.2 + 0.5 * disc + chance.normal(0, 0.03, disc.shape)
    return np.clip(pictures, 0, 1)[:, None].astype(np.float32)


@pytest.fixture(scope="module")
def typical():
    return Typical.fitted(describe(drawn(300, 0)), np.zeros(300, dtype=np.intp), describe(drawn(300, 1)))


def test_pictures_of_the_same_kind_lie_within_the_bound_as_often_as_it_says(typical):
    outside = (typical.ratios(drawn(2000, 2)) > 1).mean()
    assert outside < 0.03


@pytest.mark.parametrize(
    "change",
    [
        lambda x: 1 - x,
        lambda x: np.roll(x, 10, axis=3),
        lambda x: np.clip(x * 1.6, 0, 1),
        lambda x: np.clip(x + np.random.default_rng(5).normal(0, 0.15, x.shape), 0, 1),
        lambda x: np.full_like(x, 0.5),
    ],
    ids=["inverted", "shifted", "another window", "noise", "blank"],
)
def test_pictures_of_another_kind_lie_outside(typical, change):
    assert (typical.ratios(change(drawn(200, 3)).astype(np.float32)) > 1).mean() > 0.95


def test_a_fact_that_never_varied_does_not_shout():
    flat = np.full((50, 1, SIZE, SIZE), 0.2, dtype=np.float32)
    found = Typical.fitted(describe(flat), np.zeros(50, dtype=np.intp), describe(flat + np.float32(0.001)))
    assert found.ratios(flat + np.float32(0.001)) == pytest.approx(1)


def test_what_is_written_is_what_is_used(typical, tmp_path):
    typical.write(tmp_path)
    again = Typical.read(tmp_path, SIZE)
    assert (again.bound, again.quantile, again.fitted_on, again.held_out) == (typical.bound, 0.99, 300, 300)
    pictures = drawn(20, 4)
    assert again.ratios(pictures).tolist() == typical.ratios(pictures).tolist()
    assert Typical.read(tmp_path / "elsewhere", SIZE) is None


def test_colours_are_averaged_and_small_pictures_have_fewer_facts():
    colour = np.random.default_rng(0).random((2, 3, SIZE, SIZE), dtype=np.float32)
    assert describe(colour) == pytest.approx(describe(colour.mean(axis=1, keepdims=True)))
    assert describe(colour[:, :1, :4, :4]).shape[1] < describe(colour).shape[1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2}, "format 2 is not known here"),
        ({"bound": 0}, "do not fit"),
        ({"means": [[1.0]]}, "do not fit"),
        ({"precision": "x"}, "could not convert"),
        ({"scale": None}, "do not fit"),
    ],
)
def test_a_damaged_file_is_refused(typical, tmp_path, change, said):
    typical.write(tmp_path)
    file = tmp_path / "typical.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(ComponentError, match=said):
        Typical.read(tmp_path, SIZE)
    file.write_text("{")
    with pytest.raises(ComponentError, match=r"typical\.json cannot be read"):
        Typical.read(tmp_path, SIZE)
