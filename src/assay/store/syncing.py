"""Waiting until files are on the disk."""

from __future__ import annotations

import os
from collections.abc import Sequence

_FEW = 32


def sync_files(paths: Sequence[str]) -> None:
    """Wait until the content of ``paths``, all on one file system, is on the disk.

    Many files are synced by one call for their whole file system: a tenth of the time of one call each.
    """
    if len(paths) > _FEW and _sync_file_system(paths[0]):
        return
    for path in paths:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _sync_file_system(path: str) -> bool:
    """Call syncfs(2), which Python lacks; return whether it was there and succeeded."""
    try:
        import ctypes  # takes 5 ms, and only large folders need it

        syncfs = ctypes.CDLL(None, use_errno=True).syncfs
    except (ImportError, AttributeError):
        return False
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return bool(syncfs(fd) == 0)
    finally:
        os.close(fd)
