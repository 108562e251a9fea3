"""Whether a verdict, or an override of one, may be acted on: with nothing but files, public keys and a clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assay.errors import Fault
from assay.signing import Envelope, PublicKey, SignatureFault, Trust
from assay.trust.evidence.statement import State
from assay.trust.gate.case import Refused
from assay.trust.gate.policy import Signer
from assay.trust.gate.verdict import Override, Verdict

_PATIENCE = dt.timedelta(minutes=5)
"""Clocks of two machines may differ by this much."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A verdict whose signature was checked.

    Attributes:
        verdict: What it says.
        key: The trusted key that signed it.
        faults: Everything against acting on it; empty when it may be acted on.
    """

    verdict: Verdict
    key: PublicKey
    faults: Sequence[Fault]


def verify(
    envelope: Envelope,
    name: str,
    keys: Sequence[PublicKey],
    now: dt.datetime,
    *,
    model: str = "",
    evidence: Sequence[str] = (),
    policy: str = "",
    development: Collection[str] = (),
) -> Verified:
    """Check a verdict.

    Args:
        envelope: The file's content.
        name: The file's name, for messages.
        keys: Public keys that are trusted; one of them has to have signed.
        now: The moment at which it has to be valid.
        model: sha256 of the model it has to be about; empty: whichever it names.
        evidence: sha256 of evidence files that it has to rest on.
        policy: sha256 of the policy it has to follow.
        development: Ids of keys that are known here as development keys, whatever a verdict claims.

    Raises:
        SignatureFault: It is no verdict, was changed after it was signed, or was signed by a key that nobody here trusts.
    """
    key = envelope.verify(keys)
    verdict = Verdict.read(envelope, name)
    if verdict.key != key.id:
        raise SignatureFault(f"{name} names another key than the one that signed it", culprit=verdict.key)
    trust = Trust.DEVELOPMENT if key.id in development else verdict.trust
    faults = [
        *_time(verdict, name, now),
        *_trust(verdict, name, trust),
        *_subjects(verdict, name, model, evidence, policy),
    ]
    if verdict.state is not State.PASS:
        faults.append(Fault("not-passed", f"the verdict is {verdict.state.words}: {verdict.reason}", name))
    return Verified(verdict, key, faults)


def _time(verdict: Verdict, name: str, now: dt.datetime) -> list[Fault]:
    if now >= verdict.expires:
        message = f"the verdict expired at {verdict.expires:%Y-%m-%d %H:%M} UTC"
        return [Fault("expired", message, name, hint="judge again: measure what changed since, and run the gate")]
    if now < verdict.judged - _PATIENCE:
        return [Fault("not-yet", f"the verdict is dated {verdict.judged:%Y-%m-%d %H:%M} UTC, in the future", name)]
    return []


def _trust(verdict: Verdict, name: str, trust: Trust) -> list[Fault]:
    if verdict.signer_asked is Signer.NAMED and trust is Trust.DEVELOPMENT:
        message = (
            f"a development key signed it, and the policy {verdict.policy.name} asks for a key somebody vouches with"
        )
        return [
            Fault("development-key", message, name, hint="'assay keys new' makes one; name it under the gate's secrets")
        ]
    return []


def _subjects(verdict: Verdict, name: str, model: str, evidence: Sequence[str], policy: str) -> list[Fault]:
    faults = []
    if model and verdict.model.digest != model:
        message = f"the verdict is about model {verdict.model.digest[:12]}, this is {model[:12]}"
        faults.append(Fault("another-model", message, name, hint="judge this model"))
    faults += _unjudged(verdict, evidence)
    if policy and verdict.policy.digest != policy:
        message = f"the verdict follows policy {verdict.policy.name} {verdict.policy.digest[:12]}, not {policy[:12]}"
        faults.append(Fault("another-policy", message, name))
    return faults


def verify_override(
    envelope: Envelope, name: str, keys: Sequence[PublicKey], verdict: Envelope, model: str
) -> Override:
    """Return the override, when it is signed by a trusted key and about this very verdict and model.

    Raises:
        SignatureFault: It is no override, was changed after it was signed, or was signed by a key that nobody here trusts.
        Refused: It is about another verdict or another model.
    """
    key = envelope.verify(keys)
    override = Override.read(envelope, name)
    if override.key != key.id:
        raise SignatureFault(f"{name} names another key than the one that signed it", culprit=override.key)
    faults = _of_another(override, verdict, model, name)
    if faults:
        raise Refused(faults)
    return override


@dataclass(frozen=True, slots=True)
class Admission:
    """Leave to publish: the verdict, and the override where one was needed."""

    verdict: Verdict
    override: Override | None


def admit_to_publication(
    verdict: Envelope,
    override: Envelope | None,
    keys: Sequence[PublicKey],
    now: dt.datetime,
    *,
    model: str,
    evidence: Sequence[str],
    development: Collection[str] = (),
) -> Admission:
    """Return leave to publish a model: a valid pass for exactly this model, or an override of exactly this verdict.

    An override stands against what the verdict says and against its age. Nothing stands against a broken signature, another model, or
    evidence that is missing or not the one that was judged.

    Raises:
        SignatureFault: A signature is broken or unknown.
        Refused: With every reason.
    """
    checked = verify(verdict, "the verdict", keys, now, model=model, evidence=evidence, development=development)
    faults = [*checked.faults, *_missing(checked.verdict, evidence)]
    if any(fault.code in _FINAL for fault in faults) or (faults and override is None):
        raise Refused(faults)
    if override is None:
        return Admission(checked.verdict, None)
    decided = verify_override(override, "the override", keys, verdict, model)
    unnamed = decided.trust is Trust.DEVELOPMENT or decided.key in development
    if checked.verdict.signer_asked is Signer.NAMED and unnamed:
        message = "a development key signed the override, and the policy asks for a key somebody vouches with"
        raise Refused([Fault("development-key", message, "the override")])
    return Admission(checked.verdict, decided)


_FINAL = frozenset({"another-model", "another-evidence", "missing-evidence", "not-yet"})
"""Faults that no override stands against."""


def _missing(verdict: Verdict, evidence: Sequence[str]) -> list[Fault]:
    return [
        Fault("missing-evidence", f"the verdict rests on {one.name!r}, which is not here", one.digest[:12])
        for one in verdict.evidence
        if one.digest not in evidence
    ]


def _unjudged(verdict: Verdict, evidence: Sequence[str]) -> list[Fault]:
    known = {one.digest for one in verdict.evidence}
    return [
        Fault("another-evidence", f"the verdict does not rest on evidence {digest[:12]}", digest[:12])
        for digest in evidence
        if digest not in known
    ]


def strangers(envelope: Envelope, verdict: Verdict, evidence: Sequence[str], override: Override | None) -> list[Fault]:
    """Return what does not belong to a verdict: evidence that is missing or was not judged, an override of another verdict.

    Args:
        envelope: The verdict's file.
        verdict: What it says.
        evidence: sha256 of each evidence file that is to be shown with it.
        override: The override that is to be shown with it.
    """
    faults = [*_missing(verdict, evidence), *_unjudged(verdict, evidence)]
    if override is not None:
        faults += _of_another(override, envelope, verdict.model.digest, "the override")
    return faults


def _of_another(override: Override, verdict: Envelope, model: str, name: str) -> list[Fault]:
    faults = []
    if override.verdict != verdict.digest:
        message = f"the override is about verdict {override.verdict[:12]}, this is {verdict.digest[:12]}"
        faults.append(Fault("another-verdict", message, name))
    if override.model.digest != model:
        message = f"the override is about model {override.model.digest[:12]}, this is {model[:12]}"
        faults.append(Fault("another-model", message, name))
    return faults
