"""Whether a bundle may be used: with nothing but its bytes, public keys and a clock. Nothing is unpacked or loaded."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assay.bundle.faults import Rejected
from assay.bundle.layout import MANIFEST, SIGNATURE, Part
from assay.bundle.manifest import Item, Manifest
from assay.bundle.source import Source, read_document
from assay.errors import Fault
from assay.signing import (
    Claim,
    Envelope,
    PrivateKey,
    PublicKey,
    Resource,
    SignatureFault,
    open_envelope,
    read_claim,
    seal,
)
from assay.signing.statement import PAYLOAD
from assay.trust.gate import Admission, Refused, admit_to_publication

BUNDLE = "urn:assay:bundle:1"
"""Type of the signature's predicate."""

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Examined:
    """A bundle that holds what its signature says, with a verdict that allows its use.

    Attributes:
        manifest: What is in it.
        digest: sha256 of ``bundle.json``: names exactly this bundle.
        key: The trusted key that signed it.
        admission: The verdict, and the override where there is one.
    """

    manifest: Manifest
    digest: str
    key: PublicKey
    admission: Admission


def sign_manifest(text: bytes, manifest: Manifest, keys: Sequence[PrivateKey]) -> Envelope:
    """Return the signature of ``bundle.json``: a statement about it and about the model."""
    subjects = [Resource(MANIFEST, hashlib.sha256(text).hexdigest()), Resource(Part.MODEL, manifest.model)]
    predicate = {"name": manifest.name, "version": manifest.version, "overridden": manifest.overridden}
    return seal(PAYLOAD, Claim(BUNDLE, subjects, predicate).payload(), keys)


def examine(
    source: Source, keys: Sequence[PublicKey], now: dt.datetime, *, development: Collection[str] = ()
) -> Examined:
    """Verify a bundle from its signature down to the last byte, then whether its verdict allows its use now.

    Args:
        source: Where it lies.
        keys: Public keys that are trusted; one has to have signed the bundle, one the verdict.
        now: The moment at which the verdict has to be valid.
        development: Ids of keys that are known here as development keys.

    Raises:
        SignatureFault: The bundle was changed after it was signed, or was signed by a key that nobody here trusts.
        Rejected: With every other reason: a file is missing, extra, changed, a link, badly named; the verdict is not a valid pass for
            exactly this model and evidence, and no override stands against that.
    """
    sizes = source.sizes()
    text = read_document(source, MANIFEST)
    key = _signed_by(source, text, keys)
    manifest = Manifest.read(text, source.name)
    faults = _differences(manifest, sizes)
    if not faults:
        faults = [fault for item in manifest.items if (fault := _changed(source, item))]
    if faults:
        raise Rejected(source.name, faults)
    admission = _admission(source, manifest, keys, now, development)
    if manifest.overridden != (admission.override is not None):
        message = "the bundle does not say truly whether somebody published against the verdict"
        raise Rejected(source.name, [Fault("override-hidden", message, MANIFEST)])
    return Examined(manifest, hashlib.sha256(text).hexdigest(), key, admission)


def _signed_by(source: Source, text: bytes, keys: Sequence[PublicKey]) -> PublicKey:
    envelope = open_envelope(read_document(source, SIGNATURE), SIGNATURE)
    key = envelope.verify(keys)
    claim = read_claim(envelope, SIGNATURE)
    if claim.kind != BUNDLE:
        raise SignatureFault(f"{SIGNATURE} is about something else: {claim.kind}", culprit=SIGNATURE)
    signed = {subject.name: subject.digest for subject in claim.subjects}
    if signed.get(MANIFEST) != hashlib.sha256(text).hexdigest():
        raise SignatureFault(
            f"{MANIFEST} was changed after it was signed",
            culprit=MANIFEST,
            hint="ask for the original bundle, and trust nothing in this one",
        )
    return key


def _differences(manifest: Manifest, sizes: Collection[str]) -> list[Fault]:
    named = {item.path for item in manifest.items} | {MANIFEST, SIGNATURE}
    missing = [Fault("missing-file", f"{name} is not there", name) for name in sorted(named - set(sizes))]
    extra = [Fault("extra-file", f"{name} is not part of the bundle", name) for name in sorted(set(sizes) - named)]
    return missing + extra


def _changed(source: Source, item: Item) -> Fault | None:
    """Return the fault of a file whose bytes are not those that were signed; reads no more of it than its size and one byte."""
    hasher, size = hashlib.sha256(), 0
    with source.open(item.path) as file:
        while size <= item.size and (data := file.read(min(BLOCK, item.size - size + 1))):
            hasher.update(data)
            size += len(data)
    if size != item.size or hasher.hexdigest() != item.digest:
        return Fault("changed", f"{item.path} is not the file that was signed", item.path)
    return None


def _admission(
    source: Source, manifest: Manifest, keys: Sequence[PublicKey], now: dt.datetime, development: Collection[str]
) -> Admission:
    verdict = open_envelope(read_document(source, Part.VERDICT), Part.VERDICT)
    override = None
    if manifest.of(Part.OVERRIDE):
        override = open_envelope(read_document(source, Part.OVERRIDE), Part.OVERRIDE)
    evidence = [item.digest for item in manifest.of(Part.EVIDENCE)]
    try:
        return admit_to_publication(
            verdict, override, keys, now, model=manifest.model, evidence=evidence, development=development
        )
    except Refused as error:
        raise Rejected(source.name, error.faults) from None
