"""Audit the chest films by sex and age on all patients: each is judged by a model that was fitted without them.

    python benchmarks/real_data/crossfit.py DATA --folds 5

Patients are dealt to folds within their label. For each fold a pipeline fits the showcase's network on the others and answers about the
fold; the answers, each called by its own model's threshold, are audited together. Every row counts once, patients are the unit. The
table names no model, because the audit is of the recipe and not of one model. Images and results stay in the working folder.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from measure import assay
from showcase import row, spent

from assay import Predictions
from assay.library.evaluate.classification import classification
from assay.library.fairness.group_metrics import group_metrics

TOLD = ("fairness.tnr", "fairness.tpr", "fairness.base_rate", "fairness.fpr_difference", "fairness.tpr_difference")
_OF_ONE_MODEL = ["model_sha256", "data_sha256", "row_seal"]


def main() -> int:
    """Fit, answer, merge, audit and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=os.environ.get("ASSAY_REAL_DATA"))
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, default=Path(".assay-real-data/crossfit"))
    given = parser.parse_args()
    if given.data is None:
        parser.error("name the folder of the images, or set ASSAY_REAL_DATA")
    given.work.mkdir(parents=True, exist_ok=True)
    dealt(pd.read_csv(given.data / "xray.csv"), given.folds, given.seed).to_csv(given.work / "folds.csv", index=False)
    file = given.work / "crossfit.pipeline.yaml"
    file.write_text(yaml.safe_dump(pipeline(given.data.resolve(), given.folds, given.seed), sort_keys=False))
    before = spent()
    run = assay(given.work, "run", file.name)
    if run.returncode:
        print(run.stdout + run.stderr)
        return int(run.returncode)
    print(f"{given.folds} folds, seed {given.seed}: {spent() - before:.0f} CPU seconds\n")
    tell(merged(given.work, given.folds), given.work / "merged.csv")
    return 0


def dealt(table: pd.DataFrame, folds: int, seed: int) -> pd.DataFrame:
    """Return the table with a column ``split`` that names the fold of each patient, ``fold0`` and so on, dealt within the label."""
    random = np.random.default_rng(seed)
    ill = table.groupby("patient").label.agg(lambda labels: (labels == "covid").any())
    place: dict[Any, str] = {}
    for _, patients in ill.groupby(ill):
        place |= {patient: f"fold{number % folds}" for number, patient in enumerate(random.permutation(patients.index))}
    return table.assign(split=table.patient.map(place))


def pipeline(data: Path, folds: int, seed: int) -> dict[str, Any]:
    """Return a pipeline that splits, fits and predicts once a fold, with the showcase's settings for real images."""
    source = {"folder": str(data), "table": "./folds.csv", "labels": ["other", "covid"]}
    steps: dict[str, Any] = {"scans": {"use": "input/image-folder", "with": source}}
    for fold in range(folds):
        split, train = f"split{fold}", f"train{fold}"
        steps |= {
            split: {
                "use": "transform/split-by-patient",
                "in": {"images": "scans.images"},
                "with": {
                    "use_split": "split",
                    "split_map": {
                        f"fold{other}": {fold: "test", (fold + 1) % folds: "validation"}.get(other, "train")
                        for other in range(folds)
                    },
                },
            },
            train: {
                "use": "train/image-classifier",
                "in": {"train": f"{split}.train", "validation": f"{split}.validation"},
                "with": {
                    "epochs": 20,
                    "seed": seed,
                    "network": "efficientnet-lite0",
                    "image_size": 224,
                    "learning_rate": 1e-3,
                },
                "resources": {"cpu": 1, "memory": "4Gi"},
            },
            f"predict{fold}": {
                "use": "transform/predict",
                "in": {"model": f"{train}.model", "images": f"{split}.test"},
            },
        }
    return {"assay": 1, "name": "crossfit", "steps": steps}


def merged(work: Path, folds: int) -> pd.DataFrame:
    """Return the answers of all folds, every score moved along two straight lines so that its model's threshold becomes 0.5."""
    parts = []
    for fold in range(folds):
        file = work / f"predict{fold}.csv"
        file.unlink(missing_ok=True)
        got = assay(work, "artifacts", "get", "last", f"predict{fold}.predictions", file.name)
        if got.returncode:
            raise SystemExit(got.stdout + got.stderr)
        part = pd.read_csv(file, dtype={"patient": str}).drop(columns=_OF_ONE_MODEL)
        cut = part.threshold
        part["score"] = np.where(part.score < cut, part.score / (2 * cut), 0.5 + (part.score - cut) / (2 * (1 - cut)))
        parts.append(part.assign(threshold=0.5, p_covid=part.score, p_other=1 - part.score))
    return pd.concat(parts, ignore_index=True)


def tell(answers: pd.DataFrame, file: Path) -> None:
    """Audit by sex and age group and print every figure in TOLD."""
    answers.to_csv(file, index=False)
    for component, told in (
        (
            lambda: classification(Predictions(file)).evidence,
            ("discrimination.sensitivity", "discrimination.specificity"),
        ),
        (lambda: group_metrics(Predictions(file), by=["sex", "age_group"]).evidence, TOLD),
    ):
        found = json.loads(component().path.read_text(encoding="utf-8"))
        for statement in found["statements"]:
            if statement["id"] in told:
                print(
                    row(statement)
                    + (f" p {statement['adjusted_p']:.3g}" if statement["adjusted_p"] is not None else "")
                )
        for missing in found["not_measured"]:
            print("not measured:", missing["id"], missing["on"], missing["why"])


if __name__ == "__main__":
    sys.exit(main())
