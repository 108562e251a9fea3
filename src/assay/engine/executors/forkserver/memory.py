"""How much memory a step's processes use together."""

from __future__ import annotations

import os

from assay.engine.executors.forkserver.linux import descendants

_PAGE = os.sysconf("SC_PAGE_SIZE")


def usage(pid: int, limit: int) -> int:
    """Return the bytes that ``pid`` and its descendants hold; exact only when that is more than ``limit``.

    Resident sets are summed first: cheap, and too high where processes share pages. Only when that sum is above the limit
    are the proportional sets read (a shared page is divided among those that map it), which costs milliseconds.
    """
    family = descendants(pid)
    resident = sum(map(_resident, family))
    return resident if resident <= limit else sum(map(_proportional, family))


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb", buffering=0) as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb", buffering=0) as file:
            for line in file.read().splitlines():
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0


def writable() -> int:
    """Return this process's private writable address space in bytes: what ``RLIMIT_DATA`` counts."""
    with open("/proc/self/statm", "rb", buffering=0) as file:
        return int(file.read().split()[5]) * _PAGE
