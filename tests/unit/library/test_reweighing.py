"""Weights written where the trainers read them, and two models compared group by group."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError, Dataset, Images, Predictions
from assay.data.images import read_index, read_meta
from assay.library.fairness.compare import compare
from assay.library.fairness.reweighing import reweighing
from assay.library.fairness.reweighing_table import reweighing_table
from assay.library.train.image_classifier import image_classifier
from assay.library.train.tabular_classifier import tabular_classifier
from assay.library.transform.predict_table import predict_table
from assay.trust.charts.svg import embedded
from assay.trust.evidence.evidence import Role
from assay.trust.evidence.text import read_evidence
from assay.trust.performance.origin import MODEL, SEAL, seal_rows


@pytest.fixture
def lopsided(toy_images) -> Path:
    """Of 30 patients 10 women, mostly healthy, and 20 men, mostly ill."""
    folder = toy_images("train", range(30))
    index = pd.read_csv(folder / "index.csv", dtype=str)
    number = index["patient"].str[1:].astype(int)
    index["sex"] = np.where((number % 2 == 1) == (number % 5 != 0), "M", "F")
    index.to_csv(folder / "index.csv", index=False)
    return folder


def share_ill(index: pd.DataFrame, sex: str) -> float:
    here = index[index["sex"] == sex]
    return here.loc[here["label"] == "covid", "sample_weight"].sum() / here["sample_weight"].sum()


def test_images_get_weights_that_the_trainer_takes(lopsided: Path, toy_images, capsys) -> None:
    images, shares = reweighing(Images(lopsided))
    index = read_index(images)
    assert share_ill(index, "F") == pytest.approx(share_ill(index, "M"))
    assert share_ill(index.assign(sample_weight=1.0), "F") < 0.4 < share_ill(index.assign(sample_weight=1.0), "M")
    assert "every group by sex" in read_meta(images).columns["sample_weight"]
    assert read_meta(lopsided).columns == {}
    rows = embedded(shares.path.read_text(encoding="utf-8"))["data"]["values"]
    assert {row["series"] for row in rows} == {"before", "after"}
    assert "unweighted ones (Kish)" in capsys.readouterr().out
    validation = Images(toy_images("validation", range(100, 112)))
    quick = {"epochs": 1, "image_size": 32, "batch_size": 16}
    facts = [
        json.loads((image_classifier(part, validation, **quick).model / "model.json").read_text(encoding="utf-8"))
        for part in (images, Images(lopsided))
    ]
    assert [each["training"]["weighted"] for each in facts] == [True, False]
    assert facts[0]["training"]["validation_loss"] != facts[1]["training"]["validation_loss"]


def test_weights_that_are_there_are_multiplied(lopsided: Path) -> None:
    once = read_index(reweighing(Images(lopsided)).images)
    again = read_index(reweighing(reweighing(Images(lopsided)).images).images)
    np.testing.assert_allclose(again["sample_weight"], once["sample_weight"])  # independent already: factors of 1


def test_bad_columns_are_refused(lopsided: Path) -> None:
    with pytest.raises(ComponentError, match="lack the column sexx to group by"):
        reweighing(Images(lopsided), by="sexx")
    index = pd.read_csv(lopsided / "index.csv", dtype=str).assign(sample_weight="much")
    index.to_csv(lopsided / "index.csv", index=False)
    with pytest.raises(ComponentError, match="sample_weight that is no number from 0"):
        reweighing(Images(lopsided))


def table(path: Path, start: int, count: int, seed: int) -> Dataset:
    """Group decides the label in training; ``clue`` carries a little of the truth."""
    random = np.random.default_rng(seed)
    sex = random.choice(["F", "M"], count)
    ill = random.random(count) < np.where(sex == "F", 0.15, 0.7)
    rows = pd.DataFrame(
        {
            "row": range(start, start + count),
            "patient": range(start, start + count),
            "label": np.where(ill, "yes", "no"),
            "sex": sex,
            "height": np.where(sex == "F", 165, 178) + random.normal(0, 4, count),
            "clue": ill + random.normal(0, 1.5, count),
        }
    )
    rows.to_csv(path, index=False)
    return Dataset(path)


def test_a_table_gets_weights_that_its_trainer_takes(tmp_path: Path) -> None:
    """A model of weighted rows leans less on what tells the group."""
    train, held = table(tmp_path / "train.csv", 0, 1200, 1), table(tmp_path / "held.csv", 5000, 400, 2)
    weighted = reweighing_table(train, positive="yes").table
    assert pd.read_csv(weighted.path).groupby(["sex", "label"])["weight"].sum().groupby("sex").apply(
        lambda cells: cells.max() / cells.sum()
    ).std() == pytest.approx(0, abs=1e-9)
    gaps = []
    for part in (train, weighted):
        model = tabular_classifier(part, held, model="logistic-regression", threshold="half")
        answers = pd.read_csv(predict_table(model, held).path)
        called = (answers["predicted"] == "yes").groupby(answers["sex"]).mean()
        gaps.append(abs(called["F"] - called["M"]))
    assert gaps[0] > 0.4
    assert gaps[1] < gaps[0] / 2


def predictions(path: Path, *, help_women: float, rows: slice = slice(None), model: str = "a") -> Predictions:
    random = np.random.default_rng(3)
    ill, sex = random.random(600) < 0.5, random.choice(["F", "M"], 600)
    score = np.clip(0.35 + 0.3 * ill + (help_women - 0.15) * (ill & (sex == "F")) + random.normal(0, 0.12, 600), 0, 1)
    made = pd.DataFrame(
        {
            "file": [f"{number}.png" for number in range(600)],
            "patient": [f"p{number}" for number in range(600)],
            "label": np.where(ill, "covid", "healthy"),
            "score": score,
            "positive": "covid",
            "threshold": 0.5,
            MODEL: model * 64,
            "sex": np.where(np.arange(600) == 7, "", sex),
        }
    )[rows]
    made[SEAL] = seal_rows(made)
    made.to_csv(path, index=False)
    return Predictions(path)


def test_two_models_are_compared_case_by_case_whatever_their_order(tmp_path: Path) -> None:
    before = predictions(tmp_path / "before.csv", help_women=0.0)
    after = predictions(tmp_path / "after.csv", help_women=0.2, rows=slice(None, None, -1), model="b")
    evidence = read_evidence(compare(before, after, draws=200).evidence.path)
    changed = {(each.id, each.on["sex"]): each.estimate for each in evidence.statements}
    women, men = changed["fairness.tpr_change", "F"], changed["fairness.tpr_change", "M"]
    assert women.low > 0.2
    assert men.value == 0.0
    assert changed["fairness.auroc_change", "F"].low > 0
    (rates,) = evidence.tables
    assert {"tpr", "tpr difference"} <= {row[0] for row in rates.rows}
    assert evidence.subject(Role.MODEL).digest == "b" * 64
    assert any("sex is not known for 1 of 600 rows" in note for note in evidence.caveats)


def test_predictions_of_other_cases_are_not_compared(tmp_path: Path) -> None:
    whole = predictions(tmp_path / "whole.csv", help_women=0.0)
    with pytest.raises(ComponentError, match="100 cases are in one of the two predictions only"):
        compare(whole, predictions(tmp_path / "part.csv", help_women=0.0, rows=slice(100, None)))
    turned = pd.read_csv(whole.path, dtype=str, keep_default_na=False).drop(columns=SEAL)
    turned.loc[3, "label"] = {"covid": "healthy", "healthy": "covid"}[turned.loc[3, "label"]]
    turned.to_csv(tmp_path / "turned.csv", index=False)
    with pytest.raises(ComponentError, match="the truth of 1 cases differs"):
        compare(whole, Predictions(tmp_path / "turned.csv"))
