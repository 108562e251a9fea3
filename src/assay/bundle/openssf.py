"""The model signed as OpenSSF Model Signing does (github.com/sigstore/model-transparency), for tools that know nothing of Assay.

That signature takes no ed25519 key, so each bundle has a P-256 pair of its own: its public half is in the bundle, and with that under the
bundle's own signature; its private half is gone once the model is signed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import ModuleType

from assay.errors import Fault, MissingDependency

SIGNATURE, PUBLIC = "model.sig", "model.pub"


def sign_model(model: Path, target: Path) -> None:
    """Write signature and public key of a model folder into the new folder ``target``; raises ``MissingDependency``."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    signing = _library("signing")
    key = ec.generate_private_key(ec.SECP256R1())
    target.mkdir()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (target / PUBLIC).write_bytes(public)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with tempfile.NamedTemporaryFile(prefix="assay-key-") as file:  # mode 600, gone before this returns
        file.write(secret)
        file.flush()
        signing.Config().use_elliptic_key_signer(private_key=Path(file.name)).sign(model, target / SIGNATURE)


def model_faults(model: Path, signed: Path) -> list[Fault]:
    """Return what keeps the model folder from being the one that was signed; raises ``MissingDependency``."""
    verifying = _library("verifying")
    try:
        verifying.Config().use_elliptic_key_verifier(public_key=signed / PUBLIC).verify(model, signed / SIGNATURE)
    except Exception as error:  # noqa: BLE001  (the library raises whatever its parts raise)
        return [Fault("openssf", f"the OpenSSF signature of the model does not hold: {error}", SIGNATURE)]
    return []


def _library(part: str) -> ModuleType:
    import importlib

    try:
        return importlib.import_module(f"model_signing.{part}")
    except ImportError as error:
        raise MissingDependency(
            f"the signature of the model needs {error.name or 'model-signing'}",
            culprit=error.name or "model-signing",
            hint="type: pip install 'assay-ml[bundle]'",
        ) from None
