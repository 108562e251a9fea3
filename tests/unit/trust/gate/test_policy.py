"""Bounds on interval ends, scopes, and which statements a rule is about."""

from __future__ import annotations

import pytest

from assay.trust.evidence.statement import Estimate, State
from assay.trust.gate.policy import Bound, End, Rule, Scope

INSIDE, ACROSS, OUTSIDE = Estimate(0.9, 0.85, 0.95, n=50), Estimate(0.8, 0.7, 0.9, n=50), Estimate(0.5, 0.4, 0.6, n=50)


@pytest.mark.parametrize(
    ("bound", "estimate", "state"),
    [
        (Bound(End.LOW, least=0.8), INSIDE, State.PASS),
        (Bound(End.LOW, least=0.8), ACROSS, State.INSUFFICIENT),
        (Bound(End.LOW, least=0.8), OUTSIDE, State.FAIL),
        (Bound(End.HIGH, most=0.65), OUTSIDE, State.PASS),
        (Bound(End.HIGH, most=0.55), OUTSIDE, State.INSUFFICIENT),
        (Bound(End.HIGH, most=0.3), OUTSIDE, State.FAIL),
        (Bound(End.WHOLE, 0.8, 1.0), INSIDE, State.PASS),
        (Bound(End.WHOLE, 0.8, 1.0), ACROSS, State.INSUFFICIENT),
        (Bound(End.WHOLE, 0.8, 1.0), OUTSIDE, State.FAIL),
        (Bound(End.HIGH, least=0.85), ACROSS, State.PASS),
        (Bound(End.HIGH, least=0.95), ACROSS, State.FAIL),
        (Bound(End.LOW, most=0.75), ACROSS, State.PASS),
        (Bound(End.LOW, most=0.6), ACROSS, State.FAIL),
        (Bound(End.POINT, least=0.8), ACROSS, State.PASS),
        (Bound(End.POINT, least=0.81), ACROSS, State.FAIL),
        (Bound(End.POINT, most=0), Estimate(0, n=10), State.PASS),
        (Bound(End.POINT, most=0), Estimate(2, n=10), State.FAIL),
        (Bound(End.LOW, least=0.8), Estimate(0.99), State.INSUFFICIENT),
        (Bound(End.HIGH, least=0.8), Estimate(0.99), State.INSUFFICIENT),
    ],
)
def test_a_bound_has_three_answers(bound, estimate, state):
    assert bound.judge(estimate, 0).state is state


@pytest.mark.parametrize("bound", [Bound(End.LOW, least=0.8), Bound(End.POINT, least=0.8), Bound(End.HIGH, least=0.8)])
def test_too_few_units_are_never_a_pass(bound):
    assert bound.judge(INSIDE, 50).state is State.PASS
    found = bound.judge(INSIDE, 51)
    assert found.state is State.INSUFFICIENT
    assert found.needed == 51
    assert bound.judge(OUTSIDE, 51).state is State.FAIL


@pytest.mark.parametrize(
    ("bound", "text"),
    [
        (Bound(End.LOW, least=0.8), "low >= 0.8"),
        (Bound(End.HIGH, most=0.1), "high <= 0.1"),
        (Bound(End.WHOLE, -0.1, 0.1), "whole within [-0.1, 0.1]"),
    ],
)
def test_a_bound_is_written_as_it_is_read(bound, text):
    assert str(bound) == text


@pytest.mark.parametrize(
    ("scope", "everybody", "women", "old_women"),
    [
        (Scope(), True, False, False),
        (Scope(everybody=False, groups=True), False, True, True),
        (Scope(groups=True), True, True, True),
        (Scope(everybody=False, columns={"sex": "*"}), False, True, False),
        (Scope(everybody=False, columns={"sex": "F"}), False, True, False),
        (Scope(everybody=False, columns={"sex": "M"}), False, False, False),
        (Scope(everybody=False, columns={"sex": "*", "age_group": "*"}), False, False, True),
        (Scope(everybody=False, columns={"sex": "*", "age_group": "<40"}), False, False, False),
    ],
)
def test_a_scope_selects_exactly_its_groups(scope, everybody, women, old_women):
    assert scope.takes({}) is everybody
    assert scope.takes({"sex": "F"}) is women
    assert scope.takes({"sex": "F", "age_group": "60+"}) is old_women


@pytest.mark.parametrize(("pattern", "value", "meant"), [
    ("label *", "label covid", True), ("label *", "sex F", False), ("[40, 60)", "[40, 60)", True), ("[40, 60)", "4", False),
])  # fmt: skip
def test_a_star_stands_for_any_text_and_brackets_for_themselves(pattern, value, meant):
    assert Scope(everybody=False, columns={"target": pattern}).takes({"target": value}) is meant


def test_a_rule_may_ask_for_one_component(toy):
    rule = Rule("a", "A.", "discrimination.*", bound=Bound(End.LOW, least=0.5), by="evaluate/*")
    assert rule.selects(toy.evidence(), toy.said())
    assert not rule.selects(toy.evidence(component="other/thing@2"), toy.said())
    assert not rule.selects(toy.evidence(), toy.said("calibration.ece"))
