"""Ending what a dead run left behind, by the mark in the environment of its processes."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterator

from assay.engine.executors.forkserver.linux import descendants

MARK = "ASSAY_ORPHAN_MARK"
"""Environment variable of every server: ``<mark of the run>#<number of the server>``. Forks and programs started by a step
have it too."""

_PATIENCE = 10.0
_QUIET_LOOKS = 3
_PAUSE = 0.002


def end_orphans(mark: str) -> int:
    """Kill every process of this user that carries ``mark``, and what is below it, but not the caller; return how many carried it.

    Returns when they have ended, at the latest after ten seconds. Never call it with the mark of a run whose engine is alive.
    """
    until = time.monotonic() + _PATIENCE
    ended: set[int] = set()
    quiet = 0
    # A process that forks and ends while its pid is looked up is seen no more, and its child not yet: one empty look proves nothing.
    while quiet < _QUIET_LOOKS and time.monotonic() < until:
        found = marked(mark)
        quiet = 0 if found else quiet + 1
        family = {member for pid in found for member in descendants(pid)} - {os.getpid()}
        handles = [handle for pid in family if (handle := _kill(pid)) is not None]
        ended.update(found)
        for handle in handles:
            _await_end(handle, until)
        if not found:
            time.sleep(_PAUSE)
    return len(ended)


def _kill(pid: int) -> int | None:
    """Kill a process; return a handle on it, or ``None`` when it has gone or has become another user's."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except ProcessLookupError:
        return handle
    except PermissionError:
        os.close(handle)
        return None
    return handle


def _await_end(handle: int, until: float) -> None:
    """Wait until a killed process has ended: its mark goes first, the files and locks that it holds go last.

    So a child that is dying already is known by its parent only.
    """
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    poll.poll(max(0.0, until - time.monotonic()) * 1000)
    os.close(handle)


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
