"""A bundle from what a run has made: nothing goes in that the gate did not judge."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay.bundle.example import write_example
from assay.bundle.faults import Rejected
from assay.bundle.layout import LARGEST_DOCUMENT, MANIFEST, SIGNATURE, Part
from assay.bundle.manifest import Item, Manifest, folder_digest, wrong_title
from assay.bundle.openssf import sign_model
from assay.bundle.provenance import Origin, provenance
from assay.bundle.sbom import bill_of_materials
from assay.bundle.source import FolderSource
from assay.bundle.verifying import sign_manifest
from assay.errors import Fault
from assay.signing import Envelope, PrivateKey, PublicKey
from assay.store.hashing import hash_file
from assay.trust.gate import Admission, Refused, admit_to_publication

_LICENCE_FILES = 100


@dataclass(frozen=True, slots=True)
class Materials:
    """What a bundle is made of.

    Attributes:
        model: The model folder.
        verdict: The gate's signed verdict of it.
        evidence: Every file that the verdict rests on, by the name it gets.
        reports: For people, likewise.
        override: Somebody's signed decision to publish against the verdict.
        licences: Files with terms of use.
    """

    model: Path
    verdict: Envelope
    evidence: Mapping[str, Path]
    reports: Mapping[str, Path] = field(default_factory=dict)
    override: Envelope | None = None
    licences: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a bundle.

    Attributes:
        name: Such as ``covid-ct``.
        version: Such as ``1.0.0``.
        licence: Terms of use of the model, an SPDX expression; empty when nobody said.
        origin: How the model came to be, as far as it is known.
    """

    name: str
    version: str
    licence: str = ""
    origin: Origin = field(default_factory=Origin)


@dataclass(frozen=True, slots=True)
class Authority:
    """Who makes a bundle, whom they trust, and when.

    Attributes:
        key: Signs it.
        trusted: One of these signed the verdict.
        development: Ids of keys that are known here as development keys.
    """

    key: PrivateKey
    trusted: Sequence[PublicKey]
    now: dt.datetime
    development: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle as it was written, and by what leave."""

    manifest: Manifest
    admission: Admission


def make_bundle(materials: Materials, label: Label, authority: Authority, target: Path) -> Made:
    """Write a bundle into the empty folder ``target``; on any error the caller throws that folder away.

    Raises:
        Rejected: The verdict is no valid pass for exactly this model and evidence and nothing stands against that; or name or version
            cannot be.
        SignatureFault: A signature is broken, or by a key that nobody here trusts.
        ComponentError: The model cannot be loaded or does not answer.
        MissingDependency: A package that makes bundles is not installed.
    """
    if faults := wrong_title(label.name, label.version):
        raise Rejected("the bundle", faults)
    _copy_tree(materials.model, target / Part.MODEL)
    model = folder_digest(_items(target), Part.MODEL)
    evidence = {hash_file(str(file)): name for name, file in materials.evidence.items()}
    admission = _admit(materials, model, list(evidence), authority)
    _write(target / Part.VERDICT, materials.verdict.text())
    if materials.override is not None:
        _write(target / Part.OVERRIDE, materials.override.text())
    _copy(target / Part.EVIDENCE, {name: materials.evidence[name] for name in evidence.values()})
    _copy(target / Part.REPORTS, materials.reports)
    facts = _facts(materials.model)
    write_example(target / Part.MODEL, target / Part.EXAMPLE, facts)
    _write(target / Part.SBOM, bill_of_materials(label.name, label.version, model, facts, authority.now))
    made = provenance(label.origin, admission.verdict, model, facts)
    _write(target / Part.PROVENANCE, made.sign(authority.key).text())
    _licences(target / Part.LICENCES, label, materials.licences)
    sign_model(target / Part.MODEL, target / Part.OPENSSF)
    return Made(_seal(target, label, admission, facts, authority), admission)


def _seal(target: Path, label: Label, admission: Admission, facts: Mapping[str, Any], authority: Authority) -> Manifest:
    items = _items(target)
    manifest = Manifest(
        name=label.name,
        version=label.version,
        made=authority.now.astimezone(dt.UTC).replace(microsecond=0),
        model=admission.verdict.model.digest,
        licence=label.licence,
        synthetic=bool(facts.get("synthetic", False)),
        overridden=admission.override is not None,
        items=items,
    )
    text = manifest.text()
    checked = Manifest.read(text, "the bundle")
    (target / MANIFEST).write_bytes(text)
    _write(target / SIGNATURE, sign_manifest(text, checked, [authority.key]).text())
    return checked


def _items(target: Path) -> list[Item]:
    sizes = FolderSource(target).sizes()
    return [Item(path, sizes[path], hash_file(str(target / path))) for path in sorted(sizes)]


def _admit(materials: Materials, model: str, evidence: Sequence[str], authority: Authority) -> Admission:
    try:
        return admit_to_publication(
            materials.verdict,
            materials.override,
            authority.trusted,
            authority.now,
            model=model,
            evidence=evidence,
            development=authority.development,
        )
    except Refused as error:
        raise Rejected("the bundle", error.faults) from None


def _facts(model: Path) -> Mapping[str, Any]:
    file = model / "model.json"
    if not file.is_file() or file.stat().st_size > LARGEST_DOCUMENT:
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _copy_tree(source: Path, target: Path) -> None:
    """Copy content only: rights, times and links of the original mean nothing elsewhere."""
    faults = []
    for folder, below, files in os.walk(source):
        place = target / Path(folder).relative_to(source)
        place.mkdir(parents=True, exist_ok=True)
        if not below and not files:
            faults.append(Fault("empty-folder", f"the model has an empty folder {place.name!r}", place.name))
        for name in files:
            shutil.copyfile(Path(folder) / name, place / name)
    if faults:
        raise Rejected("the bundle", faults)


def _copy(target: Path, files: Mapping[str, Path]) -> None:
    for name, file in files.items():
        target.mkdir(exist_ok=True)
        shutil.copyfile(file, target / name)


def _licences(target: Path, label: Label, files: Sequence[Path]) -> None:
    target.mkdir()
    stated = {"model": label.licence or None, "files": [file.name for file in files]}
    _write(target / "licences.json", json.dumps(stated, indent=2) + "\n")
    if len({file.name for file in files} | {"licences.json"}) != len(files) + 1 or len(files) > _LICENCE_FILES:
        raise Rejected("the bundle", [Fault("licences", "two licence files have one name", "licences")])
    for file in files:
        shutil.copyfile(file, target / file.name)


def _write(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")
