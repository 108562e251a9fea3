"""From a run to a bundle that a hospital verifies, takes in, measures again and serves, where every path has blanks and letters of two alphabets."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from hospital_workshop import POLICY

from assay.signing import Keyring

ASSAY = Path(sys.executable).with_name("assay")

PIPELINE = """\
assay: 1
name: sepsis
steps:
  cases: {use: input/table, with: {file: Fälle β/alle Fälle 1.csv, label: outcome, positive: sepsis, patient: person, sensitive: [sex], synthetic: true}}
  split: {use: transform/split-table, in: {table: cases.table}}
  train: {use: train/tabular-classifier, in: {train: split.train, validation: split.validation, schema: cases.schema}, with: {model: logistic-regression}}
  predict: {use: transform/predict-table, in: {model: train.model, table: split.test}}
  evaluate: {use: evaluate/classification, in: {predictions: predict.predictions}, with: {draws: 100}}
  judge: {use: gate/judge, in: {model: train.model, evidence: evaluate.evidence, table: split.test, predictions: predict.predictions}, with: {policy_file: Regeln 1/ξ Regel.yaml}}
"""


@pytest.fixture
def tmp_path(tmp_path):
    """Return a folder of the kind that people have."""
    folder = tmp_path / "Klinik Süd 1" / "αβ data"
    folder.mkdir(parents=True)
    return folder


def write_cases(file: Path) -> None:
    random = np.random.default_rng(0)
    rows = ["person,outcome,sex,lactate"]
    for number in range(200):
        sick = number % 2 == 0
        rows.append(
            f"P-{number},{'sepsis' if sick else 'other'},{random.choice(['F', 'M'])},{random.normal(4.0 if sick else 2.0, 1.2):.6f}"
        )
    file.parent.mkdir()
    file.write_text("\n".join(rows) + "\n")


def test_a_run_becomes_a_bundle_that_is_measured_again(world):
    home = world.at("maker β").root / "maker β"
    Keyring(home / "keys").add("maker")
    write_cases(home / "Fälle β" / "alle Fälle 1.csv")
    (home / "Regeln 1").mkdir()
    (home / "Regeln 1" / "ξ Regel.yaml").write_text(POLICY)
    (home / "mein Lauf 1.pipeline.yaml").write_text(PIPELINE)
    ran = world.call("run", "mein Lauf 1.pipeline.yaml")
    assert ran.status == 0, ran.out + ran.err
    out = home / "fertige Bündel" / "sepsis 1"
    out.parent.mkdir()
    made = world.call("bundle", "make", "--name", "sepsis", "--version", "1.0.0", "--key", "maker", "--out", out)
    assert made.status == 0, made.err

    there = world.at("Zürich ω").root / "Zürich ω"
    ring = Keyring(there / "keys")
    ring.add("site")
    for name in Keyring(home / "keys").names():
        ring.add_public(f"maker-{name}", Keyring(home / "keys").public(name).pem)
    assert world.call("bundle", "verify", out).status == 0
    told = world.call(
        "bundle", "evaluate", out, "--data", home / "Fälle β" / "alle Fälle 1.csv", "--out", "Befund 1 ξ", "--synthetic", "--json",
        "--columns", "patient=person,label=outcome,sex=sex",
    )  # fmt: skip
    assert told.status == 0, told.err
    assert (there / "Befund 1 ξ" / "site.json").is_file()
    assert not list((there / "tmp").iterdir())


def test_a_bundle_travels_as_an_archive_is_measured_merged_and_served(world):
    archive = world.root / "für Klinik 2 ψ.assaybundle.tar"
    world.hospital("basel")
    exported = world.call("bundle", "export", world.root / "made" / "bundle", archive)
    assert exported.status == 0, exported.err
    assert world.call("bundle", "import", archive).status == 0
    at_basel = world.evaluate()
    assert at_basel.status == 0, at_basel.err
    world.hospital("chur", seed=1)
    at_chur = world.evaluate()
    assert at_chur.status == 0, at_chur.err
    Keyring(world.root / "chur" / "keys").add_public(
        "basel", Keyring(world.root / "basel" / "keys").public("basel").pem
    )
    folders = [world.root / name / "evidence" for name in ("basel", "chur")]
    merged = world.call("evidence", "merge", *folders, "--out", "alle zusammen ψ")
    assert merged.status == 0, merged.err

    words = [ASSAY, "serve", world.root / "made" / "bundle", "--port", "0", "--json", "--no-log"]
    example = (world.root / "made" / "bundle" / "example" / "request.json").read_bytes()
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as serving:  # with the keys of the hospital
        address = json.loads(serving.stdout.readline())["address"]
        with urllib.request.urlopen(f"{address}/v2/models/covid-ct/infer", example, timeout=120) as answer:
            assert json.load(answer)["model_name"] == "covid-ct"
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(120) == 0
