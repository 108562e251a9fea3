"""Site evidence: a folder of what one site may tell of a model, under one signature.

```
site.json      a DSSE envelope: an in-toto statement about the bundle, the model and every other file
evidence/      released evidence, one file a measurement
verdict.json   the site's own signed verdict, resting on exactly these files
report.html    the same for people
```
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from assay.errors import AssayError, ExitCode, Fault, NotFound
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
from assay.trust.evidence.evidence import Evidence
from assay.trust.evidence.text import read_evidence
from assay.trust.gate import Verdict, strangers

SITE, VERDICT, REPORT, EVIDENCE = "site.json", "verdict.json", "report.html", "evidence"
KIND = "urn:assay:site-evidence:1"
_LARGEST = 16 << 20


class SiteRefused(AssayError):  # noqa: N818  (like its kin in errors.py)
    """Site evidence is not what it says, or does not belong to the others; ``faults`` lists every reason."""

    code: ClassVar[str] = "site-evidence"
    exit_code: ClassVar[ExitCode] = ExitCode.RUN_FAILED

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        hints = dict.fromkeys(fault.hint for fault in faults if fault.hint)
        told = "; ".join(f"[{fault.code}] {fault.message}" for fault in faults)
        super().__init__(f"refused: {told}", culprit=faults[0].culprit, hint="; ".join(hints))


@dataclass(frozen=True, slots=True)
class About:
    """What site evidence says of itself.

    Attributes:
        site: The site's name for itself.
        bundle: Name, version and digest of the bundle that was evaluated.
        model: sha256 of the model.
        fewest: Patients on a side below which no group is told of.
        step: Counts are multiples of this.
        made: When, UTC.
        left_out: Component and why, of what was not measured again.
    """

    site: str
    bundle: tuple[str, str, str]
    model: str
    fewest: int
    step: int
    made: dt.datetime
    left_out: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SiteEvidence:
    """Site evidence as it was read, its signature checked.

    Attributes:
        name: Of the folder, for messages.
        about: What it says of itself.
        key: The trusted key that signed it.
        evidence: File name to what was measured.
        verdict: The site's own.
        digest: sha256 of the signed statement.
    """

    name: str
    about: About
    key: PublicKey
    evidence: Mapping[str, Evidence]
    verdict: Verdict
    digest: str


def sign_site(folder: Path, about: About, key: PrivateKey) -> Envelope:
    """Write ``site.json`` over all that lies in a folder, and return it."""
    files = [Resource(name, _digest(folder / name)) for name in _files(folder)]
    name, version, digest = about.bundle
    subjects = [*files, Resource("bundle", digest), Resource("model", about.model)]
    predicate = {
        "site": about.site,
        "bundle": {"name": name, "version": version},
        "disclosure": {"fewest": about.fewest, "step": about.step},
        "made": about.made.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "left_out": [{"component": component, "why": why} for component, why in about.left_out],
    }
    envelope = seal(PAYLOAD, Claim(KIND, subjects, predicate).payload(), [key])
    (folder / SITE).write_text(envelope.text(), encoding="utf-8")
    return envelope


def read_site(folder: Path, keys: Sequence[PublicKey]) -> SiteEvidence:
    """Read site evidence; nothing but ``site.json`` is looked at before its signature was believed.

    Raises:
        NotFound: There is none.
        SignatureFault: It was changed after it was signed, or was signed by a key that nobody here trusts.
        SiteRefused: A file is missing, extra or changed, or the verdict is about something else.
    """
    file = folder / SITE
    if not file.is_file():
        hint = "'assay bundle evaluate' writes it"
        raise NotFound(f"there is no site evidence in {folder}", culprit=str(folder), hint=hint)
    envelope = open_envelope(file.read_bytes()[:_LARGEST], str(file))
    key = envelope.verify(keys)
    claim = read_claim(envelope, str(file))
    if claim.kind != KIND:
        raise SignatureFault(f"{file} is about something else: {claim.kind}", culprit=str(file))
    about, named = _about(claim, str(file))
    faults = _differences(folder, named)
    if faults:
        raise SiteRefused(faults)
    verdict = open_envelope((folder / VERDICT).read_bytes(), VERDICT)
    judged = Verdict.read(verdict, VERDICT)
    evidence = {name: read_evidence(folder / name) for name in named if name.startswith(f"{EVIDENCE}/")}
    faults = strangers(verdict, judged, [named[name] for name in evidence], None)
    verdict.verify([key])
    if judged.model.digest != about.model:
        faults.append(Fault("another-model", f"the verdict in {folder} is about another model", str(folder)))
    if faults:
        raise SiteRefused(faults)
    return SiteEvidence(str(folder), about, key, evidence, judged, envelope.digest)


def _about(claim: Claim, name: str) -> tuple[About, dict[str, str]]:
    named = {subject.name: subject.digest for subject in claim.subjects}
    said: Mapping[str, Any] = claim.predicate
    try:
        about = About(
            site=str(said["site"]),
            bundle=(str(said["bundle"]["name"]), str(said["bundle"]["version"]), named.pop("bundle")),
            model=named.pop("model"),
            fewest=int(said["disclosure"]["fewest"]),
            step=int(said["disclosure"]["step"]),
            made=dt.datetime.fromisoformat(said["made"]),
            left_out=[(str(one["component"]), str(one["why"])) for one in said["left_out"]],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SignatureFault(
            f"{name} is no whole site evidence: {type(error).__name__}: {error}", culprit=name
        ) from None
    return about, named


def _differences(folder: Path, named: Mapping[str, str]) -> list[Fault]:
    there = set(_files(folder)) - {SITE}
    faults = [Fault("missing-file", f"{folder} lacks {name}", name) for name in sorted(set(named) - there)]
    faults += [
        Fault("extra-file", f"{folder} holds {name}, which nobody signed", name) for name in sorted(there - set(named))
    ]
    faults += [
        Fault("changed", f"{name} in {folder} is not the file that was signed", name)
        for name in sorted(there & set(named))
        if _digest(folder / name) != named[name]
    ]
    if not {VERDICT, REPORT} <= set(named):
        faults.append(Fault("missing-file", f"{folder} has no verdict or no report", VERDICT))
    return faults


def _files(folder: Path) -> list[str]:
    """Return the path of every file, as it stands in the statement; a link is no file of it and is found to be extra."""
    found = []
    for here, below, files in os.walk(folder):
        links = [name for name in below if os.path.islink(os.path.join(here, name))]
        found += [os.path.relpath(os.path.join(here, name), folder) for name in (*files, *links)]
    return sorted(found)


def _digest(file: Path) -> str:
    if file.is_symlink() or not file.is_file() or file.stat().st_size > _LARGEST:
        return ""
    return hashlib.sha256(file.read_bytes()).hexdigest()
