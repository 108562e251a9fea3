"""Shifts, membership, strangers and shortcuts of tables: planted faults are found by name, and nothing where there is none."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError, Dataset
from assay.library.evaluate.classification import classification
from assay.library.evaluate.find_table_leakage import find_table_leakage
from assay.library.evaluate.table_shortcuts import table_shortcuts
from assay.library.input.table import table
from assay.library.robustness.table_membership import table_membership
from assay.library.robustness.table_out_of_distribution import table_out_of_distribution
from assay.library.robustness.table_shifts import table_shifts
from assay.library.train.tabular_classifier import tabular_classifier
from assay.library.transform.predict_table import predict_table
from assay.library.transform.split_table import split_table
from assay.trust.evidence.statement import State
from assay.trust.evidence.text import read_evidence
from assay.trust.gate import Exhibit, decide, find_policy


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Dose and ward decide; sex shows in the ward; the entry column was filled in after the fact."""
    root = tmp_path_factory.mktemp("tables")
    random = np.random.default_rng(0)
    count = 2400
    sex = random.choice(["F", "M"], count)
    ward = np.where(random.random(count) < 0.85, np.where(sex == "F", "x", "y"), "z")
    dose = random.normal(50, 20, count)
    ill = dose + 15 * (ward == "z") + random.normal(0, 15, count) > 60
    rows = pd.DataFrame({"dose": dose.round(1), "ward": ward, "sex": sex, "age": random.integers(20, 90, count)})
    rows["entry"] = np.where(ill, random.integers(60, 100, count), random.integers(0, 65, count))
    rows.assign(ill=np.where(ill, "yes", "no")).to_csv(root / "cases.csv", index=False)
    cases = table(file=root / "cases.csv", label="ill", sensitive=["sex", "age"], synthetic=True)
    parts = split_table(cases.table)
    model = tabular_classifier(
        parts.train, parts.validation, cases.schema, model="logistic-regression", leave_out=["entry"]
    )
    leaky = tabular_classifier(parts.train, parts.validation, cases.schema, model="logistic-regression")
    return SimpleNamespace(root=root, model=model, leaky=leaky, schema=cases.schema, parts=parts)


def by(evidence, kind):
    return [each for each in evidence.statements if each.id == kind]


def drawn(found):
    """Return the numbers of the one figure of evidence."""
    (figure,) = found.figures
    return [(p["label"], p["value"], p["low"], p["high"]) for p in figure.specification["data"]["values"]]


def test_shifts_have_curves_groups_and_bounds(made) -> None:
    found = read_evidence(table_shifts(made.model, made.parts.test, draws=100).evidence.path)
    drops = {
        (each.on["shift"], each.on["severity"]): each
        for each in by(found, "robustness.shift_auroc_drop")
        if "sex" not in each.on
    }
    assert {name for name, _ in drops} == {
        "missing values", "noise", "category swaps", "more with a higher age", "more with a lower age",
        "column gone: dose", "column gone: ward",
    }  # fmt: skip
    assert drops["missing values", "1"].state is State.PASS
    assert drops["missing values", "4"].state is None
    worst, least = drops["column gone: dose", "5"].estimate, drops["column gone: ward", "5"].estimate
    assert worst.low > 0.2 > least.high
    assert drops["missing values", "4"].estimate.value > drops["missing values", "1"].estimate.value
    grouped = {
        (each.on["sex"], each.on["severity"]) for each in by(found, "robustness.shift_auroc") if "sex" in each.on
    }
    assert grouped == {("F", "0"), ("F", "2"), ("M", "0"), ("M", "2")}
    assert {figure.name for figure in found.figures} == {"shift-0", "shift-1"}
    assert found.tables[0].rows[0] == ["missing values", 1, 0.02, "share of the cells"]
    assert "Never missing in training" in found.caveats[-1]
    assert (found.synthetic, found.positive) == (True, "yes")


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"shifts": ["noize"]}, "there is no shift 'noize'"),
        ({"severities": [0]}, "a severity is 1, 2, 3, 4 or 5"),
        ({"tilt": ["weight"]}, "no column 'weight' by which"),
        ({"tilt": ["ward"]}, "'ward' holds no numbers that differ"),
        ({"by": ["sx"]}, "lack the column sx"),
    ],
)
def test_what_cannot_be_shifted_is_named(made, told, message) -> None:
    with pytest.raises(ComponentError, match=message):
        table_shifts(made.model, made.parts.test, draws=100, **told)


