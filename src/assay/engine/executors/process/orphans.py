"""Ending what a dead run left behind, by the mark in the environment of its processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

MARK = "ASSAY_ORPHAN_MARK"
"""Environment variable of every server: ``<mark of the run>#<number of the server>``. Forks and programs started by a step
have it too."""

_PATIENCE = 2.0
_PAUSE = 0.002


def end_orphans(mark: str) -> int:
    """Kill every process of this user that carries ``mark``, but not the caller; return how many there were.

    Returns when they are gone, at the latest after two seconds. Never call it with the mark of a run whose engine is alive.
    """
    until = time.monotonic() + _PATIENCE
    ended: set[int] = set()
    while (found := marked(mark)) and time.monotonic() < until:
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        ended.update(found)
        time.sleep(_PAUSE)
    return len(ended)


def marked(mark: str) -> list[int]:
    """Return the processes that carry ``mark`` (of any server of the run, or with ``#number`` of just one), but not the caller.

    A process that has ended and waits for its parent carries nothing any more.
    """
    return [pid for pid, found in _carriers() if found == mark or found.startswith(f"{mark}#")]


def marks() -> set[str]:
    """Return the marks of the runs that have processes of this user, alive or left behind."""
    return {found.rpartition("#")[0] or found for _, found in _carriers()}


def _carriers() -> Iterator[tuple[int, str]]:
    entry = f"{MARK}=".encode()
    for name in os.listdir("/proc"):
        if name.isdecimal() and int(name) != os.getpid():
            try:
                with open(f"/proc/{name}/environ", "rb", buffering=0) as file:
                    environment = file.readall()
            except OSError:  # gone, or another user's
                continue
            if entry in environment:
                for one in environment.split(b"\0"):
                    if one.startswith(entry):
                        yield int(name), os.fsdecode(one[len(entry) :])
