"""From evidence and rules to a verdict: what decides, what only advises, and that missing evidence has a name."""

from __future__ import annotations

import pytest

from assay.trust.evidence.statement import Criterion, Estimate, State, Statement
from assay.trust.gate import decide, find_policy, read_policy
from assay.trust.gate.judging import SIGNER_RULE


def states(decision):
    return {outcome.rule.id: outcome.state for outcome in decision.outcomes}


def test_good_evidence_passes(toy):
    decision = decide(toy.policy, [toy.exhibit(*toy.good)], development=False)
    assert decision.passed
    assert decision.reason == "all 2 required rules are met"
    assert set(states(decision).values()) == {State.PASS}


def test_a_required_rule_that_fails_names_itself(toy):
    biased = toy.said("fairness.tpr_difference", -0.3, -0.4, -0.2, on={"sex": "F"}, against={"sex": "M"})
    decision = decide(toy.policy, [toy.exhibit(toy.said(), biased)], development=False)
    assert decision.state is State.FAIL
    assert decision.reason == "1 of 2 required rules not met: fair"
    (fair,) = [outcome for outcome in decision.outcomes if outcome.rule.id == "fair"]
    assert fair.reason == "TPR difference for sex F against sex M: -0.3 [-0.4, -0.2] is not between -0.1 and 0.1"


def test_one_bad_group_among_good_ones_is_enough(toy):
    groups = [
        toy.said("fairness.tpr_difference", value, value - 0.05, value + 0.05, on={"sex": sex})
        for sex, value in (("F", 0.0), ("M", 0.01), ("other", 0.4))
    ]
    decision = decide(toy.policy, [toy.exhibit(toy.said(), *groups)], development=False)
    assert decision.state is State.FAIL
    assert "1 of 3: TPR difference for sex other" in decision.outcomes[1].reason


def test_a_wide_interval_is_insufficient_and_says_what_would_settle_it(toy):
    wide = toy.said("fairness.tpr_difference", 0.02, -0.2, 0.24, n=40, on={"sex": "F"})
    decision = decide(toy.policy, [toy.exhibit(toy.said(), wide)], development=False)
    assert decision.state is State.INSUFFICIENT
    assert decision.reason == "the evidence does not suffice for 1 of 2 required rules: fair"
    assert "patients of the positive class in the smaller group would settle it" in decision.outcomes[1].reason


def test_missing_evidence_is_insufficient_by_name(toy):
    decision = decide(toy.policy, [toy.exhibit(toy.said())], development=False)
    assert decision.state is State.INSUFFICIENT
    assert "fair" in decision.reason
    assert decision.outcomes[1].reason == (
        "there is no evidence of fairness.tpr_difference for every sex: no component measured it"
    )


def test_missing_evidence_says_why_it_was_not_measured_or_on_whom_it_was(toy):
    why = toy.not_measured("fairness.tpr_difference", "sex is known of covid patients only", {"sex": "F"})
    decision = decide(toy.policy, [toy.exhibit(toy.said(), not_measured=[why])], development=False)
    assert "was not measured: sex is known of covid patients only" in decision.outcomes[1].reason
    by_age = toy.said("fairness.tpr_difference", 0.0, -0.01, 0.01, on={"age_group": "60+"})
    decision = decide(toy.policy, [toy.exhibit(toy.said(), by_age)], development=False)
    assert "it was measured for age_group 60+" in decision.outcomes[1].reason


def test_an_advisory_rule_is_told_and_does_not_decide(toy):
    uncalibrated = toy.said("calibration.ece", 0.5, 0.4, 0.6)
    decision = decide(toy.policy, [toy.exhibit(*toy.good[:2], uncalibrated)], development=False)
    assert decision.passed
    assert states(decision)["told"] is State.FAIL


def test_too_few_patients_are_insufficient(toy):
    few = toy.exhibit(toy.said(n=19), *toy.good[1:])
    assert decide(toy.policy, [few], development=False).state is State.INSUFFICIENT


