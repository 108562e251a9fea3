"""Bundles of models that were really fitted, over tables and over images: measured at two hospitals, told without a patient, and merged."""

from __future__ import annotations

import base64
import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hospital_workshop import POLICY

from assay.library.input.ct_phantom import ct_phantom
from assay.signing import Keyring

TABLES = """\
assay: 1
name: sepsis
steps:
  cases: {use: input/table, with: {file: cases.csv, label: outcome, positive: sepsis, patient: person, row: stay, sensitive: [sex, age], synthetic: true}}
  split: {use: transform/split-table, in: {table: cases.table}}
  train:
    use: train/tabular-classifier
    in: {train: split.train, validation: split.validation, schema: cases.schema}
    with: {model: logistic-regression}
  predict: {use: transform/predict-table, in: {model: train.model, table: split.test}}
  evaluate: {use: evaluate/classification, in: {predictions: predict.predictions}, with: {draws: 100}}
  fair: {use: fairness/group-metrics, in: {predictions: predict.predictions}, with: {draws: 100, fewest: 5}}
  leakage: {use: evaluate/find-table-leakage, in: {train: split.train, validation: split.validation, test: split.test}}
  judge:
    use: gate/judge
    in:
      model: train.model
      evidence: [evaluate.evidence, fair.evidence, leakage.evidence]
      table: split.test
      predictions: predict.predictions
    with: {policy_file: workshop.yaml}
"""

IMAGES = """\
assay: 1
name: lungs
steps:
  scans: {use: input/ct-phantom, with: {patients: 100, size: 64, slices: 2, difficulty: 0.0, seed: 3}}
  split: {use: transform/split-by-patient, in: {images: scans.images}}
  train:
    use: train/image-classifier
    in: {train: split.train, validation: split.validation}
    with: {epochs: 10, image_size: 64, augmentation: none}
  predict: {use: transform/predict, in: {model: train.model, images: split.test}}
  evaluate: {use: evaluate/classification, in: {predictions: predict.predictions}, with: {draws: 100}}
  fair: {use: fairness/group-metrics, in: {predictions: predict.predictions}, with: {draws: 100, fewest: 5}}
  leakage: {use: evaluate/find-leakage, in: {train: split.train, validation: split.validation, test: split.test}, with: {when_found: tell}}
  judge:
    use: gate/judge
    in:
      model: train.model
      evidence: [evaluate.evidence, fair.evidence, leakage.evidence]
      images: split.test
      predictions: predict.predictions
    with: {policy_file: workshop.yaml}
"""


def write_stays(file: Path, *, seed: int, people: int) -> list[str]:
    """Write a table of people who never lived, two stays each, under the maker's names for the columns; return their ids."""
    random = np.random.default_rng(seed)
    ids = []
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["stay", "person", "outcome", "sex", "age", "lactate", "ward"])
        for number in range(people):
            sick, person = number % 2 == 0, f"P-{seed}-{random.integers(10**9):09d}"
            sex, age = random.choice(["F", "M"]), int(random.integers(25, 85))
            ids.append(person)
            for stay in range(2):
                lactate = random.normal(4.0 if sick else 2.0, 1.2)
                ward = random.choice(["surgery", "medicine"], p=[0.7, 0.3] if sick else [0.3, 0.7])
                row = [f"{person}-{stay}", person, "sepsis" if sick else "other", sex, age, f"{lactate:.6f}", ward]
                writer.writerow(row)
    return ids


@pytest.fixture
def made(world):
    """The maker's project: fits, judges, and makes a bundle."""

    def make(name: str, pipeline: str) -> Path:
        world.at("maker")
        home = world.root / "maker"
        ring = Keyring(home / "keys")
        ring.add("maker")
        (home / "workshop.yaml").write_text(POLICY)
        (home / f"{name}.pipeline.yaml").write_text(pipeline)
        ran = world.call("run", f"{name}.pipeline.yaml")
        assert ran.status == 0, ran.out + ran.err
        bundled = world.call("bundle", "make", "last", "--name", name, "--version", "1.0.0", "--key", "maker")
        assert bundled.status == 0, bundled.err
        return home / f"{name}-1.0.0"

    return make


def found(world, name: str) -> None:
    """Found a hospital with a key of its own, that trusts the maker's two."""
    world.at(name)
    ring, makers = Keyring(world.root / name / "keys"), Keyring(world.root / "maker" / "keys")
    ring.add(name)
    for theirs in makers.names():
        ring.add_public(f"maker-{theirs}", makers.public(theirs).pem)


