"""Signing: ed25519 keys in a folder of the user's, DSSE envelopes, in-toto statements. Knows no science and no store."""

from assay.signing.envelope import Envelope, SignatureFault, open_envelope, seal
from assay.signing.keyring import DEVELOPMENT, Keyring, keyring_folder
from assay.signing.keys import KeyFault, PrivateKey, PublicKey, Trust, load_private, load_public, new_key
from assay.signing.statement import Claim, Resource, read_claim

__all__ = [
    "DEVELOPMENT",
    "Claim",
    "Envelope",
    "KeyFault",
    "Keyring",
    "PrivateKey",
    "PublicKey",
    "Resource",
    "SignatureFault",
    "Trust",
    "keyring_folder",
    "load_private",
    "load_public",
    "new_key",
    "open_envelope",
    "read_claim",
    "seal",
]
