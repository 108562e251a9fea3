"""Giving space back: forget old runs, and remove the objects, logs and work folders that nothing refers to any more."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from assay.ids import Digest, RunId
from assay.store.faults import explaining
from assay.store.locks import locked
from assay.store.objects import ObjectStore
from assay.store.placing import owner_of, remove_tree
from assay.store.runs import RunStore


@dataclass(frozen=True, slots=True)
class Reclaimed:
    """What went (or would go): ``objects`` counts files and folders of the store, ``bytes`` all that was freed."""

    objects: int
    bytes: int
    runs: int
    work_folders: int
    logs: int


def reclaim(
    root: Path, objects: ObjectStore, runs: RunStore, keep_runs: int, older_than: float | None, *, dry_run: bool
) -> Reclaimed:
    """See ``Store.reclaim``."""
    after = float("inf") if older_than is None else time.time() - older_than
    with locked(
        f"{root}/locks/store.lock",
        shared=False,
        patience=0.3,
        refusal="a run is going on",
        hint="wait until it has finished, or stop it with `assay cancel last`",
    ):
        retention = runs.retention(keep_runs, after)
        if not dry_run:
            runs.forget(retention.forgotten, after)
        with explaining("reclaim space", root):
            work, work_bytes = _drop(f"{root}/work", retention.needs_work, dry_run=dry_run)
            logs, log_bytes = _drop(f"{root}/logs", retention.kept, dry_run=dry_run)
            _drop(f"{root}/results", retention.kept, dry_run=dry_run)
            derived = _drop_derived(f"{root}/derived", retention.live, dry_run=dry_run)
            _drop_locks(f"{root}/locks", retention.kept, dry_run=dry_run)
            stray = _sweep(f"{root}/tmp", dry_run=dry_run)  # noqa: S108  (below the store's root)
        collected = objects.collect(retention.live, dry_run=dry_run)
    freed = collected.bytes + work_bytes + log_bytes + derived + stray
    return Reclaimed(collected.objects, freed, len(retention.forgotten), work, logs)


def _drop(folder: str, keep: Collection[RunId], *, dry_run: bool) -> tuple[int, int]:
    """Remove the entries of a folder that no kept run owns; return how many there were inside them, and their bytes."""
    count = size = 0
    for run in _names(folder):
        if run not in keep:
            place = f"{folder}/{run}"
            count += len(_names(place))
            size += _size(place) if dry_run else remove_tree(place)
    return count, size


def _drop_derived(folder: str, live: frozenset[Digest], *, dry_run: bool) -> int:
    """Remove what was computed of an artifact that goes; return its bytes. A name lists the digests, joined by ``-``."""
    size = 0
    for kind in _names(folder):
        for name in _names(f"{folder}/{kind}"):
            if not live.issuperset(name.split("-")):
                place = f"{folder}/{kind}/{name}"
                size += _size(place) if dry_run else remove_tree(place)
    return size


def _drop_locks(folder: str, keep: Collection[RunId], *, dry_run: bool) -> None:
    for name in _names(folder):
        if name.removesuffix(".lock") not in keep and name not in ("store.lock", "schema.lock") and not dry_run:
            os.unlink(f"{folder}/{name}")


def _sweep(folder: str, *, dry_run: bool) -> int:
    """Remove temporaries whose owner is no more; return their bytes."""
    size = 0
    for name in _names(folder):
        place = f"{folder}/{name}"
        if not _owner_lives(place, owner_of(name)):
            size += _size(place) if dry_run else remove_tree(place)
    return size


def _owner_lives(place: str, owner: int | None) -> bool:
    """Return whether the process that made ``place`` still runs, and is not a later one with its number."""
    if owner is None:
        return False
    try:
        with open(f"/proc/{owner}/stat", encoding="utf-8", errors="replace") as file:
            ticks = int(file.read().rpartition(")")[2].split()[19])
        started = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + ticks / os.sysconf("SC_CLK_TCK")
        return os.lstat(place).st_ctime >= started - 1
    except (FileNotFoundError, ProcessLookupError):
        return False


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _size(place: str) -> int:
    if not os.path.isdir(place) or os.path.islink(place):
        return os.lstat(place).st_size
    return sum(os.lstat(f"{folder}/{name}").st_size for folder, _, names in os.walk(place) for name in names)
