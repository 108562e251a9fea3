"""Where environments are, which of them are whole, and which nobody uses.

Below ``.assay/environments``: a folder for each, named by its digest, with ``environment.json`` written last; beside it
``<digest>.lock``, held shared by every engine that uses it and alone by the one that makes or removes it; and
``<digest>.txt``, the exact versions it came to. That file outlives the environment, so that made again it is the same.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assay.store.placing import remove_tree

FACTS = "environment.json"
_PACKAGES = "packages"


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment that is whole.

    Attributes:
        requirements: What it was made for.
        versions: What is in it, such as ``numpy==2.4.1``.
        used: When an engine last began to use it, in seconds since the epoch.
        bytes: Its size on the disk; files that it shares with the cache of the installer count.
    """

    digest: str
    requirements: tuple[str, ...]
    versions: tuple[str, ...]
    used: float
    bytes: int


def folder_in(store: Path) -> Path:
    """Return where a store (the ``.assay`` folder) has its environments."""
    return store / "environments"


def python_of(folder: Path, digest: str) -> Path:
    """Return the interpreter of an environment."""
    return folder / digest / "bin" / "python"


def is_whole(folder: Path, digest: str) -> bool:
    """Return whether an environment was made to its end and its interpreter is still there."""
    return (folder / digest / FACTS).is_file() and python_of(folder, digest).exists()


def mark_used(folder: Path, digest: str) -> None:
    """Note that an environment is used now."""
    os.utime(folder / digest / FACTS)


@contextlib.contextmanager
def held(folder: Path, digest: str, *, shared: bool) -> Iterator[bool]:
    """Hold the lock of an environment if it can be had at once, and say whether it is."""
    lock = take(folder, digest, shared=shared)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            os.close(lock)


def take(folder: Path, digest: str, *, shared: bool) -> int | None:
    """Return a descriptor that holds the lock of an environment until it is closed, or ``None``: someone else has it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / f"{digest}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def import_path(folder: Path, packages: tuple[str, ...]) -> Path:
    """Return a folder with links to these package folders and nothing else: what an environment is given to import.

    The folder that the packages are installed in would bring all of their neighbours along.
    """
    from hashlib import sha256  # light, and only for steps with an environment

    place = folder / _PACKAGES / sha256("\n".join(sorted(packages)).encode()).hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    for package in packages:
        with contextlib.suppress(FileExistsError):
            os.symlink(package, place / os.path.basename(package))
    return place


def environments(folder: Path) -> list[Environment]:
    """Return what is there, the one used last first."""
    found = []
    for facts in folder.glob(f"*/{FACTS}"):
        with contextlib.suppress(OSError, ValueError, KeyError):  # it is being removed, or was tampered with
            told = json.loads(facts.read_text(encoding="utf-8"))
            found.append(
                Environment(
                    facts.parent.name,
                    tuple(told["requirements"]),
                    tuple(told["versions"]),
                    facts.stat().st_mtime,
                    _size(facts.parent),
                )
            )
    return sorted(found, key=lambda one: one.used, reverse=True)


def reclaim(folder: Path, unused_for: float, *, dry_run: bool) -> tuple[int, int]:
    """Remove the environments that no engine uses now or used within so many seconds, and what was never finished.

    Returns how many environments there were and how many bytes they took.
    """
    count = freed = 0
    before = time.time() - unused_for
    for one in environments(folder):
        if one.used <= before and _remove(folder, one.digest, dry_run=dry_run):
            count, freed = count + 1, freed + one.bytes
    for part in folder.glob(".*"):
        digest = part.name[1:].partition("-")[0]
        size = _size(part)
        with held(folder, digest, shared=False) as alone:
            if alone:
                freed += size
                if not dry_run:
                    remove_tree(str(part))
    return count, freed


def _remove(folder: Path, digest: str, *, dry_run: bool) -> bool:
    with held(folder, digest, shared=False) as alone:
        if alone and not dry_run:
            aside = folder / f".{digest}-gone-{os.getpid()}"
            os.rename(folder / digest, aside)
            remove_tree(str(aside))
        return alone


def _size(place: Path) -> int:
    return sum(os.lstat(f"{folder}/{name}").st_blocks * 512 for folder, _, names in os.walk(place) for name in names)
