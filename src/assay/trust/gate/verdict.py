"""Verdicts and overrides as signed statements: made, written, read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from assay.errors import Fault
from assay.signing import Claim, Envelope, PrivateKey, Resource, SignatureFault, Trust, read_claim, seal
from assay.signing.statement import PAYLOAD
from assay.trust.evidence.statement import State
from assay.trust.gate.case import Case, Refused
from assay.trust.gate.judging import Decision, Outcome
from assay.trust.gate.policy import EVERY, Level, Policy, Signer

VERDICT, OVERRIDE = "urn:assay:verdict:1", "urn:assay:override:1"
"""Types of the two predicates."""


@dataclass(frozen=True, slots=True)
class Held:
    """One statement that a rule looked at: sha256 of its evidence, its id, on whom, against whom, and what became of it."""

    evidence: str
    statement: str
    on: Mapping[str, str]
    against: Mapping[str, str]
    state: State

    def json(self) -> dict[str, Any]:
        """Return it as it stands in a verdict."""
        return {
            "evidence": self.evidence,
            "statement": self.statement,
            "on": dict(self.on),
            "against": dict(self.against),
            "state": str(self.state),
        }


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of one rule, as a verdict tells it.

    Attributes:
        bound: What it asks of each figure, such as ``low >= 0.8``; ``declared`` for the component's own criterion.
    """

    id: str
    title: str
    level: Level
    asks: str
    bound: str
    state: State
    reason: str
    held: Sequence[Held] = ()

    def json(self) -> dict[str, Any]:
        """Return it as it stands in a verdict."""
        return {
            "id": self.id,
            "title": self.title,
            "level": str(self.level),
            "asks": self.asks,
            "bound": self.bound,
            "state": str(self.state),
            "reason": self.reason,
            "held": [one.json() for one in self.held],
        }

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """Return the ruling that a verdict tells."""
        held = [
            Held(one["evidence"], one["statement"], dict(one["on"]), dict(one["against"]), State(one["state"]))
            for one in body["held"]
        ]
        level, state = Level(body["level"]), State(body["state"])
        return cls(body["id"], body["title"], level, body["asks"], body["bound"], state, body["reason"], held)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement as it is signed.

    Attributes:
        state: Pass, fail or insufficient.
        reason: One sentence.
        model: The model that was judged.
        labels: Its labels in the order of its classes.
        data: What was measured on.
        evidence: Name and digest of each evidence file.
        policy: Name and digest of the policy.
        signer_asked: Whose signature the policy accepts.
        rules: One a rule of the policy.
        judged: When, UTC.
        expires: When it ends.
        signer: Name of the key.
        key: Its id.
        trust: What the key is worth.
        synthetic: Whether no patient was imaged.
        provenance: How the model came to be: its training facts, versions.
    """

    state: State
    reason: str
    model: Resource
    labels: Sequence[str]
    data: Sequence[Resource]
    evidence: Sequence[Resource]
    policy: Resource
    signer_asked: Signer
    rules: Sequence[Ruling]
    judged: dt.datetime
    expires: dt.datetime
    signer: str
    key: str
    trust: Trust
    synthetic: bool | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def sign(self, key: PrivateKey) -> Envelope:
        """Return it signed."""
        return seal(PAYLOAD, self._claim().payload(), [key])

    def _claim(self) -> Claim:
        predicate = {
            "verdict": str(self.state),
            "reason": self.reason,
            "labels": list(self.labels),
            "data": [one.json() for one in self.data],
            "evidence": [one.json() for one in self.evidence],
            "policy": {**self.policy.json(), "signer": str(self.signer_asked)},
            "rules": [rule.json() for rule in self.rules],
            "judged": _stamp(self.judged),
            "expires": _stamp(self.expires),
            "signer": {"name": self.signer, "key": self.key, "trust": str(self.trust)},
            "synthetic": self.synthetic,
            "provenance": dict(self.provenance),
        }
        return Claim(VERDICT, [self.model], predicate)

    @classmethod
    def read(cls, envelope: Envelope, name: str) -> Self:
        """Return the verdict in an envelope, whose signature is the caller's to verify; raises ``SignatureFault``."""
        claim = read_claim(envelope, name)
        if claim.kind != VERDICT:
            raise SignatureFault(f"{name} is signed, but is no verdict: {claim.kind}", culprit=name)
        try:
            return cls._parse(claim)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SignatureFault(f"{name} is no whole verdict: {type(error).__name__}: {error}", culprit=name) from None

    @classmethod
    def _parse(cls, claim: Claim) -> Self:
        said = claim.predicate
        (model,) = claim.subjects
        return cls(
            state=State(said["verdict"]),
            reason=str(said["reason"]),
            model=model,
            labels=[str(label) for label in said["labels"]],
            data=[_resource(one) for one in said["data"]],
            evidence=[_resource(one) for one in said["evidence"]],
            policy=_resource(said["policy"]),
            signer_asked=Signer(said["policy"]["signer"]),
            rules=[Ruling.parse(one) for one in said["rules"]],
            judged=_moment(said["judged"]),
            expires=_moment(said["expires"]),
            signer=str(said["signer"]["name"]),
            key=str(said["signer"]["key"]),
            trust=Trust(said["signer"]["trust"]),
            synthetic=said["synthetic"],
            provenance=dict(said["provenance"]),
        )


