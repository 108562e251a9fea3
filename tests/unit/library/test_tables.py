"""Tables from file to sealed predictions, and what the components refuse."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError, Dataset, Model
from assay.library.evaluate.classification import classification
from assay.library.evaluate.find_table_leakage import find_table_leakage
from assay.library.explain.table import table as explain
from assay.library.input.public_table import public_table
from assay.library.input.table import table
from assay.library.train.tabular_classifier import tabular_classifier
from assay.library.transform.predict import predict
from assay.library.transform.predict_table import predict_table
from assay.library.transform.split_table import split_table
from assay.trust.evidence.statement import State
from assay.trust.evidence.text import read_evidence
from assay.trust.performance.table import read_predictions


@pytest.fixture
def file(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    ward = random.choice(["x", "y", "z"], 900)
    dose = random.normal(50, 20, 900)
    ill = dose + 30 * (ward == "y") + random.normal(0, 15, 900) > 60
    rows = pd.DataFrame({"dose": dose.round(1), "ward": ward, "sex": random.choice(["F", "M"], 900)})
    rows.assign(ill=np.where(ill, "yes", "no")).to_csv(tmp_path / "cases.csv", index=False)
    return tmp_path / "cases.csv"


def test_a_table_becomes_a_model_and_sealed_predictions(file: Path) -> None:
    cases = table(file=file, label="ill", sensitive=["sex"], synthetic=True)
    parts = split_table(cases.table, by=["sex"])
    assert parts.counts["test"]["rows"] == pytest.approx(225, abs=2)
    model = tabular_classifier(parts.train, parts.validation, cases.schema, model="logistic-regression")
    facts = json.loads((model / "model.json").read_text(encoding="utf-8"))
    assert [column["name"] for column in facts["columns"]] == ["dose", "ward"]
    assert (facts["training"]["left_out"], facts["synthetic"]) == (["sex"], True)
    answers = predict_table(model, parts.test)
    read = read_predictions(answers)
    assert (read.positive, read.labels, read.synthetic) == ("yes", ["no", "yes"], True)
    assert {"dose", "ward", "sex", "split", "row_seal"} <= {*pd.read_csv(answers.path).columns}
    assert classification(answers, draws=200).auroc > 0.8


def test_a_seal_of_a_table_breaks_when_truth_and_score_are_parted(file: Path, tmp_path: Path) -> None:
    cases = table(file=file, label="ill")
    parts = split_table(cases.table)
    answers = predict_table(tabular_classifier(parts.train, parts.validation, cases.schema), parts.test)
    shuffled = pd.read_csv(answers.path, dtype=str)
    shuffled["label"] = shuffled["label"].to_numpy()[::-1]
    shuffled.to_csv(tmp_path / "shuffled.csv", index=False)
    with pytest.raises(ComponentError, match="truth and score do not belong together"):
        read_predictions(tmp_path / "shuffled.csv")


def changed(source: Dataset, path: Path, **columns: object) -> Dataset:
    pd.read_csv(source.path, dtype=str, keep_default_na=False).assign(**columns).to_csv(path, index=False)
    return Dataset(path)


def test_unseen_categories_are_told_or_refused(file: Path, tmp_path: Path, capsys) -> None:
    cases = table(file=file, label="ill")
    parts = split_table(cases.table)
    model = tabular_classifier(parts.train, parts.validation, cases.schema)
    odd = changed(parts.test, tmp_path / "odd.csv", ward="attic")
    predict_table(model, odd)
    assert "ward: 225 cells hold categories that were not there in training: 'attic'" in capsys.readouterr().out
    with pytest.raises(ComponentError, match="'attic'"):
        predict_table(model, odd, unseen="refuse")


def test_what_a_trainer_cannot_use_is_refused(file: Path, tmp_path: Path) -> None:
    cases = table(file=file, label="ill")
    parts = split_table(cases.table)
    one = changed(parts.train, tmp_path / "one.csv", label="no")
    for train, validation, message in (
        (one, parts.validation, "every training row has the label 'no'"),
        (parts.train, changed(parts.validation, tmp_path / "v.csv", label="yes"), "no threshold can be chosen"),
        (parts.train, parts.train, "540 patients are in training and validation"),
        (
            parts.train,
            changed(parts.validation, tmp_path / "l.csv", label="perhaps"),
            "'perhaps' is not known|never 'yes'",
        ),
        (changed(parts.train, tmp_path / "w.csv", weight="-1"), parts.validation, "a weight is no number"),
    ):
        with pytest.raises(ComponentError, match=message):
            tabular_classifier(train, validation, cases.schema)
    with pytest.raises(ComponentError, match=r"no column 'wards' \(left out\)") as raised:
        tabular_classifier(parts.train, parts.validation, cases.schema, leave_out=["wards"])
    assert raised.value.hint == "did you mean 'ward'?"


def test_models_of_images_and_tables_are_not_taken_for_each_other(file: Path, tmp_path: Path, toy_images) -> None:
    cases = table(file=file, label="ill")
    parts = split_table(cases.table)
    model = tabular_classifier(parts.train, parts.validation, cases.schema)
    with pytest.raises(ComponentError) as raised:
        predict(model, toy_images("images", range(4)))
    assert "asked by transform/predict-table" in raised.value.hint
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "model.json").write_text('{"format": 1, "labels": ["a", "b"]}', encoding="utf-8")
    with pytest.raises(ComponentError, match="does not answer about tables"):
        predict_table(Model(tmp_path / "other"), parts.test)


def test_three_classes_are_told_apart_from_the_positive_one(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    kind = random.integers(0, 3, 600)
    rows = pd.DataFrame(
        {"dose": (kind * 20 + random.normal(0, 8, 600)).round(1), "stage": np.array(["I", "II", "III"])[kind]}
    )
    rows.to_csv(tmp_path / "stages.csv", index=False)
    cases = table(file=tmp_path / "stages.csv", label="stage", positive="III")
    parts = split_table(cases.table)
    answers = predict_table(tabular_classifier(parts.train, parts.validation, cases.schema), parts.test)
    assert classification(answers, draws=200).auroc > 0.9
    assert {"p_I", "p_II", "p_III"} <= {*pd.read_csv(answers.path).columns}


def test_a_public_table_is_cut_to_size_by_lot() -> None:
    first, again, other = (
        pd.read_csv(public_table(name="compas", most=200, seed=seed).table.path) for seed in (0, 0, 1)
    )
    assert len(first) == 200
    assert first.equals(again)
    assert not first.equals(other)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ComponentError, match="the table is not there"):
        table(file=tmp_path / "none.csv", label="ill")


def test_an_explanation_of_a_table_is_judged_beside_its_controls(file: Path) -> None:
    cases = table(file=file, label="ill", sensitive=["sex"])
    parts = split_table(cases.table)
    model = tabular_classifier(parts.train, parts.validation, cases.schema, model="logistic-regression")
    told = read_evidence(explain(model, parts.test, parts.train, most=40, backgrounds=20).evidence.path)
    gains = [each for each in told.statements if each.id == "explanation.gain_over_control"]
    assert {each.against["control"] for each in gains} == {"random", "another row", "unusual value"}
    assert next(each for each in gains if each.against["control"] == "random").state is State.PASS
    assert any(each.id == "explanation.randomisation_spearman" for each in told.statements)


def test_patients_in_two_parts_of_a_table_are_refused(file: Path) -> None:
    parts = split_table(table(file=file, label="ill").table)
    clean = read_evidence(find_table_leakage(parts.train, parts.test).path)
    assert {each.estimate.value for each in clean.statements if each.id == "leakage.patients"} == {0}
    with pytest.raises(ComponentError, match="share 225 patients and 225 equal rows"):
        find_table_leakage(parts.test, parts.test)


def test_what_parts_of_a_table_share_is_told_in_charts_with_their_numbers(file: Path) -> None:
    parts = split_table(table(file=file, label="ill").table)
    told = read_evidence(find_table_leakage(parts.test, parts.test, when_found="tell").path)
    numbers = {figure.name: figure.specification["data"]["values"][0]["value"] for figure in told.figures}
    assert numbers == {"shared-patients": 225, "equal-rows": 1.0}
    assert all("<svg" in figure.svg for figure in told.figures)