def merged(world, *names: str):
    """Merge the evidence of hospitals at a third place; return what was said and the folder."""
    world.at("zurich")
    ring = Keyring(world.root / "zurich" / "keys")
    ring.add("zurich")
    for name in names:
        ring.add_public(name, Keyring(world.root / name / "keys").public(name).pem)
    folders = [world.root / name / "evidence" for name in names]
    told = world.call("evidence", "merge", *folders, "--out", "together", "--json")
    assert told.status == 0, told.err
    return json.loads(told.out), world.root / "zurich" / "together"


def written(folder: Path) -> bytes:
    """Return everything that a hospital hands over, out of its envelopes."""
    parts = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            parts.append(content)
            if path.name in {"site.json", "verdict.json"}:
                parts.append(base64.b64decode(json.loads(content)["payload"]))
    return b"\n".join(parts)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_model_over_a_table_is_measured_at_two_hospitals_and_merged(world, made):
    world.at("maker")
    write_stays(world.root / "maker" / "cases.csv", seed=0, people=240)
    bundle = made("sepsis", TABLES)
    example = json.loads((bundle / "example" / "request.json").read_text())["inputs"][0]
    assert (example["name"], example["shape"]) == ("features", [2, 2])
    assert (bundle / "example" / "input.csv").read_text().splitlines()[0] == "lactate,ward"
    for seed, name in enumerate(("basel", "chur"), start=1):
        found(world, name)
        people = write_stays(world.root / name / "stays.csv", seed=seed, people=160)
        rows = (world.root / name / "stays.csv").read_text().replace("person,outcome,sex", "pid,diagnosis,gender", 1)
        (world.root / name / "stays.csv").write_text(rows)
        told = world.call(
            "bundle", "evaluate", bundle, "--data", "stays.csv", "--out", "evidence", "--synthetic", "--json",
            "--columns", "row=stay,patient=pid,label=diagnosis,sex=gender",
        )  # fmt: skip
        assert told.status == 0, told.err
        said = json.loads(told.out)
        assert set(said["measured"].values()) == {"evaluate/classification@1.1.0", "fairness/group-metrics@1.0.0"}
        assert [one["component"] for one in said["left_out"]] == ["evaluate/find-table-leakage"]
        everything = written(world.root / name / "evidence")
        for trace in (
            *(one.encode() for one in people),
            b"lactate",
            b"surgery",
            b"stays.csv",
            str(world.root).encode(),
        ):
            assert trace not in everything, trace
        assert not list((world.root / name / "tmp").iterdir())
        body = json.loads(next((world.root / name / "evidence" / "evidence").glob("*classification.json")).read_text())
        assert body["samples"]["patients"] == 160
        assert all(each["estimate"]["n"] % 5 == 0 for each in body["statements"])
    said, folder = merged(world, "basel", "chur")
    (auroc,) = [one for one in said["figures"] if one["id"] == "discrimination.auroc"]
    assert (auroc["sites"], auroc["value"] > 0.8) == (2, True)
    assert auroc["low"] < auroc["value"] < auroc["high"] <= 1
    assert {one["on"].get("sex") for one in said["figures"]} >= {"F", "M"}
    assert "Synthetic data" in (folder / "report.html").read_text()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_network_that_was_trained_is_measured_at_two_hospitals_and_merged(world, made, monkeypatch):
    bundle = made("lungs", IMAGES)
    for seed, name in enumerate(("basel", "chur"), start=11):
        found(world, name)
        home = world.root / name
        monkeypatch.chdir(home)
        images = ct_phantom(patients=60, size=64, slices=2, difficulty=0.0, seed=seed)
        shutil.copytree(images.path, home / "scans")
        table = next((home / "scans").glob("*.csv"))
        people = {row["patient"] for row in csv.DictReader(table.read_text().splitlines())}
        told = world.call(
            "bundle", "evaluate", bundle, "--data", "scans", "--table", table, "--set", "intensity=hounsfield",
            "--columns", "patient=patient,age=age,sex=sex", "--out", "evidence", "--synthetic", "--json",
        )  # fmt: skip
        assert told.status == 0, told.err
        said = json.loads(told.out)
        assert set(said["measured"].values()) == {"evaluate/classification@1.1.0", "fairness/group-metrics@1.0.0"}
        assert [one["component"] for one in said["left_out"]] == ["evaluate/find-leakage"]
        everything = written(home / "evidence")
        for trace in (*(f'"{one}"'.encode() for one in people), b"scans/", b".png", b"iVBORw0KGgo", b"<svg"):
            assert trace not in everything, trace
    said, folder = merged(world, "basel", "chur")
    (auroc,) = [one for one in said["figures"] if one["id"] == "discrimination.auroc"]
    assert auroc["sites"] == 2
    assert 0.5 < auroc["value"] <= 1
    assert "Synthetic data" in (folder / "report.html").read_text()
