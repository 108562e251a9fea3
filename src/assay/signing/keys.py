"""Ed25519 keys (RFC 8032) as PEM text: PKCS #8 for the private half, SubjectPublicKeyInfo for the public one."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar

from assay.errors import AssayError, MissingDependency

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class KeyFault(AssayError):  # noqa: N818  (like its kin in errors.py)
    """A key is missing, unreadable, of another kind, or open to others. Its text is never part of the message."""

    code: ClassVar[str] = "key"


class Trust(enum.StrEnum):
    """What a signature by a key is worth.

    A development key is made by Assay itself, on the machine it is used on: it shows that nothing changed since, and not who vouches.
    """

    NAMED = "named"
    DEVELOPMENT = "development"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half that everybody may have.

    Attributes:
        id: sha256 of its SubjectPublicKeyInfo (DER), in hexadecimal.
        pem: As text.
    """

    id: str
    pem: str

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether ``signature`` of ``message`` was made with the private half."""
        from cryptography.exceptions import InvalidSignature

        key: Ed25519PublicKey = cryptography_serialization().load_pem_public_key(self.pem.encode())
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """The half that signs. Its representation shows the public id only.

    Attributes:
        public: The other half.
        trust: What its signatures are worth.
        name: Whom it belongs to; part of what is signed.
    """

    public: PublicKey
    trust: Trust
    name: str
    _key: Ed25519PrivateKey = field(repr=False, compare=False)

    def sign(self, message: bytes) -> bytes:
        """Return the signature, 64 bytes."""
        return self._key.sign(message)

    def pem(self, passphrase: str = "") -> str:
        """Return the key as PEM text, encrypted when there is a passphrase."""
        serialization = cryptography_serialization()
        cipher = (
            serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
        )
        form = serialization.PrivateFormat.PKCS8
        text: bytes = self._key.private_bytes(serialization.Encoding.PEM, form, cipher)
        return text.decode()


def new_key(name: str, trust: Trust = Trust.NAMED) -> PrivateKey:
    """Return a new random key."""
    cryptography_serialization()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return _private(Ed25519PrivateKey.generate(), name, trust)


def load_private(pem: str, name: str, *, passphrase: str = "", trust: Trust = Trust.NAMED) -> PrivateKey:
    """Return the private key that PEM text holds.

    Raises:
        KeyFault: It is no private ed25519 key, or the passphrase is missing, superfluous or wrong.
    """
    from cryptography.exceptions import UnsupportedAlgorithm

    serialization = cryptography_serialization()
    try:
        key = serialization.load_pem_private_key(pem.encode() + b"\n", passphrase.encode() if passphrase else None)
    except TypeError:
        wrong, hint = (
            ("is not encrypted, but a passphrase was given", "give no passphrase")
            if passphrase
            else ("is encrypted", "give its passphrase")
        )
        raise KeyFault(f"the key {name!r} {wrong}", culprit=name, hint=hint) from None
    except (ValueError, UnsupportedAlgorithm):
        what = "cannot be read with this passphrase" if passphrase else "is no private key in PEM form"
        raise KeyFault(f"the key {name!r} {what}", culprit=name, hint="'assay keys new' makes one") from None
    return _private(_ed25519(key, "Ed25519PrivateKey", name), name, trust)


def load_public(pem: str, name: str) -> PublicKey:
    """Return the public key that PEM text holds; raises ``KeyFault`` for anything else."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        key = cryptography_serialization().load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        hint = "'assay keys export NAME' writes it"
        hint = "this is the private half: keep it to yourself; " + hint if "PRIVATE" in pem else hint
        raise KeyFault(f"{name} is no public key in PEM form", culprit=name, hint=hint) from None
    return _public(_ed25519(key, "Ed25519PublicKey", name))


def _ed25519(key: object, kind: str, name: str) -> object:
    from cryptography.hazmat.primitives.asymmetric import ed25519

    if not isinstance(key, getattr(ed25519, kind)):
        raise KeyFault(f"the key {name!r} is not of the kind ed25519", culprit=name, hint="'assay keys new' makes one")
    return key


def _private(key: object, name: str, trust: Trust) -> PrivateKey:
    public = key.public_key()  # type: ignore[attr-defined]  # the callers made sure what it is
    return PrivateKey(_public(public), trust, name, key)  # type: ignore[arg-type]


def _public(key: object) -> PublicKey:
    serialization = cryptography_serialization()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    der, pem = (
        key.public_bytes(encoding, form)  # type: ignore[attr-defined]  # as above
        for encoding in (serialization.Encoding.DER, serialization.Encoding.PEM)
    )
    return PublicKey(hashlib.sha256(der).hexdigest(), pem.decode())


def cryptography_serialization() -> ModuleType:
    """Return the module that reads and writes keys: 60 ms that only signing and verifying pays."""
    try:
        from cryptography.hazmat.primitives import serialization
    except ModuleNotFoundError as error:
        raise MissingDependency(
            "signing and verifying need the package 'cryptography'",
            culprit="cryptography",
            hint="type: pip install 'assay-ml[sign]'",
        ) from error
    return serialization
