"""DSSE envelopes: a payload, its type, and signatures over both (Dead Simple Signing Envelope 1.0, github.com/secure-systems-lab/dsse)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from assay.errors import AssayError
from assay.signing.keys import PrivateKey, PublicKey


class SignatureFault(AssayError):  # noqa: N818  (like its kin in errors.py)
    """An envelope is none, or no signature of it can be believed."""

    code: ClassVar[str] = "signature"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed payload, not yet verified.

    Attributes:
        kind: The payload's media type.
        signatures: Key id (a hint only) and signature.
    """

    kind: str
    payload: bytes
    signatures: Sequence[tuple[str, bytes]]

    @property
    def digest(self) -> str:
        """sha256 of the payload: what another statement names this one by, however often it is signed."""
        return hashlib.sha256(self.payload).hexdigest()

    @property
    def signed_bytes(self) -> bytes:
        """What is signed: DSSE's pre-authentication encoding, so that type and payload cannot be exchanged."""
        kind = self.kind.encode()
        return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(self.payload), self.payload)

    def text(self) -> str:
        """Return the envelope as JSON text."""
        body = {
            "payloadType": self.kind,
            "payload": base64.b64encode(self.payload).decode(),
            "signatures": [
                {"keyid": key, "sig": base64.b64encode(signature).decode()} for key, signature in self.signatures
            ],
        }
        return json.dumps(body, indent=2) + "\n"

    def verify(self, keys: Iterable[PublicKey]) -> PublicKey:
        """Return the first of ``keys`` that made one of the signatures; raises ``SignatureFault`` when none did."""
        tried = list(keys)
        message = self.signed_bytes
        for key in tried:
            if any(key.verifies(signature, message) for _, signature in self.signatures):
                return key
        known = {key.id for key in tried}
        named = [identity for identity, _ in self.signatures]
        if known & set(named):
            raise SignatureFault(
                "the signature does not fit: what was signed has been changed since",
                culprit=named[0],
                hint="ask for the original file, and trust nothing in this one",
            )
        raise SignatureFault(
            f"it was signed by a key that is not among the {len(tried)} trusted here",
            culprit=", ".join(named) or "no signature",
            hint="ask the signer for the public key, by another way than the file came",
        )


def seal(kind: str, payload: bytes, keys: Sequence[PrivateKey]) -> Envelope:
    """Return ``payload`` signed by every key."""
    message = Envelope(kind, payload, ()).signed_bytes
    return Envelope(kind, payload, [(key.public.id, key.sign(message)) for key in keys])


def open_envelope(text: str | bytes, name: str) -> Envelope:
    """Return the envelope that JSON text holds, unverified; raises ``SignatureFault`` for anything else."""
    try:
        body: Any = json.loads(text)
        kind, payload = body["payloadType"], base64.b64decode(body["payload"], validate=True)
        signatures = [
            (str(one.get("keyid", "")), base64.b64decode(one["sig"], validate=True)) for one in body["signatures"]
        ]
    except (ValueError, binascii.Error, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SignatureFault(
            f"{name} is no signed statement: {type(error).__name__}: {error}",
            culprit=name,
            hint="a DSSE envelope is JSON with payloadType, payload and signatures",
        ) from None
    return Envelope(str(kind), payload, signatures)
