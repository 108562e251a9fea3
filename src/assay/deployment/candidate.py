"""What may be deployed: a bundle whose verdict allows its use now, and what a cluster needs to come to the same conclusion."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from assay.bundle.layout import Part
from assay.bundle.manifest import Manifest
from assay.bundle.oci import described, sha256
from assay.bundle.source import Source, read_document
from assay.bundle.verifying import Examined, examine
from assay.signing import Keyring, PublicKey, load_public


@dataclass(frozen=True, slots=True)
class Candidate:
    """A bundle that passed.

    Attributes:
        found: What verifying it gave.
        artifact: Digest of the bundle as an OCI artifact, ``sha256:…``, wherever it is stored.
        keys: Name to PEM text of the public keys that signed bundle, verdict and override: whoever serves it verifies with these.
        kind: What the model answers about: ``image`` or ``table``.
    """

    found: Examined
    artifact: str
    keys: Mapping[str, str]
    kind: str = "image"

    @property
    def manifest(self) -> Manifest:
        """What is in the bundle."""
        return self.found.manifest


def admitted(
    source: Source, keys: Mapping[str, PublicKey], now: dt.datetime, *, development: Collection[str] = ()
) -> Candidate:
    """Verify a bundle to the last byte and return it as what may be deployed: nothing else makes one.

    Args:
        source: Where it lies.
        keys: Name to public key of everybody who is trusted here.
        now: The moment at which its verdict has to be valid.
        development: Ids of keys that are known here as development keys.

    Raises:
        SignatureFault: It was changed after it was signed, or was signed by a key that nobody here trusts.
        Rejected: Its verdict is no valid pass for exactly this model and evidence, and no signed override stands against that; or a
            file is missing, extra or changed.
    """
    found = examine(source, list(keys.values()), now, development=development)
    admission = found.admission
    signed = {found.key.id, admission.verdict.key} | ({admission.override.key} if admission.override else set())
    used = {name: key.pem for name, key in sorted(keys.items()) if key.id in signed}
    facts = json.loads(read_document(source, f"{Part.MODEL}/model.json"))
    return Candidate(found, sha256(described(source, found.manifest)), used, str(facts.get("kind", "image")))


def trusted_keys(file: Path | None, ring: Keyring) -> dict[str, PublicKey]:
    """Return name to public key of everybody who is trusted: the one of a file, or all of a user's folder of keys."""
    if file is not None:
        return {"signer": load_public(file.read_text(encoding="utf-8", errors="replace"), str(file))}
    return {name: ring.public(name) for name in ring.names()}
