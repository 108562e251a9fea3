"""The library on real images, few and quick; ASSAY_REAL_DATA names a folder with ct/, ct.csv, xray/ and xray.csv."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from assay.library.evaluate.classification import classification
from assay.library.evaluate.find_leakage import find_leakage
from assay.library.evaluate.shortcut_audit import shortcut_audit
from assay.library.input.image_folder import image_folder
from assay.library.train.image_classifier import image_classifier
from assay.library.transform.predict import predict
from assay.library.transform.split_by_patient import split_by_patient
from assay.signing import open_envelope
from assay.trust.evidence.statement import State
from assay.trust.evidence.text import read_evidence
from assay.trust.gate import Verdict

pytestmark = pytest.mark.real_data


@pytest.mark.parametrize("name", ["ct", "xray"])
def test_real_images_go_through_every_step(name: str, tmp_path: Path) -> None:
    """No figure is asked for: sixty patients are too few for one. Every row must come out with its truth."""
    root = Path(os.environ["ASSAY_REAL_DATA"])
    table = pd.read_csv(root / f"{name}.csv", dtype=str, keep_default_na=False)
    chosen = [group for _, group in table.groupby("patient", sort=True)]
    covid, other = ([group for group in chosen if set(group["label"]) == {label}] for label in ("covid", "other"))
    few = pd.concat([group.head(2) for group in (*covid[:30], *other[:30])])
    few.drop(columns="split", errors="ignore").to_csv(tmp_path / "few.csv", index=False)
    images, unreadable = image_folder(folder=root, table=tmp_path / "few.csv", labels=["other", "covid"])
    assert unreadable == 0
    parts = split_by_patient(images, by="label")
    model, _ = image_classifier(parts.train, parts.validation, epochs=2, image_size=64)
    predictions = predict(model, parts.test)
    answers = pd.read_csv(predictions, dtype={"patient": str})
    truth = pd.read_csv(parts.test / "index.csv", dtype={"patient": str})
    assert answers[["file", "patient", "label"]].equals(truth[["file", "patient", "label"]])
    assert not answers["synthetic"].any()
    metrics = json.loads(classification(predictions, draws=200).metrics.path.read_text(encoding="utf-8"))
    assert metrics["synthetic"] is False
    assert 0 < metrics["figures"]["auroc"]["low"] < metrics["figures"]["auroc"]["high"] <= 1


def test_the_audit_catches_what_the_ct_files_tell_without_a_pixel() -> None:
    """Known of this set: every JPEG and no RGBA file is other. On the official split type and mode alone give 0.896."""
    root = Path(os.environ["ASSAY_REAL_DATA"])
    images, _ = image_folder(folder=root, table=root / "ct.csv", labels=["other", "covid"])
    parts = split_by_patient(images, use_split="split")
    audit = read_evidence(shortcut_audit(parts.test, parts.train, targets=["label"]).evidence)
    found = {each.on["cue"]: each for each in audit.statements}["file type and colour mode"]
    assert found.estimate.value == pytest.approx(0.896, abs=0.001)
    assert found.state is State.FAIL
    leakage = read_evidence(find_leakage(parts.train, parts.test, when_found="tell"))
    assert {each.id: each.estimate.value for each in leakage.statements} == {
        "leakage.patients": 0,
        "leakage.images": 0,
        "leakage.near_duplicates": 1,
    }
    assert "carry different labels" in leakage.caveats[0]


def test_the_gate_refuses_the_ct_model_for_its_shortcut(tmp_path: Path) -> None:
    """The development key alone makes the verdict a fail under this policy, so the rule about shortcuts is asked by name."""
    root = Path(os.environ["ASSAY_REAL_DATA"]).resolve()
    source = {"folder": str(root), "table": str(root / "ct.csv"), "labels": ["other", "covid"]}
    evidence = ["evaluate.evidence", "shortcuts.evidence", "fair.evidence"]
    steps = {
        "scans": {"use": "input/image-folder", "with": source},
        "split": {
            "use": "transform/split-by-patient",
            "in": {"images": "scans.images"},
            "with": {"use_split": "split"},
        },
        "train": {
            "use": "train/image-classifier",
            "in": {"train": "split.train", "validation": "split.validation"},
            "with": {"network": "efficientnet-lite0", "image_size": 96, "epochs": 8, "learning_rate": 0.001},
        },
        "predict": {"use": "transform/predict", "in": {"model": "train.model", "images": "split.test"}},
        "evaluate": {"use": "evaluate/classification", "in": {"predictions": "predict.predictions"}},
        "shortcuts": {
            "use": "evaluate/shortcut-audit",
            "in": {"images": "split.test", "train": "split.train"},
            "with": {"targets": ["label"]},
        },
        "fair": {"use": "fairness/group-metrics", "in": {"predictions": "predict.predictions"}},
        "judge": {
            "use": "gate/judge",
            "in": {
                "model": "train.model",
                "evidence": evidence,
                "images": "split.test",
                "predictions": "predict.predictions",
            },
            "with": {"policy": "clinical-strict"},
        },
    }
    (tmp_path / "ct.pipeline.yaml").write_text(
        yaml.safe_dump({"assay": 1, "name": "ct", "steps": steps}, sort_keys=False), encoding="utf-8"
    )
    _assay(tmp_path, "run", "ct.pipeline.yaml")
    _assay(tmp_path, "artifacts", "get", "last", "judge.verdict", "verdict.json")
    verdict = Verdict.read(open_envelope((tmp_path / "verdict.json").read_bytes(), "the verdict"), "the verdict")
    assert verdict.state is State.FAIL
    (shortcut,) = [rule for rule in verdict.rules if rule.id == "no-shortcut"]
    assert shortcut.state is State.FAIL
    leaks = {each.on["cue"] for each in shortcut.held if each.state is State.FAIL}
    assert "file type and colour mode" in leaks
    _assay(tmp_path, "artifacts", "get", "last", "fair.evidence", "fair.json")
    fair = read_evidence(tmp_path / "fair.json")
    told = {(each.id, *each.on.items()) for each in fair.statements if len(each.on) == 1}
    assert {("fairness.tpr", ("sex", sex)) for sex in ("F", "M")} <= told
    # Age and sex are known of patients with COVID only: a false positive rate by group would be made up.
    assert not [each for each in fair.statements if each.id.startswith("fairness.fpr")]
    assert [each for each in fair.not_measured if each.id.startswith("fairness.fpr")]


def _assay(folder: Path, *words: str) -> None:
    command = [str(Path(sys.executable).with_name("assay")), *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
