"""P-256 keys for signatures that cosign and admission policies read: they take no word of Assay's, and Assay's own signatures do not rest on them.

``<folder of keys>/cosign/NAME.key`` is the private half (PKCS #8, mode 600), ``NAME.pub`` the public one, as ``cosign verify --key`` takes it.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import NotFound
from assay.signing.keys import KeyFault, cryptography_serialization

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class CosignKeys:
    """The P-256 keys of a user.

    Args:
        folder: The user's folder of keys; these are in ``cosign`` below it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "cosign"

    def public(self, name: str) -> str:
        """Return the public half as PEM text; raises ``NotFound``."""
        return self._file(name, "pub").read_text(encoding="utf-8")

    def have(self, name: str) -> str:
        """Return the public half as PEM text; a pair is made when there is none.

        Raises:
            KeyFault: The name cannot be one.
        """
        with contextlib.suppress(NotFound):
            return self.public(name)
        if not _NAME.fullmatch(name):
            raise KeyFault(
                f"{name!r} cannot be the name of a key", culprit=name, hint="small letters, digits, '.', '_', '-'"
            )
        serialization = cryptography_serialization()
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public: bytes = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.folder / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
        (self.folder / f"{name}.pub").write_bytes(public)
        return public.decode()

    def sign(self, name: str, message: bytes) -> bytes:
        """Return the signature of a message: ECDSA over its SHA-256, DER.

        Raises:
            NotFound: There is no such key.
            KeyFault: It is no P-256 key, or is encrypted.
        """
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        return self._private(name).sign(message, ec.ECDSA(hashes.SHA256()))

    def _private(self, name: str) -> EllipticCurvePrivateKey:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ec

        file = self._file(name, "key")
        try:
            key = cryptography_serialization().load_pem_private_key(file.read_bytes(), None)
        except (TypeError, ValueError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise KeyFault(f"{file} is no private P-256 key", culprit=name, hint="'assay keys cosign NAME' makes one")
        return key

    def _file(self, name: str, suffix: str) -> Path:
        file = self.folder / f"{name}.{suffix}"
        if not _NAME.fullmatch(name) or not file.is_file():
            raise NotFound(f"there is no key {name!r} for cosign", culprit=name, hint=f"type: assay keys cosign {name}")
        return file


def verifies(public: str, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` of ``message`` was made with the private half of a P-256 key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = cryptography_serialization().load_pem_public_key(public.encode())
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
