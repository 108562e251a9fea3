"""publish/folder."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from pathlib import Path

from assay import Bundle, Evidence, Model, Report, Verdict, component, step
from assay.signing import Keyring, PublicKey, keyring_folder, load_public, open_envelope
from assay.trust.gate import Admission, admit_to_publication
from assay.trust.gate.words import headline, warnings


@component(
    "publish/folder",
    version="1.0.0",
    tags=("trust", "deployment"),
    licence="Apache-2.0",
    requires=("cryptography", "pyyaml"),
    cache=False,
)
def folder(
    model: Model,
    verdict: Verdict,
    evidence: list[Evidence],
    reports: list[Report] | None = None,
    override: Verdict | None = None,
    *,
    key: Path | None = None,
) -> Bundle:
    """Put a model that passed the gate into one folder, with its evidence, verdict and report. Anything else is refused.

    The verdict has to be a pass, signed by a trusted key, still valid, for exactly this model, and resting on exactly this evidence; or
    there has to be a signed override of it. An override stands against the verdict and its age, never against a broken signature, another
    model or other evidence.

    Args:
        model: What is published.
        verdict: From gate/judge.
        evidence: Every file that the verdict rests on.
        reports: Reports for people.
        override: From gate/override or assay verdict override.
        key: The public key whose signature counts; default: all keys in this user's folder of keys.

    Returns:
        bundle: model/, evidence/, verdict.json, override.json, reports/, and contents.json with the sha256 of each.
    """
    digests = {step.digest(one): one for one in evidence}
    ring = Keyring(keyring_folder(os.environ))
    envelope = open_envelope(verdict.path.read_bytes(), "the verdict")
    against = open_envelope(override.path.read_bytes(), "the override") if override is not None else None
    admission = admit_to_publication(
        envelope,
        against,
        _trusted(key, ring),
        dt.datetime.now(dt.UTC),
        model=step.digest(model),
        evidence=list(digests),
        development=ring.development_ids(),
    )
    bundle = step.output("bundle", Bundle)
    shutil.copytree(model.path, bundle / "model")
    shutil.copy(verdict.path, bundle / "verdict.json")
    if override is not None and admission.override is not None:
        shutil.copy(override.path, bundle / "override.json")
    for name, files in (("evidence", list(digests.values())), ("reports", reports or [])):
        _copy(bundle / name, files)
    _write_contents(bundle, admission)
    print(headline(admission.verdict))
    print("\n".join(f"! {line}" for line in warnings(admission.verdict, admission.override)))
    return bundle


def _trusted(key: Path | None, ring: Keyring) -> list[PublicKey]:
    if key is None:
        return ring.trusted()
    return [load_public(key.read_text(encoding="utf-8", errors="replace"), key.name)]


def _copy(target: Path, files: list[Evidence] | list[Report]) -> None:
    target.mkdir()
    for number, file in enumerate(files, start=1):
        shutil.copy(file.path, target / f"{number:02d}{file.path.suffix}")


def _write_contents(bundle: Bundle, admission: Admission) -> None:
    names = ["model", "verdict.json", "override.json"]
    names += sorted(f"{part}/{file.name}" for part in ("evidence", "reports") for file in (bundle / part).iterdir())
    digests = {name: step.digest(Bundle(bundle / name)) for name in names if (bundle / name).exists()}
    body = {"format": 1, "overridden": admission.override is not None, "sha256": digests}
    (bundle / "contents.json").write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