def test_a_model_that_knows_its_rows_by_heart_gives_them_away(made, tmp_path: Path) -> None:
    noisy = []
    for name, part in (("train", made.parts.train), ("validation", made.parts.validation), ("test", made.parts.test)):
        rows = pd.read_csv(part.path, dtype=str)
        rows["label"] = np.random.default_rng(len(rows)).choice(["yes", "no"], len(rows))
        rows.to_csv(tmp_path / f"{name}.csv", index=False)
        noisy.append(Dataset(tmp_path / f"{name}.csv"))
    train, validation, test = noisy
    heart = tabular_classifier(train, validation, made.schema, model="random-forest", leaf=1, trees=40)
    found = read_evidence(table_membership(heart, train, test, draws=200))
    assert found.statements[0].state is State.FAIL
    assert found.statements[0].estimate.low > 0.4
    honest = read_evidence(table_membership(made.model, made.parts.train, made.parts.test, draws=200))
    assert honest.statements[0].state is State.PASS
    assert [dict(each.on) for each in honest.statements] == [{}, {"label": "no"}, {"label": "yes"}]
    assert drawn(honest) == [(s.subject, s.estimate.value, s.estimate.low, s.estimate.high) for s in honest.statements]
    with pytest.raises(ComponentError, match="among the training rows and among the others") as error:
        table_membership(made.model, made.parts.train, made.parts.train)
    assert "find-table-leakage" in error.value.hint


def test_strangers_are_noticed_and_one_s_own_are_not(made, tmp_path: Path) -> None:
    rows = pd.read_csv(made.parts.test.path, dtype=str)
    rows["dose"] = (rows["dose"].astype(float) + 120).astype(str)
    rows.to_csv(tmp_path / "far.csv", index=False)

    def told(other):
        return read_evidence(table_out_of_distribution(made.model, made.parts.test, made.parts.train, other, draws=200))

    far, own = told(Dataset(tmp_path / "far.csv")), told(made.parts.validation)
    judged = [next(each for each in found.statements if each.state is not None) for found in (far, own)]
    assert judged[0].state is State.PASS
    assert judged[0].estimate.value > 0.95
    assert judged[1].estimate.low < 0.55
    assert judged[1].state is not State.PASS
    assert drawn(far) == [(s.subject, s.estimate.value, s.estimate.low, s.estimate.high) for s in far.statements]
    assert "shuffled by itself" in told(None).caveats[0]


def test_a_column_written_down_after_the_fact_is_found_by_name(made) -> None:
    found = read_evidence(table_shortcuts(made.leaky, made.parts.test, draws=200, most_of_one=0.9).evidence.path)
    states = {each.on["cue"]: each.state for each in found.statements if each.on["target"] == "label yes"}
    assert states.pop("column entry alone") is State.FAIL
    assert State.FAIL not in states.values()
    assert states["order of the rows"] is State.PASS


def test_a_suspect_an_order_and_gaps_that_tell_are_found(made, tmp_path: Path) -> None:
    rows = pd.read_csv(made.parts.test.path, dtype=str).sort_values("label")
    rows.loc[rows["label"] == "yes", "dose"] = ""
    rows.to_csv(tmp_path / "sorted.csv", index=False)
    told = table_shortcuts(made.model, Dataset(tmp_path / "sorted.csv"), suspects=["entry"], draws=200)
    states = {each.on["cue"]: each.state for each in read_evidence(told.evidence.path).statements}
    failed = {cue for cue, state in states.items() if state is State.FAIL}
    assert failed >= {"order of the rows", "which cells are missing", "column entry"}


def test_columns_that_tell_of_sex_are_told_and_not_judged(made) -> None:
    found = read_evidence(table_shortcuts(made.model, made.parts.test, draws=200).evidence.path)
    (sex,) = [each for each in found.statements if each.on["target"].startswith("sex")]
    assert sex.on["cue"] == "the model's columns together"
    assert sex.estimate.low > 0.8
    assert sex.state is None
    with pytest.raises(ComponentError, match="no column 'clerk'"):
        table_shortcuts(made.model, made.parts.test, suspects=["clerk"])


def test_every_rule_of_the_policy_for_tables_finds_evidence(made) -> None:
    from assay.library.evaluate.calibration import calibration
    from assay.library.explain.table import table as explain
    from assay.library.fairness.group_metrics import group_metrics

    parts, model = made.parts, made.model
    answers = predict_table(model, parts.test)
    written = [
        classification(answers, draws=200).evidence,
        calibration(answers, draws=200).evidence,
        group_metrics(answers, by=["sex", "age_group"], draws=200).evidence,
        explain(model, parts.test, parts.train, most=30, backgrounds=10).evidence,
        find_table_leakage(parts.train, parts.test, parts.validation),
        table_shifts(model, parts.test, draws=100).evidence,
        table_membership(model, parts.train, parts.test, draws=200),
        table_out_of_distribution(model, parts.test, parts.train, draws=200),
        table_shortcuts(model, parts.test, draws=100).evidence,
    ]
    exhibits = [Exhibit(each.path.name, str(number), read_evidence(each.path)) for number, each in enumerate(written)]
    decision = decide(find_policy("tabular"), exhibits, development=True)
    missing = [each.rule.id for each in decision.outcomes if not each.findings]
    assert not missing
