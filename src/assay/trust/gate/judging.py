"""Evidence held against a policy: one outcome a rule, and the verdict that follows. Pure: no file, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assay.trust.evidence.kinds import KINDS, Better, counted
from assay.trust.evidence.statement import Judgement, State, Statement
from assay.trust.gate.case import Exhibit
from assay.trust.gate.policy import Bound, Level, Need, Policy, Rule, Signer

SIGNER_RULE = "signed-by-somebody"
_MOST_NAMED = 3
_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement held against one rule; ``exhibit`` is the digest of the evidence."""

    exhibit: str
    statement: Statement
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one rule: its state, why, and every statement it looked at."""

    rule: Rule
    state: State
    reason: str
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict: pass, fail or insufficient, in one sentence, with what became of each rule."""

    state: State
    reason: str
    outcomes: Sequence[Outcome]

    @property
    def passed(self) -> bool:
        """Whether the model may be published."""
        return self.state is State.PASS


def decide(policy: Policy, exhibits: Sequence[Exhibit], *, development: bool) -> Decision:
    """Hold all evidence against a policy.

    A required rule that fails makes the verdict fail; one without sufficient evidence, or without any, makes it insufficient; advisory rules
    are told and do not count.

    Args:
        policy: The rules.
        exhibits: The evidence, already known to belong together (``case.mismatched`` is empty).
        development: Whether a development key is going to sign.
    """
    outcomes = [_outcome(rule, exhibits) for rule in policy.rules]
    if policy.signer is Signer.NAMED:
        outcomes.append(_signed(development=development))
    state, reason = _verdict(outcomes)
    return Decision(state, reason, outcomes)


def _outcome(rule: Rule, exhibits: Sequence[Exhibit]) -> Outcome:
    findings = [
        Finding(exhibit.digest, statement, _judge(rule, statement))
        for exhibit in exhibits
        for statement in exhibit.evidence.statements
        if rule.selects(exhibit.evidence, statement)
    ]
    if not findings:
        return Outcome(rule, State.INSUFFICIENT, _missing(rule, exhibits))
    counted = _best_method(findings) if rule.need is Need.ONE_METHOD else findings
    for state in (State.FAIL, State.INSUFFICIENT):
        found = [finding for finding in counted if finding.judgement.state is state]
        if found:
            return Outcome(rule, state, _told(found, len(counted)), findings)
    return Outcome(rule, State.PASS, _all_hold(counted), findings)


def _best_method(findings: Sequence[Finding]) -> Sequence[Finding]:
    """Return the findings of the evidence file in which fewest fail, then in which fewest are insufficient."""
    methods: dict[str, list[Finding]] = {}
    for finding in findings:
        methods.setdefault(finding.exhibit, []).append(finding)
    states = {key: [one.judgement.state for one in found] for key, found in methods.items()}
    best = min(methods, key=lambda key: (states[key].count(State.FAIL), states[key].count(State.INSUFFICIENT)))
    return methods[best]


def _judge(rule: Rule, statement: Statement) -> Judgement:
    who = counted(statement.id)
    if rule.bound is not None:
        return _shown(rule.bound, statement, rule.bound.judge(statement.estimate, rule.fewest, who))
    assert statement.state is not None, "a rule without a bound selects judged statements only"
    if statement.estimate.n < rule.fewest:
        return Judgement(
            State.INSUFFICIENT, f"{statement.estimate.n} {who}: fewer than the {rule.fewest} asked for", rule.fewest
        )
    return Judgement(statement.state, statement.reason, statement.needed)


def _shown(bound: Bound, statement: Statement, held: Judgement) -> Judgement:
    """Turn "not settled" into a fail where a difference is shown to be there, corrected for its family, and its estimate is out of bounds.

    Otherwise a gap of ten points would need several times the patients to be refused as biased that are needed to see it (docs/decisions/0018).
    """
    p = statement.adjusted_p
    nothing = KINDS[statement.id].better is Better.ZERO
    if held.state is not State.INSUFFICIENT or not nothing or p is None or p >= _LEVEL:
        return held
    if bound.holds_for(statement.estimate.value):
        return held
    told = f"{statement.estimate}: a difference is shown (corrected p {p:.2g}), and its estimate is not {bound.words_of_value}"
    return Judgement(State.FAIL, told)


def _missing(rule: Rule, exhibits: Sequence[Exhibit]) -> str:
    """Say why nothing was found: not measured for a reason, measured on others, or not at all."""
    reasons = [
        missing.why
        for exhibit in exhibits
        for missing in exhibit.evidence.not_measured
        if rule.takes(exhibit.evidence, missing.id) and (rule.scope.takes(missing.on) or not missing.on)
    ]
    who = f"{rule.statement} for {rule.scope}"
    if reasons:
        return f"{who} was not measured: {'; '.join(dict.fromkeys(reasons))}"
    others = {
        statement.subject
        for exhibit in exhibits
        for statement in exhibit.evidence.statements
        if rule.takes(exhibit.evidence, statement.id)
    }
    if rule.bound is None and others:
        return f"there is no criterion for {who}: the component was given none"
    if others:
        return f"there is no evidence of {who}; it was measured for {_some(sorted(others))}"
    return f"there is no evidence of {who}: no component measured it"


def _told(findings: Sequence[Finding], among: int) -> str:
    said = [f"{name_of(one.statement)}: {one.judgement.reason}" for one in findings]
    share = "" if among == 1 else f"{len(findings)} of {among}: "
    return share + _some(said)


def _all_hold(findings: Sequence[Finding]) -> str:
    told = _told(findings[:1], 1)
    return told if len(findings) == 1 else f"all {len(findings)} figures hold, such as {told}"


def name_of(statement: Statement) -> str:
    """Return a statement's title and about whom it is, such as ``TPR difference for sex F against sex M``."""
    return f"{KINDS[statement.id].title} for {statement.subject}"


def _some(texts: Sequence[str]) -> str:
    rest = f"; and {len(texts) - _MOST_NAMED} more" if len(texts) > _MOST_NAMED else ""
    return "; ".join(texts[:_MOST_NAMED]) + rest


def _signed(*, development: bool) -> Outcome:
    rule = Rule(SIGNER_RULE, "Somebody vouches with a key of their own.", "*", why="The policy says signer: named.")
    if development:
        reason = "a development key signs: Assay made it itself, so nobody vouches; give the gate a key made by 'assay keys new'"
        return Outcome(rule, State.FAIL, reason)
    return Outcome(rule, State.PASS, "a key that somebody made on purpose signs")


def _verdict(outcomes: Sequence[Outcome]) -> tuple[State, str]:
    required = [one for one in outcomes if one.rule.level is Level.REQUIRED]
    by_state = {state: [one.rule.id for one in required if one.state is state] for state in State}
    if by_state[State.FAIL]:
        return State.FAIL, f"{_rules(by_state[State.FAIL], len(required))} not met: {', '.join(by_state[State.FAIL])}"
    if by_state[State.INSUFFICIENT]:
        named = by_state[State.INSUFFICIENT]
        return (
            State.INSUFFICIENT,
            f"the evidence does not suffice for {_rules(named, len(required))}: {', '.join(named)}",
        )
    return State.PASS, f"all {len(required)} required rules are met"


def _rules(named: Sequence[str], among: int) -> str:
    return f"{len(named)} of {among} required rules"
