"""Disclosure control: what is told follows from rounded counts of large groups, and an adversary who reads all of it learns no small one."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.trust.disclosure.groups import EVERYBODY, Size, sizes, tellable
from assay.trust.disclosure.release import TooFewPatients, plan_release
from assay.trust.disclosure.rounding import Cells, Limits, rounded_area, rounded_mean
from assay.trust.disclosure.rules import CONDITIONS, MEANS, Rule, rule_of
from assay.trust.evidence.evidence import (
    HARDEST,
    Cost,
    Evidence,
    EvidenceFigure,
    Method,
    NotMeasured,
    Role,
    Subject,
    Table,
)
from assay.trust.evidence.kinds import KINDS, Block
from assay.trust.evidence.statement import Criterion, Estimate, Statement
from assay.trust.fairness.audit import audit
from assay.trust.fairness.declared import Demand
from assay.trust.fairness.people import Grouping
from assay.trust.performance.bootstrap import Scored

LIMITS = Limits()
F, M = frozenset({("sex", "F")}), frozenset({("sex", "M")})
OLD, YOUNG = frozenset({("age_group", "60 and over")}), frozenset({("age_group", "under 60")})


def told_of(counts):
    """Return evidence of everybody and by sex from counts of (positives, missed, negatives, alarms) by sex."""
    truth, called, sex = [], [], []
    for code, (positives, missed, negatives, alarms) in enumerate(counts):
        truth += [True] * positives + [False] * negatives
        called += [False] * missed + [True] * (positives - missed) + [True] * alarms + [False] * (negatives - alarms)
        sex += [code] * (positives + negatives)
    truth, called = np.array(truth), np.array(called)
    rows = Scored(truth, np.where(called, 0.8, 0.2), called, np.arange(len(truth)))
    found = audit(rows, [Grouping("sex", ["M", "F"], np.array(sex))], Demand(draws=50))
    sick, well = int(truth.sum()), int((~truth).sum())
    overall = [
        Statement("discrimination.sensitivity", Estimate(float(called[truth].mean()), n=sick)),
        Statement("discrimination.specificity", Estimate(float((~called)[~truth].mean()), n=well)),
    ]
    everybody = evidence(overall, "evaluate/classification@1.1.0")
    fair = dataclasses.replace(evidence(found.statements), not_measured=found.not_measured, tables=[found.counts])
    return [everybody, dataclasses.replace(fair, samples=found.samples)]


def evidence(statements, component="fairness/group-metrics@1.0.0", **more):
    subjects = [Subject(Role.MODEL, "a" * 64), Subject(Role.DATA, "b" * 64), Subject(Role.PREDICTIONS, "c" * 64)]
    return Evidence("Of a site", Method(component, "counting"), subjects, statements, {"patients": 7}, **more)


def released(counts, limits=LIMITS):
    made = told_of(counts)
    release = plan_release(made, limits, "f" * 64)
    return release, [release.of(one) for one in made]


def test_every_kind_of_statement_has_a_rule_and_what_is_new_is_withheld():
    assert {rule_of(name) for name in KINDS} == set(Rule)
    assert rule_of("leakage.patients") is Rule.WITHHELD
    assert rule_of("something.new") is Rule.WITHHELD
    assert set(MEANS) <= set(KINDS)
    assert not CONDITIONS & {"sex", "age_group", "patient", "site", "vendor"}


def test_shares_and_their_intervals_follow_from_rounded_counts_alone():
    (_, (first, _)), (_, (second, _)) = (
        released([(40, 3, 40, 6), (40, 4, 40, 7)]),
        released([(41, 4, 42, 6), (42, 3, 41, 7)]),
    )
    estimates = {each.id: each.estimate for each in first.statements}
    assert estimates == {each.id: each.estimate for each in second.statements}
    assert estimates["discrimination.sensitivity"].value == pytest.approx(75 / 80)
    assert estimates["discrimination.sensitivity"].n == 80
    assert estimates["discrimination.sensitivity"].low == pytest.approx(0.862, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(10, 40), st.integers(0, 9), st.integers(10, 40), st.integers(0, 9)),
        min_size=2,
        max_size=2,
    )
)
def test_nobody_who_reads_everything_can_count_the_missed_of_a_group(counts):
    """The adversary knows the exact sizes, tries every pair of true counts, and keeps those that would have been told the same."""
    counts = [(sick, min(missed, sick), well, min(alarms, well)) for sick, missed, well, alarms in counts]
    truth = tuple(missed for _, missed, _, _ in counts)
    sick = [each[0] for each in counts]
    told = [LIMITS.part(missed, LIMITS.size(size)) for missed, size in zip(truth, sick, strict=True)]
    whole = LIMITS.part(sum(truth), LIMITS.size(sum(sick)))
    fitting = [
        pair
        for pair in itertools.product(*(range(size + 1) for size in sick))
        if [LIMITS.part(m, LIMITS.size(s)) for m, s in zip(pair, sick, strict=True)] == told
        and LIMITS.part(sum(pair), LIMITS.size(sum(sick))) == whole
    ]
    assert truth in fitting
    for place in range(2):
        assert len({pair[place] for pair in fitting}) >= 2


@pytest.mark.parametrize("counts", [[(30, 2, 30, 3), (30, 4, 30, 1)], [(60, 7, 50, 9), (14, 2, 80, 11)]])
def test_gaps_tell_no_more_than_the_rates_of_both_sides(counts):
    release, (_, fair) = released(counts)
    (gap,) = [each for each in fair.statements if each.id == "fairness.tpr_difference"]
    here, there = release.cells[frozenset(gap.on.items())], release.cells[frozenset(gap.against.items())]
    assert gap.estimate.value == pytest.approx(here.found / here.positives - there.found / there.positives)
    assert gap.adjusted_p is not None
    assert gap.state is not None


def test_a_small_group_is_left_out_and_those_it_would_follow_from():
    release, told = released([(60, 5, 60, 5), (9, 1, 60, 5)])
    assert set(release.cells) == {EVERYBODY}
    text = str(told)
    assert "'sex'" not in text
    assert "sex=" not in text
    assert "withheld where a group has too few patients" in text


def test_a_group_of_whom_little_is_known_hides_with_the_next_smallest():
    found = {EVERYBODY: Size(60, 60), F: Size(30, 28), M: Size(28, 30)}
    assert tellable(found, LIMITS) == {EVERYBODY, M}
    assert tellable(found | {EVERYBODY: Size(58, 58)}, LIMITS) == {EVERYBODY, F, M}
    assert tellable(found | {EVERYBODY: Size(70, 70)}, LIMITS) == {EVERYBODY, F, M}


def test_what_is_left_out_where_groups_cross_cannot_be_recomputed_from_margins():
    cells = {(a, b): Size(20, 20) for a in (F, M) for b in (OLD, YOUNG)}
    cells[F, OLD] = Size(4, 20)
    found = {EVERYBODY: Size(64, 80), F: Size(24, 40), M: Size(40, 40), OLD: Size(24, 40), YOUNG: Size(40, 40)}
    found |= {a | b: size for (a, b), size in cells.items()}
    assert tellable(found, LIMITS) == {EVERYBODY, F, M, OLD, YOUNG}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=6, max_size=6), st.integers(0, 12))
def test_no_line_of_told_groups_leaves_a_small_rest(numbers, unknown):
    """For any sizes: everybody less all that are told, and every told group less all told ones that it is cut into, is nobody or many."""
    places = list(itertools.product("ab", "xyz"))
    found = {frozenset({("k", a), ("l", b)}): Size(n, n) for (a, b), n in zip(places, numbers, strict=True)}
    for column, place in (("k", 0), ("l", 1)):
        for value in {each[place] for each in places}:
            total = sum(n for each, n in zip(places, numbers, strict=True) if each[place] == value)
            found[frozenset({(column, value)})] = Size(total, total)
    found[EVERYBODY] = Size(sum(numbers) + unknown, sum(numbers) + unknown)
    kept = tellable(found, LIMITS)
    assert all(found[group].smaller >= LIMITS.fewest for group in kept)
    for parent in kept:
        for column in ("k", "l"):
            line = [
                group
                for group in kept
                if len(group) == len(parent) + 1 and parent < group and column in dict(group - parent)
            ]
            if line:
                rest = found[parent].positives - sum(found[group].positives for group in line)
                assert rest == 0 or rest >= LIMITS.fewest


def test_ages_cut_one_year_later_by_another_component_are_not_told():
    def by_age(name, sick):
        on = {"age_group": name}
        return [
            Statement("fairness.tpr", Estimate(0.9, n=sick), on=on),
            Statement("fairness.fpr", Estimate(0.1, n=sick), on=on),
        ]

    overall = [
        Statement("discrimination.sensitivity", Estimate(0.9, n=80)),
        Statement("discrimination.specificity", Estimate(0.9, n=80)),
    ]
    first = evidence([*overall, *by_age("under 60", 40), *by_age("60 and over", 40)])
    second = evidence([*by_age("under 61", 41), *by_age("61 and over", 39)])
    release = plan_release([first, second], LIMITS, "f" * 64)
    assert {each.on["age_group"] for each in release.of(first).statements if each.on} == {"under 60", "60 and over"}
    assert release.of(second).statements == []
    assert frozenset({("age_group", "under 61")}) not in sizes([first, second])


def test_texts_tables_pictures_and_costs_of_the_site_stay_there():
    known = dataclasses.replace(evidence([]), caveats=["Known."], parameters={"draws": 50, "by": ["sex"]})
    made = told_of([(40, 3, 40, 6), (40, 4, 40, 7)])
    secret = dataclasses.replace(
        made[1],
        title="About Mrs Muster",
        parameters={"draws": 50, "by": ["ward 7"], "people": "/home/x"},
        caveats=["Known.", "ages of 2 rows are odd: '103'"],
        tables=[Table(HARDEST, "Hardest", ["case"], [["PID-7"]])],
        figures=[EvidenceFigure("roc", "ROC", Block.DISCRIMINATION, {"data": [1, 2]}, "<svg/>", "cG5n")],
        not_measured=[NotMeasured("fairness.ppv", "nobody was called positive", {"sex": "X"})],
        cost=Cost(1.0, 1.0, 163),
    )
    told = plan_release([made[0], secret], LIMITS, "f" * 64, [known]).of(secret)
    text = str(told)
    for trace in ("Muster", "ward 7", "/home", "103", "PID", "svg", "cG5n", "163", "nobody", "'X'", "b" * 64, "c" * 64):
        assert trace not in text, trace
    assert told.parameters == {"draws": 50}
    assert "Known." in told.caveats
    assert [one.digest for one in told.subjects] == ["a" * 64, "f" * 64]


def test_too_few_on_one_side_tell_nothing():
    with pytest.raises(TooFewPatients) as refused:
        plan_release(told_of([(4, 0, 40, 2), (5, 1, 40, 2)]), LIMITS, "f" * 64)
    assert "9" not in str(refused.value)


def test_a_group_is_never_told_of_fewer_than_five():
    with pytest.raises(ValueError, match="fewer than 5"):
        Limits(4)
    assert (Limits(5).step, Limits(10).step, Limits(30).step) == (3, 5, 15)


def test_areas_and_means_are_coarse_and_never_narrower():
    assert rounded_area(0.9432, 30, 40).value == 0.94
    assert rounded_area(0.9432, 30, 40) == rounded_area(0.9367, 30, 40)
    perfect = rounded_area(1.0, 20, 25)
    assert perfect.low is not None
    assert perfect.low < 0.9
    mean = rounded_mean(Estimate(0.0832, 0.0711, 0.0999, n=63), LIMITS)
    assert (mean.value, mean.low, mean.high, mean.n) == (0.08, 0.07, 0.1, 60)


def test_the_area_s_variance_is_that_of_hanley_and_mcneil():
    """Their worked example: area 0.893 on 51 abnormal and 58 normal images has a standard error of 0.032 (Radiology 1982, table II)."""
    told = rounded_area(0.893, 51, 58)
    assert (told.high - told.low) / 2 / 1.96 == pytest.approx(0.032, abs=0.004)


def test_cells_add_up():
    both = Cells(20, 5, 10, 30) + Cells(30, 0, 5, 25)
    assert (both.positives, both.negatives) == (55, 70)
    assert both.rate("tpr").value == pytest.approx(50 / 55)
    assert Cells(0, 10, 0, 10).rate("ppv") is None


def test_criteria_are_judged_again_on_what_is_told():
    statement = Statement.judged("calibration.ece", Estimate(0.0832, 0.0711, 0.0999, n=63), Criterion(most=0.0999))
    release, _ = released([(40, 3, 40, 6), (40, 4, 40, 7)])
    (told,) = release.of(evidence([statement], "evaluate/calibration@1.0.0")).statements
    assert statement.state.value == "pass"
    assert told.state.value == "insufficient"
    assert "0.0832" not in told.reason
