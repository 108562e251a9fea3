"""publish/folder."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Annotated

from assay import Bundle, Evidence, Model, Param, Report, Verdict, component, step
from assay.bundle.making import Authority, Label, Materials, make_bundle
from assay.signing import Keyring, PublicKey, keyring_folder, load_public, open_envelope
from assay.trust.gate.words import headline, warnings


@component(
    "publish/folder",
    version="2.0.0",
    tags=("trust", "deployment"),
    licence="Apache-2.0",
    requires=(
        "cryptography",
        "cyclonedx-python-lib",
        "model-signing",
        "numpy",
        "onnxruntime",
        "pillow",
        "pyopenssl",
        "pyyaml",
    ),
    cache=False,
)
def folder(
    model: Model,
    verdict: Verdict,
    evidence: list[Evidence],
    reports: list[Report] | None = None,
    override: Verdict | None = None,
    *,
    name: str = "model",
    release: str = "1.0.0",
    licence: str = "",
    key: Annotated[Path | None, Param(path="file")] = None,
    signer: str = "publisher",
    signing_key: Annotated[str, Param(secret=True)] = "",
    passphrase: Annotated[str, Param(secret=True)] = "",
) -> Bundle:
    """Make a signed bundle of a model that passed the gate, with its evidence, verdict and reports. Anything else is refused.

    The verdict has to be a pass, signed by a trusted key, still valid, for exactly this model, and resting on exactly this evidence; or
    there has to be a signed override of it. An override stands against the verdict and its age, never against a broken signature, another
    model or other evidence. The bundle also holds a synthetic example with the answer the model has to give, a bill of materials,
    provenance, and an OpenSSF signature of the model; assay bundle verify checks all of it.

    Args:
        model: What is published.
        verdict: From gate/judge.
        evidence: Every file that the verdict rests on.
        reports: Reports for people.
        override: From gate/override or assay verdict override.
        name: Of the bundle, such as covid-ct: small letters and digits, with single dots, dashes or underscores between them.
        release: Its version; another content needs another one.
        licence: Terms of use of the model, an SPDX expression.
        key: The public key whose signature on the verdict counts; default: all keys in this user's folder of keys.
        signer: Whose key signs the bundle.
        signing_key: The private key as PEM text, made by assay keys new; name the secret that holds it. Default: the development key.
        passphrase: Of the signing key, when it has one; name the secret that holds it.

    Returns:
        bundle: As assay bundle make writes it.
    """
    ring = Keyring(keyring_folder(os.environ))
    materials = Materials(
        model=model.path,
        verdict=open_envelope(verdict.path.read_bytes(), "the verdict"),
        evidence=_named(evidence),
        reports=_named(reports or []),
        override=open_envelope(override.path.read_bytes(), "the override") if override is not None else None,
    )
    trusted = _trusted(key, ring)  # before a development key is made: that one judged nothing
    signing = ring.signing_key(signer, signing_key, passphrase)
    who = Authority(signing, trusted, dt.datetime.now(dt.UTC), ring.development_ids())
    bundle = step.output("bundle", Bundle)
    admission = make_bundle(materials, Label(name, release, licence), who, bundle.path).admission
    print(headline(admission.verdict))
    print("\n".join(f"! {line}" for line in warnings(admission.verdict, admission.override)))
    return bundle


def _trusted(key: Path | None, ring: Keyring) -> list[PublicKey]:
    if key is None:
        return ring.trusted()
    return [load_public(key.read_text(encoding="utf-8", errors="replace"), key.name)]


def _named(files: list[Evidence] | list[Report]) -> dict[str, Path]:
    return {f"{number:02d}{file.path.suffix}": file.path for number, file in enumerate(files, start=1)}
