"""The library on real images, few and quick; ASSAY_REAL_DATA names a folder with ct/, ct.csv, xray/ and xray.csv."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from assay.library.evaluate.classification import classification
from assay.library.input.image_folder import image_folder
from assay.library.train.image_classifier import image_classifier
from assay.library.transform.predict import predict
from assay.library.transform.split_by_patient import split_by_patient

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