def make_verdict(
    decision: Decision,
    case: Case,
    policy: Policy,
    key: PrivateKey,
    *,
    now: dt.datetime,
    model_name: str = "model",
    provenance: Mapping[str, Any] | None = None,
) -> Verdict:
    """Return the verdict that ``key`` is to sign.

    Args:
        decision: What became of each rule.
        case: What was judged.
        policy: By which rules.
        key: Who signs.
        now: The moment of judgement, with a time zone; fractions of seconds are dropped.
        model_name: For people.
        provenance: How the model came to be.
    """
    judged = now.astimezone(dt.UTC).replace(microsecond=0)
    return Verdict(
        state=decision.state,
        reason=decision.reason,
        model=Resource(model_name, case.model),
        labels=list(case.labels),
        data=[Resource("data", digest) for digest in case.data_digests],
        evidence=[Resource(one.evidence.title, one.digest) for one in case.exhibits],
        policy=Resource(policy.name, policy.digest),
        signer_asked=policy.signer,
        rules=[_ruling(outcome) for outcome in decision.outcomes],
        judged=judged,
        expires=judged + dt.timedelta(seconds=policy.expires),
        signer=key.name,
        key=key.public.id,
        trust=key.trust,
        synthetic=case.synthetic,
        provenance=provenance or {},
    )


def _ruling(outcome: Outcome) -> Ruling:
    rule = outcome.rule
    asks, bound = rule.why, "declared"
    if rule.statement != EVERY:
        bound = str(rule.bound or bound)
        asks = f"{rule.statement} for {rule.scope}: {bound}"
    held = [
        Held(one.exhibit, one.statement.id, one.statement.on, one.statement.against, one.judgement.state)
        for one in outcome.findings
    ]
    return Ruling(rule.id, rule.title, rule.level, asks, bound, outcome.state, outcome.reason, held)


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody's decision to publish against a verdict, as it is signed.

    Attributes:
        verdict: sha256 of the payload of the verdict it is about.
        model: The model.
        by: Who decided.
        reason: Why.
        at: When, UTC.
        signer: Name of the key.
        key: Its id.
        trust: What the key is worth.
    """

    verdict: str
    model: Resource
    by: str
    reason: str
    at: dt.datetime
    signer: str
    key: str
    trust: Trust

    def sign(self, key: PrivateKey) -> Envelope:
        """Return it signed."""
        predicate = {
            "by": self.by,
            "reason": self.reason,
            "at": _stamp(self.at),
            "signer": {"name": self.signer, "key": self.key, "trust": str(self.trust)},
        }
        subjects = [Resource("verdict", self.verdict), self.model]
        return seal(PAYLOAD, Claim(OVERRIDE, subjects, predicate).payload(), [key])

    @classmethod
    def read(cls, envelope: Envelope, name: str) -> Self:
        """Return the override in an envelope, whose signature is the caller's to verify; raises ``SignatureFault``."""
        claim = read_claim(envelope, name)
        if claim.kind != OVERRIDE:
            raise SignatureFault(f"{name} is signed, but is no override: {claim.kind}", culprit=name)
        try:
            verdict, model = claim.subjects
            said = claim.predicate
            who = said["signer"]
            moment = _moment(said["at"])
            return cls(
                verdict.digest, model, said["by"], said["reason"], moment, who["name"], who["key"], Trust(who["trust"])
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SignatureFault(
                f"{name} is no whole override: {type(error).__name__}: {error}", culprit=name
            ) from None


def sign_override(
    envelope: Envelope, verdict: Verdict, key: PrivateKey, *, by: str, reason: str, now: dt.datetime
) -> Envelope:
    """Return the signed override of the verdict in ``envelope``.

    Raises:
        Refused: Nobody is named, or no reason is given that says anything.
    """
    faults = []
    if not by.strip():
        faults.append(Fault("no-name", "an override names who takes it", "by", hint="give a person's name, not a role"))
    if len(reason.split()) < 2:
        faults.append(
            Fault(
                "no-reason", "an override gives its reason in a sentence", reason, hint="others will have to judge it"
            )
        )
    if faults:
        raise Refused(faults)
    at = now.astimezone(dt.UTC).replace(microsecond=0)
    made = Override(
        envelope.digest, verdict.model, by.strip(), " ".join(reason.split()), at, key.name, key.public.id, key.trust
    )
    return made.sign(key)


def _resource(body: Mapping[str, Any]) -> Resource:
    return Resource(str(body["name"]), str(body["digest"]["sha256"]))


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment
