"""``bundle.json``: what a bundle holds. It is what the signature is about; everything else is held against it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from assay.bundle.faults import Rejected
from assay.bundle.layout import MANIFEST, MOST_BYTES, MOST_FILES, SIGNATURE, Part, foreign, unsafe
from assay.errors import Fault
from assay.ids import Digest
from assay.store.hashing import hash_bytes, manifest

FORMAT = 1
_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
LONGEST_TITLE = 100


@dataclass(frozen=True, slots=True)
class Item:
    """One file: its path in the bundle, its size in bytes, its sha256 in hexadecimal."""

    path: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle holds.

    Attributes:
        name: Of the model, as an OCI repository may be called: ``covid-ct``.
        version: Such as ``1.2.0``.
        made: When, UTC, whole seconds. Of two bundles of a name the one made later is the newer.
        model: Digest of the folder ``model``.
        licence: Terms of use, an SPDX expression; empty when nobody said.
        synthetic: Whether the model was fitted on images of no real patient.
        overridden: Whether somebody published against the verdict.
        items: Every file but the manifest and its signature, sorted by path.
    """

    name: str
    version: str
    made: dt.datetime
    model: str
    licence: str
    synthetic: bool
    overridden: bool
    items: Sequence[Item]

    @property
    def title(self) -> str:
        """Name and version, for people."""
        return f"{self.name} {self.version}"

    def of(self, part: Part) -> list[Item]:
        """Return the files of a part."""
        return [item for item in self.items if part.holds(item.path)]

    def text(self) -> bytes:
        """Return the JSON that is written, and signed by its digest."""
        body = {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "made": self.made.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "model": self.model,
            "licence": self.licence,
            "synthetic": self.synthetic,
            "overridden": self.overridden,
            "files": [{"path": item.path, "size": item.size, "sha256": item.digest} for item in self.items],
        }
        return (json.dumps(body, indent=2, ensure_ascii=False) + "\n").encode()

    @classmethod
    def read(cls, text: bytes, name: str) -> Self:
        """Return what ``text`` says; raises ``Rejected`` with every fault of it."""
        try:
            body: Any = json.loads(text)
            found = cls._parse(body)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            message = f"{MANIFEST} cannot be read: {type(error).__name__}: {error}"
            raise Rejected(name, [Fault("manifest", message, MANIFEST)]) from None
        if faults := found.faults():
            raise Rejected(name, faults)
        return found

    @classmethod
    def _parse(cls, body: Any) -> Self:
        if body["format"] != FORMAT:
            raise ValueError(f"format {body['format']!r} is not known here, {FORMAT} is")
        made = dt.datetime.fromisoformat(body["made"])
        if made.tzinfo is None:
            raise ValueError("'made' has no time zone")
        items = [Item(str(one["path"]), int(one["size"]), str(one["sha256"])) for one in body["files"]]
        return cls(
            name=str(body["name"]),
            version=str(body["version"]),
            made=made.astimezone(dt.UTC),
            model=str(body["model"]),
            licence=str(body["licence"]),
            synthetic=bool(body["synthetic"]),
            overridden=bool(body["overridden"]),
            items=items,
        )

    def faults(self) -> list[Fault]:
        """Return everything that cannot be, whoever signed it."""
        faults = [*wrong_title(self.name, self.version)]
        names = [item.path for item in self.items]
        if names != sorted(set(names)):
            faults.append(Fault("manifest", "the files are not sorted, or one stands there twice", MANIFEST))
        if len({name.casefold() for name in names}) != len(names):
            message = "two files differ in capital letters only: not every computer keeps them apart"
            faults.append(Fault("manifest", message, MANIFEST))
        if len(names) > MOST_FILES or sum(item.size for item in self.items) > MOST_BYTES:
            faults.append(Fault("too-large", f"more than {MOST_FILES} files or {MOST_BYTES >> 30} GiB", MANIFEST))
        for item in self.items:
            if why := unsafe(item.path):
                faults.append(Fault("unsafe-name", f"{item.path!r} cannot be the name of a file: {why}", item.path))
            elif foreign(item.path) or item.path in {MANIFEST, SIGNATURE}:
                faults.append(Fault("extra-file", f"a bundle has no place for {item.path!r}", item.path))
            if item.size < 0 or not _SHA256.fullmatch(item.digest):
                faults.append(Fault("manifest", f"size or digest of {item.path!r} cannot be", item.path))
        if not faults and self.model != folder_digest(self.items, Part.MODEL):
            faults.append(Fault("another-model", "the digest of the model is not that of its files", Part.MODEL))
        return faults


def wrong_title(name: str, version: str) -> list[Fault]:
    """Return what keeps ``name`` and ``version`` from being those of a bundle."""
    faults = []
    if not _NAME.fullmatch(name) or len(name) > LONGEST_TITLE:
        hint = f"small letters and digits, single '.', '_' or '-' between them, at most {LONGEST_TITLE}"
        faults.append(Fault("bad-name", f"{name!r} cannot be the name of a bundle", name, hint=hint))
    if not _VERSION.fullmatch(version):
        hint = "letters, digits, '.', '+' and '-', at most 64, such as 1.0.0"
        faults.append(Fault("bad-version", f"{version!r} cannot be a version", version, hint=hint))
    return faults


def folder_digest(items: Sequence[Item], part: Part) -> str:
    """Return the digest that a store gives the folder ``part``: what verdict and evidence name a model by."""
    below = [
        (item.path.removeprefix(f"{part}/"), False, Digest(item.digest)) for item in items if part.holds(item.path)
    ]
    return hash_bytes(manifest(sorted(below, key=lambda line: line[0].encode())))
