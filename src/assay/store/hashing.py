"""Content digests: of a file, of a folder (through its manifest), and of sources outside the store."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from assay.ids import Digest
from assay.store.faults import explaining
from assay.store.tree import Entry, refuse_special, scan

_WHOLE = 1 << 18
_MANIFEST_HEAD = b"assay folder 1\n"
_RACY_NS = 2_000_000_000


def hash_open_file(fd: int, size: int) -> Digest:
    """Return the sha256 of what an open file holds from its current position; ``size`` is a guess that saves calls."""
    if size >= _WHOLE:
        with open(fd, "rb", buffering=0, closefd=False) as file:
            return Digest(hashlib.file_digest(file, "sha256").hexdigest())
    hasher = hashlib.sha256()
    while data := os.read(fd, _WHOLE):
        hasher.update(data)
        size -= len(data)
        if size == 0 and len(data) < _WHOLE:
            break
    return Digest(hasher.hexdigest())


def hash_file(path: str) -> Digest:
    """Return the sha256 of a file's content."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return hash_open_file(fd, os.fstat(fd).st_size)
    finally:
        os.close(fd)


def manifest(lines: Iterable[tuple[str, bool, Digest | None]]) -> bytes:
    """Return the canonical text of a folder; its sha256 is the folder's digest.

    Args:
        lines: Relative name, whether executable, content digest (``None``: an empty folder), sorted by name. Names end
            with a zero byte, the only one that cannot stand in a name.
    """
    parts = [_MANIFEST_HEAD]
    for name, executable, digest in lines:
        kind = b"d" if digest is None else b"x" if executable else b"f"
        parts.append(b"%b %b %b\0\n" % (kind, (digest or "-").encode(), name.encode()))
    return b"".join(parts)


def read_manifest(text: bytes) -> dict[str, tuple[bool, Digest | None]]:
    """Return name to (executable, digest) of a text made by ``manifest``; raises ``ValueError`` for any other."""
    if not text.startswith(_MANIFEST_HEAD):
        raise ValueError("not a manifest")
    found: dict[str, tuple[bool, Digest | None]] = {}
    for line in text[len(_MANIFEST_HEAD) :].split(b"\0\n")[:-1]:
        kind, digest, name = line.split(b" ", 2)
        found[name.decode()] = kind == b"x", None if kind == b"d" else Digest(digest.decode())
    return found


def is_executable(info: os.stat_result) -> bool:
    """Return whether the owner may execute the file."""
    return bool(info.st_mode & stat.S_IXUSR)


def hash_bytes(data: bytes) -> Digest:
    """Return the sha256 of ``data``."""
    return Digest(hashlib.sha256(data).hexdigest())


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
