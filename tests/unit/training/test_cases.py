"""Images ready to be judged: truth, patients, groups and samples."""

import numpy as np
import pandas as pd
import pytest

from assay.errors import ComponentError
from assay.training.cases import Cases


def test_truth_patients_and_pixels(toy_images):
    cases = Cases.read(toy_images("a", range(10)))
    assert (len(cases), cases.patients, cases.positive, cases.hounsfield) == (20, 10, "covid", True)
    assert cases.truth.tolist() == (cases.index["label"] == "covid").tolist()
    assert cases.values(3).shape == (32, 32)
    some = cases.chosen(np.array([4, 5, 18]))
    assert some.patient.tolist() == [0, 0, 1]
    np.testing.assert_array_equal(some.values(2), cases.values(18))


def test_groups_leave_out_what_is_not_known(toy_images):
    folder = toy_images("a", range(6))
    table = pd.read_csv(folder / "index.csv", dtype=str)
    table.loc[0, "sex"], table.loc[1, "sex"], table.loc[2:3, "age"] = "unknown", "", ""
    table.to_csv(folder / "index.csv", index=False)
    cases = Cases.read(folder)
    groups = {str(dict(on)): int(mask.sum()) for on, mask in cases.groups(["sex", "age_group"])}
    assert groups == {"{'sex': 'F'}": 4, "{'sex': 'M'}": 6, "{'age_group': '40-59'}": 10}
    assert cases.column("age")[2] == ""
    with pytest.raises(ComponentError, match="no column 'sexe'") as error:
        cases.groups(["sexe"])
    assert error.value.hint == "did you mean 'sex'?"


def test_a_sample_takes_a_slice_of_everybody_first_and_the_classes_by_turns(toy_images):
    cases = Cases.read(toy_images("a", range(12), slices=4))
    sample = cases.sample(12, seed=1)
    assert (len(sample), sample.patients, int(sample.truth.sum())) == (12, 12, 6)
    assert len(cases.sample(20, seed=1)) == 20
    assert cases.sample(100, seed=1) is cases
    assert cases.sample(12, seed=1).index.equals(sample.index)
    assert not cases.sample(12, seed=2).index.equals(sample.index)


def test_what_cannot_be_judged_says_why(toy_images):
    folder = toy_images("a", range(4), positive="")
    with pytest.raises(ComponentError, match="which label of the images is positive"):
        Cases.read(folder)
    with pytest.raises(ComponentError, match="'covit' is no label"):
        Cases.read(folder, "covit")
    table = pd.read_csv(folder / "index.csv", dtype=str)
    table.assign(label=["", *table["label"][1:]]).to_csv(folder / "index.csv", index=False)
    with pytest.raises(ComponentError, match="1 of the images have no label"):
        Cases.read(folder, "covid")
    table.head(0).to_csv(folder / "index.csv", index=False)
    with pytest.raises(ComponentError, match="the images are empty"):
        Cases.read(folder, "covid")
