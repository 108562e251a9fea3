"""Whether something in the store is still what was put there: at a glance (size, time, mode), or by reading it again."""

from __future__ import annotations

import os
import stat

from assay.errors import StoreError
from assay.ids import Digest
from assay.model.artifacts import Artifact
from assay.store.faults import printable
from assay.store.hashing import hash_bytes, hash_file, is_executable, manifest, read_manifest
from assay.store.placing import seal, sealed
from assay.store.tree import scan


def untouched(artifact: Artifact, place: str) -> bool:
    """Return whether size, modification time and mode of everything in ``place`` are those of a sealed artifact."""
    try:
        return _folder_untouched(artifact, place) if artifact.folder else file_untouched(place, artifact.size)
    except OSError:
        return False


def file_untouched(place: str, size: int) -> bool:
    """Return whether a file object is there, sealed and of this size."""
    try:
        info = os.stat(place, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return stat.S_ISREG(info.st_mode) and info.st_size == size and sealed(info)


def _folder_untouched(artifact: Artifact, place: str) -> bool:
    files = size = 0
    waiting = [place]
    while waiting:
        folder = waiting.pop()
        if not sealed(os.stat(folder, follow_symlinks=False)):
            return False
        with os.scandir(folder) as listing:
            for item in listing:
                if item.is_dir(follow_symlinks=False):
                    waiting.append(item.path)
                    continue
                info = item.stat(follow_symlinks=False)
                if not stat.S_ISREG(info.st_mode) or not sealed(info):
                    return False
                files += 1
                size += info.st_size
    return files == artifact.files and size == artifact.size


def same_content(artifact: Artifact, place: str) -> bool:
    """Return whether the content, read in full, has the artifact's digest."""
    try:
        if artifact.folder:
            return hash_bytes(manifest(_lines(place))) == artifact.digest
        return hash_file(place) == artifact.digest
    except (OSError, StoreError):
        return False


def _lines(place: str) -> list[tuple[str, bool, Digest | None]]:
    return [
        (entry.name, False, None)
        if entry.info is None
        else (entry.name, is_executable(entry.info), hash_file(entry.source))
        for entry in scan(place)
    ]


def reseal(artifact: Artifact, place: str) -> None:
    """Mark content that was found to be right as untouched again, as after a copy of the store lost the times.

    A store that cannot be written stays as it is.
    """
    try:
        if artifact.folder:
            for folder, _, names in os.walk(place, topdown=False):
                for name in names:
                    seal(f"{folder}/{name}")
                seal(folder)
        else:
            seal(place)
    except OSError:
        return


def damage(artifact: Artifact, place: str, manifest_place: str) -> str:
    """Return what is wrong with an artifact that is not untouched: the end of a sentence."""
    if not os.path.lexists(place):
        return "is missing"
    if not artifact.folder:
        return "was changed after it was stored"
    try:
        with open(manifest_place, "rb") as file:
            wanted = read_manifest(file.read())
        found = {name: (executable, digest) for name, executable, digest in _lines(place)}
    except (OSError, ValueError, StoreError):
        return "was changed after it was stored"
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            verb = "added" if name not in wanted else "removed" if name not in found else "changed"
            return f"was changed after it was stored: {printable(name)!r} was {verb}"
    return "was changed after it was stored"
