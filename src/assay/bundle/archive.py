"""A bundle as one file: a tar of an OCI image layout 1.1, which skopeo, oras and registries read too."""

from __future__ import annotations

import io
import json
import os
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Self

from assay.bundle.faults import Rejected
from assay.bundle.layout import LARGEST_DOCUMENT, MOST_BYTES, MOST_FILES
from assay.bundle.manifest import Manifest
from assay.bundle.oci import EMPTY, INDEX_TYPE, MANIFEST_TYPE, Blob, described, layers, sha256
from assay.bundle.source import Source, no_file
from assay.errors import AssayError, Fault, NotFound

SUFFIX = ".assay.tar"
_LAYOUT, _INDEX, _BLOBS = "oci-layout", "index.json", "blobs/sha256/"
_LAYOUT_TEXT = b'{"imageLayoutVersion":"1.0.0"}'


def write_archive(source: Source, manifest: Manifest, target: Path) -> None:
    """Write a verified bundle to a new file: the same bundle always to the same bytes. Raises ``AssayError`` when the file exists."""
    text = described(source, manifest)
    index = {
        "schemaVersion": 2,
        "mediaType": INDEX_TYPE,
        "manifests": [
            {
                "mediaType": MANIFEST_TYPE,
                "digest": sha256(text),
                "size": len(text),
                "annotations": {"org.opencontainers.image.ref.name": manifest.version},
            }
        ],
    }
    descriptor, part = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with (
            os.fdopen(descriptor, "wb") as file,
            tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            _add(tar, _LAYOUT, _LAYOUT_TEXT)
            _add(tar, _INDEX, json.dumps(index, separators=(",", ":")).encode())
            _add(tar, _place(sha256(text)), text)
            _add(tar, _place(sha256(EMPTY)), EMPTY)
            written = {sha256(text), sha256(EMPTY)}
            for path, blob in layers(text, source.name).items():
                if blob.digest not in written:
                    written.add(blob.digest)
                    with source.open(path) as content:
                        tar.addfile(_member(_place(blob.digest), blob.size), content)
            file.flush()
            os.fchmod(descriptor, 0o644)
            os.fsync(descriptor)
        os.link(part, target)
    except FileExistsError:
        raise AssayError(f"{target} exists already", culprit=str(target), hint="name a new file") from None
    finally:
        os.unlink(part)


def _place(digest: str) -> str:
    return _BLOBS + digest.removeprefix("sha256:")


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    return member


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    tar.addfile(_member(name, len(data)), io.BytesIO(data))


class ArchiveSource:
    """A bundle in an archive: its members are read where they lie, nothing is unpacked."""

    def __init__(self, file: Path) -> None:
        self.name = str(file)
        try:
            self._tar = tarfile.open(file, "r:")  # noqa: SIM115  (closed by ``__exit__``)
        except FileNotFoundError:
            raise NotFound(f"there is no bundle {file}", culprit=str(file)) from None
        except (tarfile.TarError, OSError, EOFError) as error:
            raise Rejected(
                self.name, [Fault("no-bundle", f"it is no archive of a bundle: {error}", self.name)]
            ) from None
        try:
            self._members = self._scan()
            self._files = layers(self._manifest(), self.name)
            self._hold_together()
        except BaseException:
            self._tar.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._tar.close()

    def sizes(self) -> Mapping[str, int]:
        """Return path to bytes of every file there is."""
        return {path: blob.size for path, blob in self._files.items()}

    def open(self, path: str) -> BinaryIO:
        """Open one of these files."""
        return self._content(_place(self._files[path].digest))

    def _scan(self) -> dict[str, tarfile.TarInfo]:
        found: dict[str, tarfile.TarInfo] = {}
        faults: list[Fault] = []
        try:
            for count, member in enumerate(self._tar):
                if count > 2 * MOST_FILES:
                    faults.append(Fault("too-large", f"more than {2 * MOST_FILES} members", self.name))
                    break
                faults += _member_faults(member, found)
                found[member.name] = member
        except (tarfile.TarError, OSError, EOFError, ValueError) as error:
            faults.append(Fault("no-bundle", f"the archive is broken: {error}", self.name))
        if sum(member.size for member in found.values()) > MOST_BYTES:
            faults.append(Fault("too-large", f"more than {MOST_BYTES >> 30} GiB", self.name))
        if faults:
            raise Rejected(self.name, faults)
        return {name: member for name, member in found.items() if member.isfile()}

    def _manifest(self) -> bytes:
        """Return the one OCI manifest that the index names."""
        try:
            json.loads(self._small(_LAYOUT))["imageLayoutVersion"]
            (only,) = json.loads(self._small(_INDEX))["manifests"]
            self._only = Blob(str(only["digest"]), int(only["size"]))
            text = self._small(_place(self._only.digest))
        except (ValueError, KeyError, TypeError) as error:
            message = f"it is no OCI layout with one artifact: {type(error).__name__}: {error}"
            raise Rejected(self.name, [Fault("no-bundle", message, self.name)]) from None
        if sha256(text) != self._only.digest:
            raise Rejected(self.name, [Fault("changed", "its OCI manifest was changed", self._only.digest)])
        return text

    def _hold_together(self) -> None:
        named = {
            _place(blob.digest): blob.size
            for blob in [*self._files.values(), self._only, Blob(sha256(EMPTY), len(EMPTY))]
        }
        there = {name for name in self._members if name not in {_LAYOUT, _INDEX}}
        faults = [Fault("extra-file", f"{name} belongs to nothing", name) for name in sorted(there - set(named))]
        faults += [Fault("missing-file", f"{name} is not there", name) for name in sorted(set(named) - there)]
        faults += [
            Fault("changed", f"{name} has another size than its manifest says", name)
            for name, size in named.items()
            if name in there and self._members[name].size != size
        ]
        if faults:
            raise Rejected(self.name, faults)

    def _small(self, name: str) -> bytes:
        if name not in self._members or self._members[name].size > LARGEST_DOCUMENT:
            raise ValueError(f"{name} is missing or too large")
        with self._content(name) as file:
            return file.read()

    def _content(self, name: str) -> BinaryIO:
        content = self._tar.extractfile(self._members[name])
        if content is None:  # not for files, and only files are kept
            raise Rejected(self.name, [no_file(name)])
        return content  # type: ignore[return-value]  # a BufferedReader


def _member_faults(member: tarfile.TarInfo, before: Mapping[str, object]) -> list[Fault]:
    name = member.name
    faults = []
    if not (member.isfile() or member.isdir()):
        faults.append(no_file(name))
    elif not (
        name in {_LAYOUT, _INDEX} or name.startswith(_BLOBS) or (member.isdir() and _BLOBS.startswith(f"{name}/"))
    ) or ".." in name.split("/"):
        faults.append(Fault("unsafe-name", f"{name!r} has no place in an archive of a bundle", name))
    if name in before:
        faults.append(Fault("twice", f"{name!r} is there twice", name))
    return faults
