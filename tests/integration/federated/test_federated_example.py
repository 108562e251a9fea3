"""What stands beside the federated example: pooling sites, and holding models beside each other at each of them."""

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest
from federation_workshop import write_cohort
from model_workshop import write_linear_model

from assay import Images, Model
from assay.data.images import load_values, read_index, read_meta
from assay.errors import ComponentError

_FILE = Path(__file__).parents[3] / "examples" / "11_federated" / "steps.py"
_SPEC = importlib.util.spec_from_file_location("federated_example", _FILE)
steps = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(steps)


def site(folder, first, **cohort):
    return Images(write_cohort(folder, range(first, first + 20), **cohort))


def test_pooling_keeps_every_image_and_its_row(tmp_path):
    sites = [site(tmp_path / "a", 0, prefix="a"), site(tmp_path / "b", 100, prefix="b")]
    whole = steps.pool(sites)
    index, parts = read_index(whole), [read_index(one) for one in sites]
    assert index["patient"].tolist() == [patient for part in parts for patient in part["patient"]]
    assert read_meta(whole) == read_meta(sites[0])
    for folder, part in zip(sites, parts, strict=True):
        file = part["file"].iloc[-1]
        meta = read_meta(whole)
        assert np.array_equal(load_values(whole / file, meta), load_values(folder / file, meta))


def test_files_of_one_name_and_images_of_another_kind_are_not_pooled(tmp_path):
    first = site(tmp_path / "a", 0)
    with pytest.raises(ComponentError, match="a file of the same name"):
        steps.pool([first, site(tmp_path / "b", 0)])
    with pytest.raises(ComponentError, match="not of one kind"):
        steps.pool([first, site(tmp_path / "c", 100, labels=("covid", "healthy"))])


def test_a_model_that_sees_the_disease_is_above_one_that_does_not(tmp_path):
    seeing = write_linear_model(tmp_path / "seeing", np.full((32, 32), 0.01), labels=("healthy", "covid"))
    blind = write_linear_model(tmp_path / "blind", np.zeros((32, 32)), labels=("healthy", "covid"))
    tests = [site(tmp_path / "a", 0), site(tmp_path / "b", 100)]
    made = steps.compare(
        [Model(seeing), Model(blind)], tests, names=["federated", "blind"], sites=["a", "b"], draws=200
    )
    with made.table.path.open(newline="", encoding="utf-8") as file:
        lines = {(line["model"], line["test_site"]): line for line in csv.DictReader(file)}
    assert len(lines) == 4
    for name in ("a", "b"):
        assert float(lines["federated", name]["auroc"]) > 0.95
        assert lines["federated", name]["below_federated"] == ""
        assert float(lines["blind", name]["auroc"]) == 0.5
        assert float(lines["blind", name]["below_low"]) > 0.1
        assert int(lines["blind", name]["patients"]) == 20
