"""Conditions on what is known of people, and rules counted on patients that they were not learnt from."""

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError
from assay.library.explain.ruling import ruled
from assay.trust.evidence.statement import State
from assay.trust.explain.rules import Condition, Pocket, balanced, binarised, conditions, halved, pocket_statements
from assay.trust.performance.bootstrap import Scored
from assay.trust.performance.table import PredictionTable


def test_cells_that_say_nothing_meet_no_condition() -> None:
    cells = ["F", "M", "", "unknown", " F "]
    assert Condition("sex", "==", "F").met(cells).tolist() == [True, False, False, False, True]
    assert Condition("sex", "!=", "F").met(cells).tolist() == [False, True, False, False, False]
    years = ["60", "61.5", "", "40+"]
    assert Condition("age", ">", 60.0).met(years).tolist() == [False, True, False, False]
    assert Condition("age", "<=", 60.0).met(years).tolist() == [True, False, False, False]


def test_numbers_are_cut_words_are_compared_and_the_rest_is_told() -> None:
    made, left = conditions(
        {
            "age": [str(year) for year in range(20, 80)],
            "sex": ["F", "M"] * 30,
            "site": ["one"] * 60,
            "name": [f"n{number}" for number in range(60)],
        }
    )
    assert {each.sign for each in made if each.column == "age"} == {"<=", ">"}
    assert len([each for each in made if each.column == "age"]) == 18
    assert [(each.sign, each.value) for each in made if each.column == "sex"] == [
        ("==", "F"), ("!=", "F"), ("==", "M"), ("!=", "M"),
    ]  # fmt: skip
    assert left == ["site has one value only", "name has 60 values that are no numbers"]
    frame = binarised({"age": ["30", "70"], "sex": ["F", ""]}, made)
    assert frame.columns.names == ["feature", "operation", "value"]
    assert frame["sex"].to_numpy().tolist() == [[1, 0, 0, 1], [0, 0, 0, 0]]


def test_halves_part_patients_and_the_lot_has_as_many_right_as_wrong() -> None:
    patient = np.repeat(np.arange(31), 3)
    half = halved(patient, 0)
    assert not set(patient[half]) & set(patient[~half])
    assert len(set(patient[half])) == 16
    wrong = np.zeros(93, dtype=bool)
    wrong[:7] = True
    rows = balanced(wrong, 0)
    assert (wrong[rows].sum(), len(rows)) == (7, 14)


def test_a_pocket_fails_only_when_it_is_shown() -> None:
    holds, patient = np.arange(400) < 100, np.arange(400)
    wrong = np.zeros(400, dtype=bool)
    wrong[:50] = wrong[100:115] = True
    said, missing = pocket_statements(Pocket.of(holds, wrong, patient), {"rule": "x"}, most_gap=0.1, fewest=10)
    assert not missing
    assert [one.estimate.value for one in said] == [0.5, 0.05, pytest.approx(0.45)]
    assert said[-1].state is State.FAIL
    few = np.r_[45:65, 110:150]
    said, _ = pocket_statements(Pocket.of(holds[few], wrong[few], patient[few]), {"rule": "x"}, most_gap=0.1, fewest=10)
    assert [one.estimate.value for one in said] == [0.25, 0.125, 0.125]
    assert said[-1].state is State.INSUFFICIENT
    said, missing = pocket_statements(
        Pocket.of(~np.zeros(9, bool), wrong[:9], patient[:9]), {"rule": "x"}, most_gap=0.1, fewest=1
    )
    assert "all or none" in missing[0].why


class Known:
    """A rule that is there already."""

    def __init__(self, column, clauses=("known",)):
        self.column, self.clauses = column, list(clauses)

    def holds(self, features):
        return features[[self.column]].to_numpy() > 0 if self.clauses else np.zeros((len(features), 0), dtype=bool)


def errors(rows=400):
    random = np.random.default_rng(0)
    cells = pd.DataFrame({"sex": random.choice(["F", "M"], rows), "age": random.integers(20, 90, rows).astype(str)})
    truth = random.random(rows) < 0.5
    wrong = random.random(rows) < np.where(cells["sex"] == "F", 0.5, 0.05)
    scored = Scored(truth, np.where(truth ^ wrong, 0.9, 0.1), truth ^ wrong, np.arange(rows))
    return PredictionTable(scored, "ill", ["well"], 0.5, "", synthetic=True), cells


def test_a_rule_is_measured_beside_rules_of_shuffled_errors() -> None:
    table, cells = errors()
    found = ruled(table, cells, None, lambda *_: Known(("sex", "==", "F")), shuffles=3, most_gap=0.1, fewest=10, seed=0)
    states = {next(iter(one.on)): one.state for one in found.statements if one.id == "failures.error_rate_difference"}
    assert states == {"rule": State.FAIL, "control": None}
    assert found.samples["measured_rows"] == 200
    assert len(found.tables[0].rows) == 4
    assert found.clauses["errors"].tolist() == [pytest.approx(50, abs=20)]


def test_no_rule_too_few_errors_and_unknown_columns_are_said() -> None:
    table, cells = errors()
    settings = {"shuffles": 1, "most_gap": 0.1, "fewest": 10, "seed": 0}
    found = ruled(table, cells, ["sex"], lambda *_: Known(None, ()), **settings)
    assert "no rule was found" in found.not_measured[0].why
    right = Scored(table.rows.truth, table.rows.score, table.rows.truth, table.rows.patient)
    all_right = PredictionTable(right, "ill", ["well"], 0.5, "", synthetic=True)
    found = ruled(all_right, cells, ["sex"], lambda *_: Known(None, ()), **settings)
    assert "0 errors or right answers are too few" in found.not_measured[0].why
    with pytest.raises(ComponentError, match="lack the column colour"):
        ruled(table, cells, ["sex", "colour"], lambda *_: Known(None), **settings)
    with pytest.raises(ComponentError, match="no column that a rule could speak of"):
        ruled(table, cells[[]], None, lambda *_: Known(None), **settings)
