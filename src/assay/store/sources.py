"""Content digests of files and folders outside the store, read again only when they may have changed."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from assay.ids import Digest
from assay.store.faults import explaining
from assay.store.hashing import hash_bytes, hash_file, is_executable, manifest
from assay.store.tree import Entry, refuse_special, scan

_RACY_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one state of a file from another without reading it."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class DigestCache(Protocol):
    """Remembers digests of files by their stamps."""

    def known(self, stamps: Sequence[Stamp]) -> Mapping[str, Digest]:
        """Return path to digest for every stamp that is still the one remembered."""

    def learn(self, digests: Sequence[tuple[Stamp, Digest]]) -> None:
        """Remember the digests, replacing older ones of the same paths."""


def digest_source(path: str | os.PathLike[str], cache: DigestCache | None = None) -> tuple[Digest, int]:
    """Return the content digest and the size in bytes of a file or folder outside the store.

    The digest is the one that ``ObjectStore.publish`` gives the same content. Links are followed, also out of the
    folder. Raises ``StoreError`` when something cannot be read or kept.
    """
    with explaining("read", path):
        real = os.path.realpath(path)
        info = os.stat(real)
        if not stat.S_ISDIR(info.st_mode):
            refuse_special(info, os.fspath(path))
            entry = Entry(os.path.basename(real), real, info)
            return _digests([entry], cache)[real], info.st_size
        entries = scan(real, follow_outside=True)
        digests = _digests([entry for entry in entries if entry.info is not None], cache)
    lines = (
        (entry.name, False, None)
        if entry.info is None
        else (entry.name, is_executable(entry.info), digests[entry.source])
        for entry in entries
    )
    return hash_bytes(manifest(lines)), sum(entry.info.st_size for entry in entries if entry.info is not None)


def _digests(entries: Sequence[Entry], cache: DigestCache | None) -> dict[str, Digest]:
    """Return path of content to digest, reading only what ``cache`` does not know."""
    stamps = {entry.source: _stamp(entry.source, entry.info) for entry in entries if entry.info is not None}
    found = dict(cache.known(list(stamps.values()))) if cache is not None else {}
    fresh: list[tuple[Stamp, Digest]] = []
    # A file written in the same clock tick as it was hashed could change again under the same stamp.
    newest = time.time_ns() - _RACY_NS
    for source, stamp in stamps.items():
        if source not in found:
            found[source] = hash_file(source)
            if max(stamp.mtime_ns, stamp.ctime_ns) < newest:
                fresh.append((stamp, found[source]))
    if cache is not None and fresh:
        cache.learn(fresh)
    return found


def _stamp(path: str, info: os.stat_result) -> Stamp:
    return Stamp(path, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)
