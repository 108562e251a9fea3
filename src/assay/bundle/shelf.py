"""The shelf: a folder of bundles that were verified and taken in. It remembers the newest of each name, so that no old one comes in its place."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from assay.bundle.faults import Rejected
from assay.bundle.layout import MANIFEST, SIGNATURE
from assay.bundle.manifest import Manifest, wrong_title
from assay.bundle.source import FolderSource, Source
from assay.bundle.verifying import BLOCK, Examined
from assay.errors import Fault, StoreError

_NEWEST = ".newest.json"


@dataclass(frozen=True, slots=True)
class Newest:
    """The bundle made last of all that came in under a name."""

    version: str
    made: dt.datetime
    digest: str


def default_shelf(environment: Mapping[str, str]) -> Path:
    """Return the user's shelf: ``ASSAY_BUNDLES``, or ``assay/bundles`` in the user's data folder."""
    if named := environment.get("ASSAY_BUNDLES"):
        return Path(named)
    data = environment.get("XDG_DATA_HOME") or Path(environment.get("HOME") or Path.home()) / ".local" / "share"
    return Path(data) / "assay" / "bundles"


class Shelf:
    """Verified bundles as ``<root>/<name>/<version>``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def place(self, manifest: Manifest) -> Path:
        """Return where a bundle is, or would be."""
        return self.root / manifest.name / manifest.version

    def newest(self, name: str) -> Newest | None:
        """Return what is remembered of a name; raises ``StoreError`` when that cannot be read."""
        file = self.root / name / _NEWEST
        try:
            body = json.loads(file.read_bytes())
            return Newest(str(body["version"]), dt.datetime.fromisoformat(body["made"]), str(body["digest"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            hint = "it guards against old bundles: put it back, or take the newest bundle in with --allow-older"
            raise StoreError(f"{file} cannot be read: {error}", culprit=str(file), hint=hint) from None

    def find(self, name: str) -> Path | None:
        """Return the folder that ``name:version`` means, or ``name`` alone: its newest; ``None`` when there is none."""
        title, _, version = name.partition(":")
        if wrong_title(title, version or "0"):
            return None
        newest = self.newest(title)
        version = version or ("" if newest is None else newest.version)
        folder = self.root / title / version
        return folder if version and (folder / MANIFEST).is_file() else None

    def bundles(self) -> list[Path]:
        """Return the folder of every bundle on the shelf, sorted."""
        return sorted(file.parent for file in self.root.glob(f"*/*/{MANIFEST}") if not file.parent.name.startswith("."))

    def take_in(self, source: Source, found: Examined, *, allow_older: bool = False) -> Path:
        """Copy a bundle that was examined; return its folder. It is whole or not there, and what was copied is what was examined.

        Args:
            source: Where it was examined.
            found: The result.
            allow_older: Take it though a newer one of this name came in before.

        Raises:
            Rejected: A newer one came in before, another one has this name and version, or it changed while it was copied.
            StoreError: The shelf cannot be written.
        """
        manifest = found.manifest
        try:
            (self.root / manifest.name).mkdir(parents=True, exist_ok=True)
            with self._alone(manifest.name):
                self._refuse(source, found, allow_older=allow_older)
                target = self.place(manifest)
                if not target.exists():
                    self._copy(source, found, target)
                before = None if allow_older else self.newest(manifest.name)
                if before is None or before.made <= manifest.made:
                    self._remember(found)
        except OSError as error:
            raise StoreError(
                f"cannot write {error.filename or self.root}: {error.strerror}", culprit=str(self.root)
            ) from None
        return target

    def _refuse(self, source: Source, found: Examined, *, allow_older: bool) -> None:
        manifest, place = found.manifest, self.place(found.manifest)
        if place.exists() and hashlib.sha256((place / MANIFEST).read_bytes()).hexdigest() != found.digest:
            message = f"there is another bundle {manifest.title} already"
            hint = "whoever made it has to give it another version"
            raise Rejected(source.name, [Fault("another-content", message, manifest.version, hint=hint)])
        before = None if allow_older else self.newest(manifest.name)
        if before is not None and manifest.made < before.made:
            message = (
                f"it was made {manifest.made:%Y-%m-%d %H:%M} UTC, and {manifest.name} {before.version} "
                f"of {before.made:%Y-%m-%d %H:%M} UTC came in before"
            )
            hint = "--allow-older takes it all the same, where somebody means to go back"
            raise Rejected(source.name, [Fault("older", message, manifest.version, hint=hint)])

    def _copy(self, source: Source, found: Examined, target: Path) -> None:
        staging = Path(tempfile.mkdtemp(dir=target.parent, prefix=".incoming-"))
        try:
            copy_files(source, found, staging)
            staging.chmod(0o755)
            staging.rename(target)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise

    def _remember(self, found: Examined) -> None:
        manifest = found.manifest
        file = self.root / manifest.name / _NEWEST
        body = {"version": manifest.version, "made": manifest.made.isoformat(), "digest": found.digest}
        part = file.with_suffix(".part")
        part.write_text(json.dumps(body) + "\n", encoding="utf-8")
        part.rename(file)

    @contextlib.contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        folder = os.open(self.root / name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def copy_files(source: Source, found: Examined, target: Path) -> None:
    """Copy an examined bundle into a folder, each file held against its digest again: it may have been exchanged meanwhile.

    Raises:
        Rejected: It was.
    """
    digests = {item.path: item.digest for item in found.manifest.items} | {MANIFEST: found.digest, SIGNATURE: ""}
    for path, digest in digests.items():
        written = target / path
        written.parent.mkdir(parents=True, exist_ok=True)
        hasher = hashlib.sha256()
        with source.open(path) as original, written.open("xb") as copy:
            while data := original.read(BLOCK):
                hasher.update(data)
                copy.write(data)
            copy.flush()
            os.fsync(copy.fileno())
        if digest and hasher.hexdigest() != digest:
            raise Rejected(source.name, [Fault("changed", f"{path} changed while it was copied", path)])


def shelved(shelf: Shelf) -> list[tuple[Path, Manifest]]:
    """Return folder and manifest of every bundle on a shelf; raises ``Rejected`` when one is broken."""
    found = []
    for folder in shelf.bundles():
        source = FolderSource(folder)
        with source.open(MANIFEST) as file:
            found.append((folder, Manifest.read(file.read(), source.name)))
    return found
