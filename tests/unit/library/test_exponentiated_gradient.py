"""Fairlearn's exponentiated gradient as a model: the gap is smaller, the file says what the mixture says, and no group is looked at."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError, Dataset
from assay.library.fairness.compare import compare
from assay.library.fairness.exponentiated_gradient import exponentiated_gradient
from assay.library.fairness.mixing import Demand, mixed
from assay.library.input.table import table
from assay.library.train.tabular_classifier import tabular_classifier
from assay.library.transform.predict_table import predict_table
from assay.library.transform.split_table import split_table
from assay.trust.evidence.text import read_evidence

pytestmark = pytest.mark.filterwarnings("ignore")  # the libraries' imports warn of optional packages that are not there


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A ward tells of the sex, and a model that follows it calls men."""
    root = tmp_path_factory.mktemp("constrained")
    random = np.random.default_rng(0)
    count = 4000
    man = random.random(count) < 0.5
    ward = np.where(random.random(count) < 0.9, man, ~man)
    dose = random.normal(0, 1, count)
    ill = random.random(count) < 1 / (1 + np.exp(-(1.2 * dose + 1.6 * man - 0.8)))
    rows = pd.DataFrame({"dose": dose.round(3), "ward": np.where(ward, "a", "b"), "sex": np.where(man, "M", "F")})
    rows.assign(ill=np.where(ill, "yes", "no")).to_csv(root / "cases.csv", index=False)
    cases = table(file=root / "cases.csv", label="ill", sensitive=["sex"], synthetic=True)
    parts = split_table(cases.table, by=["sex"])
    return SimpleNamespace(parts=parts, schema=cases.schema)


def gaps(found, when):
    (told,) = found.tables
    rows = [dict(zip(told.columns, row, strict=True)) for row in told.rows]
    return [abs(row[when]) for row in rows if row["figure"] in {"tpr difference", "fpr difference"}]


def test_both_gaps_are_smaller_afterwards_and_told_beside_each_other(made) -> None:
    parts = made.parts
    plain = tabular_classifier(
        parts.train, parts.validation, made.schema, model="logistic-regression", threshold="half"
    )
    fair = exponentiated_gradient(parts.train, parts.validation, made.schema)
    facts = json.loads((fair / "model.json").read_text(encoding="utf-8"))
    assert [column["name"] for column in facts["columns"]] == ["dose", "ward"]
    assert facts["training"]["left_out"] == ["sex"]
    assert facts["training"]["members"] >= 2
    assert facts["training"]["decides_as_the_lot"] > 0.7
    assert facts["threshold"]["value"] == 0.5
    before, after = (predict_table(model, parts.test) for model in (plain, fair))
    found = read_evidence(compare(before, after, draws=200).evidence.path)
    assert min(gaps(found, "before")) > 0.15
    assert all(now < 0.6 * was for was, now in zip(gaps(found, "before"), gaps(found, "after"), strict=True))


def test_the_lot_is_fairlearn_s_own() -> None:
    from fairlearn.reductions import EqualizedOdds, ExponentiatedGradient
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(1)
    group = random.choice(["a", "b"], 800)
    rows = np.column_stack([random.normal(0, 1, 800), group == "a"]).astype(float)
    truth = random.random(800) < 1 / (1 + np.exp(-(rows[:, 0] + rows[:, 1])))
    mixture, rounds = mixed(rows, truth, group, Demand("equalized_odds", 0.02, 20, 1.0))
    theirs = ExponentiatedGradient(
        LogisticRegression(C=1.0, max_iter=5000), EqualizedOdds(difference_bound=0.02), eps=0.02, max_iter=20
    ).fit(rows, truth.astype(int), sensitive_features=group)
    assert rounds == theirs.last_iter_ + 1
    assert np.abs(mixture.drawn(rows) - theirs._pmf_predict(rows)[:, 1]).max() < 1e-5


def changed(source: Dataset, path, **columns) -> Dataset:
    pd.read_csv(source.path, dtype=str, keep_default_na=False).assign(**columns).to_csv(path, index=False)
    return Dataset(path)


def test_what_no_constraint_can_be_put_on_is_refused(made, tmp_path) -> None:
    parts = made.parts
    labels = pd.read_csv(parts.train.path, dtype=str)["label"]
    for columns, message in (
        ({"weight": [str(number) for number in range(len(labels))]}, "are weighed already"),
        ({"sex": "F"}, "fewer than two groups of 'sex'"),
        ({"sex": np.where(labels == "yes", "M", "F")}, "the group 'F' have one class only"),
    ):
        odd = changed(parts.train, tmp_path / "odd.csv", **columns)
        with pytest.raises(ComponentError, match=message):
            exponentiated_gradient(odd, parts.validation, made.schema)
    with pytest.raises(ComponentError, match="lack the column wards"):
        exponentiated_gradient(parts.train, parts.validation, made.schema, by="wards")
