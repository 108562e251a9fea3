"""In-toto statements, version 1: what is claimed (a predicate) about what (subjects by digest). github.com/in-toto/attestation"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assay.signing.envelope import Envelope, SignatureFault

PAYLOAD = "application/vnd.in-toto+json"
TYPE = "https://in-toto.io/Statement/v1"


@dataclass(frozen=True, slots=True)
class Resource:
    """Something by its content: a name for people and its sha256 in hexadecimal."""

    name: str
    digest: str

    def json(self) -> dict[str, Any]:
        """Return an in-toto ResourceDescriptor."""
        return {"name": self.name, "digest": {"sha256": self.digest}}


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement: ``kind`` is the URI of the predicate's type."""

    kind: str
    subjects: Sequence[Resource]
    predicate: Mapping[str, Any]

    def payload(self) -> bytes:
        """Return the bytes to sign: JSON with sorted keys, so that equal claims have equal digests."""
        body = {
            "_type": TYPE,
            "subject": [subject.json() for subject in self.subjects],
            "predicateType": self.kind,
            "predicate": dict(self.predicate),
        }
        return json.dumps(body, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def read_claim(envelope: Envelope, name: str) -> Claim:
    """Return the claim in an envelope, whose signature is the caller's to verify.

    Raises:
        SignatureFault: The payload is no in-toto statement of version 1.
    """
    if envelope.kind != PAYLOAD:
        raise SignatureFault(f"{name} holds {envelope.kind!r} and no in-toto statement", culprit=name)
    try:
        body: Any = json.loads(envelope.payload)
        if body["_type"] != TYPE:
            raise SignatureFault(f"{name} is an in-toto statement of another version: {body['_type']!r}", culprit=name)
        subjects = [Resource(str(one.get("name", "")), str(one["digest"]["sha256"])) for one in body["subject"]]
        return Claim(str(body["predicateType"]), subjects, dict(body["predicate"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SignatureFault(
            f"{name} holds no in-toto statement: {type(error).__name__}: {error}", culprit=name
        ) from None
