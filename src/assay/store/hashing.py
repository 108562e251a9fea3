"""Content digests: of a file, and of a folder through its manifest."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable

from assay.ids import Digest

_WHOLE = 1 << 18
_MANIFEST_HEAD = b"assay folder 1\n"


def hash_open_file(fd: int, size: int) -> Digest:
    """Return the sha256 of what an open file holds from its current position; ``size`` is a guess that saves calls."""
    if size >= _WHOLE:
        with open(fd, "rb", buffering=0, closefd=False) as file:
            return Digest(hashlib.file_digest(file, "sha256").hexdigest())
    hasher = hashlib.sha256()
    while data := os.read(
        fd, size + 1 if size > 0 else _WHOLE
    ):  # a larger buffer costs more than a small file's digest
        hasher.update(data)
        size -= len(data)
        if size == 0:
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
