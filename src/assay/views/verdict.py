"""What a signed verdict, or an override of one, says to a person; and whether a key that this user trusts signed it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from assay.errors import AssayError
from assay.signing import Envelope, Keyring, SignatureFault, Trust, keyring_folder, read_claim
from assay.signing.envelope import open_envelope

OVERRIDDEN = "overridden"
_VERDICT, _OVERRIDE = "urn:assay:verdict:1", "urn:assay:override:1"


@dataclass(frozen=True, slots=True)
class Signature:
    """Whether a trusted key made it, and the same in words; ``development`` when Assay made the key itself."""

    holds: bool
    development: bool
    told: str


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What became of one rule of the policy, and why."""

    id: str
    title: str
    level: str
    asks: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Named:
    """Something by its name and its sha256."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class VerdictView:
    """A verdict, or an override of one: then ``state`` is ``overridden`` and ``by`` says who took the decision.

    Attributes:
        digest: sha256 of what was signed.
        judged: When, as it stands in the file.
        expires: When it ends; empty for an override.
        expired: Whether that is past.
        synthetic: Whether no patient was imaged; ``None``: not known.
    """

    state: str
    reason: str
    digest: str
    signature: Signature
    model: Named | None = None
    policy: Named | None = None
    evidence: list[Named] = field(default_factory=list)
    rules: list[RuleOutcome] = field(default_factory=list)
    by: str = ""
    judged: str = ""
    expires: str = ""
    expired: bool = False
    synthetic: bool | None = None
    signer: str = ""
    key: str = ""

    def json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def verdict_view(text: bytes, name: str, now: dt.datetime) -> VerdictView:
    """Return what a file says.

    Args:
        text: The file.
        name: What to call it in messages.
        now: The moment that decides whether it is expired, with a time zone.

    Raises:
        SignatureFault: It is no signed statement, or neither a verdict nor an override.
    """
    envelope = open_envelope(text, name)
    claim = read_claim(envelope, name)
    if claim.kind not in {_VERDICT, _OVERRIDE}:
        raise SignatureFault(f"{name} is signed, but is no verdict: {claim.kind}", culprit=name)
    override = claim.kind == _OVERRIDE
    said, who = claim.predicate, _map(claim.predicate.get("signer"))
    about = claim.subjects[1:] if override else claim.subjects
    synthetic = said.get("synthetic")
    return VerdictView(
        OVERRIDDEN if override else _text(said, "verdict"),
        _text(said, "reason"),
        envelope.digest,
        _signature(envelope),
        model=next((Named(one.name, one.digest) for one in about), None),
        policy=_named(said.get("policy")),
        evidence=[found for one in _list(said.get("evidence")) if (found := _named(one))],
        rules=[_rule(one) for one in _list(said.get("rules")) if isinstance(one, Mapping)],
        by=_text(said, "by"),
        judged=_text(said, "at" if override else "judged"),
        expires=_text(said, "expires"),
        expired=_past(_text(said, "expires"), now),
        synthetic=synthetic if isinstance(synthetic, bool) else None,
        signer=_text(who, "name"),
        key=_text(who, "key"),
    )


def _signature(envelope: Envelope) -> Signature:
    """Hold the signature against the keys of this user; keys that cannot be read are said, not raised."""
    try:
        ring = Keyring(keyring_folder(os.environ))
        key = envelope.verify(ring.trusted())
        development = ring.trust_of(key) is Trust.DEVELOPMENT
    except (AssayError, OSError) as error:
        return Signature(holds=False, development=False, told=str(error))
    kind = (
        "the development key of this machine, which vouches for nobody" if development else "a key that is trusted here"
    )
    return Signature(
        holds=True, development=development, told=f"the signature holds: made by {kind}, and unchanged since"
    )


def _rule(body: Mapping[str, Any]) -> RuleOutcome:
    return RuleOutcome(*(_text(body, name) for name in ("id", "title", "level", "asks", "state", "reason")))


def _named(body: Any) -> Named | None:
    digest = _text(_map(_map(body).get("digest")), "sha256")
    return Named(_text(_map(body), "name"), digest) if digest else None


def _past(text: str, now: dt.datetime) -> bool:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return now >= (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC))


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""