def test_a_failure_outweighs_missing_evidence(toy):
    decision = decide(toy.policy, [toy.exhibit(toy.said(value=0.5, low=0.4, high=0.6))], development=False)
    assert decision.state is State.FAIL


def test_a_rule_may_go_by_what_the_component_declared(toy):
    policy = read_policy(toy.text.replace("bound: low >= 0.8", "bound: declared"), "p.yaml")
    declared = Statement.judged("discrimination.auroc", Estimate(0.9, 0.85, 0.95, n=50), Criterion(least=0.8))
    assert decide(policy, [toy.exhibit(declared, *toy.good[1:])], development=False).passed
    told = decide(policy, [toy.exhibit(toy.said(), *toy.good[1:])], development=False)
    assert told.outcomes[0].state is State.INSUFFICIENT
    assert told.outcomes[0].reason.endswith("the component was given none")
    both = decide(
        policy, [toy.exhibit(declared, toy.said(value=0.1, low=0, high=0.2), *toy.good[1:])], development=False
    )
    assert both.outcomes[0].state is State.PASS


def test_one_good_method_may_be_enough(toy):
    text = toy.text.replace("statement: calibration.ece, bound: high <= 0.1, level: advisory",
        "statement: explanation.gain_over_control, on: all, bound: low >= 0, need: one-method")  # fmt: skip
    good = [
        toy.said("explanation.gain_over_control", 0.2, 0.1, 0.3, on={"method": "occlusion", "figure": f}) for f in "ab"
    ]
    bad = toy.said("explanation.gain_over_control", -0.2, -0.3, -0.1, on={"method": "ig", "figure": "a"})
    mixed = [toy.exhibit(*toy.good, bad), toy.exhibit(*good, digest="f" * 64)]
    assert decide(read_policy(text, "p.yaml"), mixed, development=False).outcomes[2].state is State.PASS
    every = read_policy(text.replace(", need: one-method", ""), "p.yaml")
    assert decide(every, mixed, development=False).outcomes[2].state is State.FAIL
    worse = toy.said("explanation.gain_over_control", 0.1, -0.1, 0.3, on={"method": "occlusion", "figure": "c"})
    mixed = [toy.exhibit(*toy.good, bad), toy.exhibit(*good, worse, digest="f" * 64)]
    assert decide(read_policy(text, "p.yaml"), mixed, development=False).outcomes[2].state is State.INSUFFICIENT


@pytest.mark.parametrize("development", [True, False])
def test_the_strict_policy_asks_for_a_key_somebody_vouches_with(toy, development):
    decision = decide(find_policy("clinical-strict"), [toy.exhibit(*toy.good)], development=development)
    assert states(decision)[SIGNER_RULE] is (State.FAIL if development else State.PASS)
    assert decision.state is (State.FAIL if development else State.INSUFFICIENT)


@pytest.mark.parametrize(
    ("value", "p", "state"),
    [
        (-0.13, 0.001, State.FAIL),
        (-0.13, 0.2, State.INSUFFICIENT),
        (-0.09, 0.001, State.INSUFFICIENT),
        (-0.13, None, State.INSUFFICIENT),
    ],
)
def test_a_gap_that_is_shown_and_too_large_fails_before_its_interval_is_all_outside(toy, value, p, state):
    gap = toy.said("fairness.tpr_difference", value, value - 0.06, value + 0.06, on={"sex": "F"}, adjusted_p=p)
    decision = decide(toy.policy, [toy.exhibit(toy.said(), gap)], development=False)
    assert decision.outcomes[1].state is state


def test_a_small_p_is_no_failure_where_it_is_not_about_a_difference(toy):
    text = toy.text.replace("high <= 0.1, level: advisory", "high <= 0.1")
    ece = toy.said("calibration.ece", 0.12, 0.08, 0.16, adjusted_p=0.001)
    decision = decide(read_policy(text, "p.yaml"), [toy.exhibit(*toy.good[:2], ece)], development=False)
    assert decision.outcomes[2].state is State.INSUFFICIENT
