"""The audit by group: a planted gap is found, a fair model is not accused, and what cannot be measured is named."""

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError
from assay.trust.evidence.statement import State, Statement
from assay.trust.fairness.age_curve import rate_over_age
from assay.trust.fairness.audit import Findings, audit
from assay.trust.fairness.declared import Demand
from assay.trust.fairness.joining import joined
from assay.trust.fairness.people import Grouping, by_age, by_value, cells, groupings, slices
from assay.trust.performance.bootstrap import Scored


def people(
    random: np.random.Generator, positives: int, gap: float, slices_each: int = 1
) -> tuple[Scored, list[Grouping]]:
    """Two sexes by two ages, ``positives`` patients with the disease and as many without in each cell; TPR 0.95, less ``gap`` in F, 60+."""
    cell = np.repeat(np.arange(4), 2 * positives)
    truth = np.tile(np.repeat([True, False], positives), 4)
    chance = np.where(truth, 0.95 - gap * (cell == 3), 0.1)
    called = random.random(len(cell)) < chance
    score = np.where(called, 0.7, 0.3) + random.uniform(-0.2, 0.2, len(cell))
    rows = Scored(truth, score, called, np.arange(len(cell)))
    repeated = Scored(*(np.repeat(each, slices_each) for each in (rows.truth, rows.score, rows.called, rows.patient)))
    code = np.repeat(cell, slices_each)
    return repeated, [
        Grouping("sex", ["M", "F"], code // 2),
        Grouping("age_group", ["under 60", "60 and over"], code % 2),
    ]


def one(found: Findings, kind: str, **on: str) -> Statement:
    (statement,) = [each for each in found.statements if each.id == f"fairness.{kind}" and dict(each.on) == on]
    return statement


CELL = {"sex": "F", "age_group": "60 and over"}
QUICK = Demand(margin=0.05, draws=50)


def family(found: Findings) -> list[Statement]:
    return [each for each in found.statements if each.family == "primary"]


@pytest.mark.parametrize(("positives", "least"), [(140, 0.8), (434, 0.99)])
def test_a_gap_of_ten_points_in_one_crossing_cell_is_found(positives: int, least: float) -> None:
    random, found = np.random.default_rng(1), 0
    for _ in range(40):
        rows, parts = people(random, positives, 0.1)
        statement = one(audit(rows, parts, Demand(margin=0.05, family=("tpr",), draws=10)), "tpr_difference", **CELL)
        found += statement.state is State.FAIL
    assert found / 40 >= least


def test_marginal_gaps_hide_what_the_crossing_shows() -> None:
    rows, parts = people(np.random.default_rng(3), 434, 0.1)
    found = audit(rows, parts, QUICK)
    crossing, sex = one(found, "tpr_difference", **CELL), one(found, "tpr_difference", sex="F").estimate.value
    assert crossing.estimate.value < 1.6 * sex < 0
    assert crossing.state is State.FAIL
    assert "a difference is shown" in crossing.reason
    assert crossing.against == {"sex": "all others", "age_group": "all others"}
    largest = one(found, "largest_gap", by="sex x age_group", rate="tpr")
    assert largest.against["and"] == "sex=F, age_group=60 and over"
    assert largest.estimate.low is not None
    assert 0 < largest.estimate.low < 0.1 < largest.estimate.value + 0.05


def test_equal_groups_pass_only_when_the_whole_interval_is_within_the_margin() -> None:
    states = {}
    for positives in (30, 3000):
        rows, parts = people(np.random.default_rng(4), positives, 0.0)
        statement = one(audit(rows, parts[:1], QUICK), "tpr_difference", sex="F")
        states[positives] = statement.state
        if positives == 30:
            assert statement.needed
            assert statement.needed > 30
    assert states == {30: State.INSUFFICIENT, 3000: State.PASS}


def test_slices_of_a_patient_make_nothing_surer() -> None:
    one_each, parts = people(np.random.default_rng(5), 100, 0.05)
    many, many_parts = people(np.random.default_rng(5), 100, 0.05, slices_each=15)
    single, repeated = (
        one(audit(rows, groups, QUICK), "tpr_difference", **CELL).estimate
        for rows, groups in ((one_each, parts), (many, many_parts))
    )
    assert repeated.value == pytest.approx(single.value)
    assert repeated.n == single.n == 100
    assert repeated.high - repeated.low > 0.98 * (single.high - single.low)


def test_without_positives_the_rate_is_named_as_not_measured_and_never_zero() -> None:
    rows, parts = people(np.random.default_rng(6), 40, 0.0)
    truth = rows.truth & (parts[0].code == 0)
    found = audit(Scored(truth, rows.score, rows.called, rows.patient), parts[:1], QUICK)
    missing = {(each.id, each.on.get("sex")): each.why for each in found.not_measured}
    assert missing["fairness.tpr", "F"] == "the group has no positive case"
    assert "fairness.tpr_difference" in {key for key, _ in missing}
    assert "fairness.equal_opportunity_difference" in {key for key, _ in missing}
    assert missing["fairness.auroc", "F"] == "the group has one class only"
    assert missing["fairness.largest_gap", None] == "fewer than two groups have this rate with an interval"
    assert one(found, "fpr_difference", sex="F").state is not None


def test_one_class_and_one_patient_are_told_without_intervals() -> None:
    rows, parts = people(np.random.default_rng(7), 20, 0.0)
    found = audit(Scored(np.ones_like(rows.truth), rows.score, rows.called, rows.patient), parts, QUICK)
    assert {each.id for each in found.not_measured} >= {"fairness.fpr", "fairness.fpr_difference"}
    alone = audit(Scored(rows.truth, rows.score, rows.called, np.zeros_like(rows.patient)), parts, QUICK)
    assert all(each.estimate.low is None for each in alone.statements)
    assert {each.state for each in family(alone)} == {State.INSUFFICIENT}


def test_a_reference_group_is_what_others_are_held_against() -> None:
    rows, parts = people(np.random.default_rng(8), 40, 0.0)
    found = audit(rows, parts, Demand(reference={"sex": "F", "age_group": "under 60"}, draws=100))
    assert one(found, "tpr_difference", sex="M").against == {"sex": "F"}
    assert one(found, "disparate_impact", sex="M").estimate.low is not None
    assert one(found, "tpr_difference", **CELL).against == {"sex": "F", "age_group": "under 60"}
    total, group = one(found, "statistical_parity_difference", sex="M"), one(found, "selection_rate", sex="M")
    assert total.estimate.value == pytest.approx(
        group.estimate.value - one(found, "selection_rate", sex="F").estimate.value
    )


def test_ages_that_are_no_number_are_not_known_and_said_so() -> None:
    part = by_age(["39", "40", "063Y", "40+", "61+", "", "old"], [40, 60])
    assert list(part.names) == ["under 40", "40-59", "60 and over"]
    assert part.code.tolist() == [0, 1, 2, -1, 2, -1, -1]
    assert part.notes == [
        "age is not known for 3 of 7 rows: they are in no group",
        "2 ages are no number of years and count as not known: '40+', 'old' ('40+' counts when the last group begins at 40 or below)",
    ]
    assert by_age(["39", "40+", "61"], [40]).code.tolist() == [0, 1, 1]
    assert by_age(["39", "old"], [40]).notes[-1].endswith("count as not known: 'old'")


def test_an_unseen_sex_code_is_a_group_of_its_own_with_a_note() -> None:
    part = by_value("sex", ["F", "M", "9", "unknown", ""])
    assert list(part.names) == ["9", "F", "M"]
    assert part.code.tolist() == [1, 2, 0, -1, -1]
    assert "none of F, M, other, unknown: 9" in part.notes[-1]


def test_cells_that_are_not_known_are_in_no_crossing() -> None:
    parts = [by_value("a", ["x", "y", ""]), by_value("b", ["u", "v", "v"])]
    code, size = cells(parts)
    both = slices(parts, crossing=True)[-1]
    assert size == 9
    assert both.to[code].tolist() == [0, 3, -1]
    assert both.columns == "a x b"


def test_columns_that_are_not_there_are_all_named() -> None:
    table = pd.DataFrame({"sexe": ["F"], "age": ["3"]})
    with pytest.raises(ComponentError, match="lack the columns sex, site") as error:
        groupings(table, ["sex", "age_group", "site"], [40])
    assert error.value.hint == "did you mean 'sexe'?"
    with pytest.raises(ComponentError, match="do not ascend"):
        groupings(table, ["age_group"], [60, 40])
    with pytest.raises(ComponentError, match="51 values: too many"):
        by_value("patient", [str(each) for each in range(51)])


def test_people_are_joined_by_id_and_never_by_order() -> None:
    predictions = pd.DataFrame({"patient": ["b", "a", "b"], "label": ["1", "0", "1"]})
    attributes = pd.DataFrame({"patient": ["a", "b"], "sex": ["F", "M"]})
    assert joined(predictions, attributes, "patient")["sex"].tolist() == ["M", "F", "M"]
    for other, message in (
        (attributes[:1], "2 of 3 predictions are of a patient that is not among the people, first 'b'"),
        (pd.concat([attributes, attributes]), "stands more than once"),
        (attributes.assign(label=["1", "0"]), "3 of 3 labels differ"),
        (attributes.rename(columns={"patient": "patients"}), "no column 'patient'"),
    ):
        with pytest.raises(ComponentError, match=message):
            joined(predictions, other, "patient")


def test_the_curve_over_age_follows_the_rate_and_leaves_out_what_is_thin() -> None:
    random = np.random.default_rng(9)
    age = random.uniform(20, 90, 3000)
    curve = rate_over_age(age, random.random(3000) < 0.95 - 0.006 * (age - 20), np.arange(3000))
    for years, rate in curve:
        assert rate.value == pytest.approx(0.95 - 0.006 * (years - 20), abs=0.06)
        assert rate.interval is not None
        assert rate.interval.high - rate.interval.low < 0.12
    assert rate_over_age(age[:5], np.ones(5, dtype=bool), np.arange(5)) == []
