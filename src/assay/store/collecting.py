"""Removing objects and folders that nothing refers to any more."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator
from typing import NamedTuple

from assay.ids import Digest
from assay.store.placing import remove_tree


class Collected(NamedTuple):
    """What a collection removed (or would remove): objects and folders, and their bytes."""

    objects: int
    bytes: int


def collect(root: str, live: Collection[Digest], *, dry_run: bool) -> Collected:
    """See ``ObjectStore.collect``."""
    kept = frozenset(live)
    count = size = 0
    links: Counter[int] = Counter()
    for place in list(_dead(f"{root}/folders", kept)):
        count += 1
        if dry_run:
            size += _count_links(place, links)
        else:
            size += remove_tree(place)
    for place in list(_dead(f"{root}/objects", kept)):
        info = os.lstat(place)
        # Every folder that holds the file holds one more link.
        if info.st_nlink - links[info.st_ino] == 1:
            count += 1
            size += info.st_size
            if not dry_run:
                os.unlink(place)
    return Collected(count, size)


def _dead(base: str, live: frozenset[Digest]) -> Iterator[str]:
    for bucket in os.listdir(base) if os.path.isdir(base) else ():
        for name in os.listdir(f"{base}/{bucket}"):
            if name[:64] not in live:
                yield f"{base}/{bucket}/{name}"


def _count_links(place: str, links: Counter[int]) -> int:
    """Count the files of a folder into ``links`` by inode; return the bytes of those without another link."""
    size = 0
    for folder, _, names in os.walk(place):
        for name in names:
            info = os.lstat(f"{folder}/{name}")
            links[info.st_ino] += 1
            size += info.st_size if info.st_nlink == 1 else 0
    return size
