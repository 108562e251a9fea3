import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from assay.data.images import load_mask, load_values, read_index, read_meta
from assay.errors import ComponentError
from assay.library.input.ct_phantom import ct_phantom


def digest(folder):
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()


def test_the_phantom_is_an_images_folder_that_says_it_is_synthetic():
    images = ct_phantom(patients=3, slices=2, size=64, prevalence=1.0)
    meta, index = read_meta(images), read_index(images)
    assert meta.synthetic
    assert "no patient was imaged" in meta.help
    assert (meta.labels, meta.positive) == (("other", "covid"), "covid")
    assert set(meta.columns) <= set(index.columns)
    assert len(index) == 6
    assert index["patient"].nunique() == 3
    for row in index.itertuples():
        assert load_values(images / row.file, meta).shape == (64, 64)
        assert np.isclose(load_mask(images / row.mask).any(), row.lesion_share > 0)


def test_the_same_seed_gives_the_same_bytes():
    first, second, third = (ct_phantom(patients=2, slices=1, size=64, seed=seed) for seed in (4, 4, 5))
    assert digest(first) == digest(second) != digest(third)


def test_planted_bias_stands_in_the_index():
    images = ct_phantom(
        patients=30,
        slices=1,
        size=64,
        marker="ring",
        marker_tie="sex",
        marker_rate=1.0,
        marker_base=0.0,
        label_noise=1.0,
        label_noise_age=60,
        older_women=0.0,
    )
    index = read_index(images)
    assert ((index["marker"] == "ring") == (index["sex"] == "F")).all()
    assert ((index["label"] != index["true_label"]) == (index["age"] >= 60)).all()
    assert not ((index["sex"] == "F") & (index["age"] > 60)).any()
    assert json.loads((images / "images.json").read_text())["offset"] == -1024


def test_a_hospital_has_its_name_in_every_row_and_its_own_scanners():
    plain, north = (
        ct_phantom(patients=8, slices=1, size=64, seed=4, **more)
        for more in ({}, {"site": "north", "scanner": "low-dose"})
    )
    before, index = read_index(plain), read_index(north)
    assert "site" not in before
    assert set(index["site"]) == {"north"}
    assert index["patient"].tolist() == [f"north-{patient}" for patient in before["patient"]]
    assert (set(index["vendor"]), set(index["kv"]), set(index["kernel"])) == ({"B"}, {100}, {"medium"})
    assert index["mas"].between(20, 39).all()
    assert index["age"].tolist() == before["age"].tolist()
    assert index["severity"].tolist() == before["severity"].tolist()
    assert set(read_meta(north).columns) <= set(index.columns)


@pytest.mark.parametrize("name", ["../north", "no rth", "-north", "n" * 40])
def test_a_name_that_no_file_should_have_is_refused(name):
    with pytest.raises(ComponentError, match="cannot name a site"):
        ct_phantom(patients=1, site=name)
