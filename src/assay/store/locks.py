"""Advisory locks that die with their process: on a run (its engine), and on the store (its users, or one collector)."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from assay.store.faults import StoreBusy, explaining

_PAUSE = 0.01
_held: set[int] = set()


def _forget_in_child() -> None:
    """Close the descriptors in a forked child: it would hold the locks on after its parent died."""
    for fd in _held:
        os.close(fd)
    _held.clear()


os.register_at_fork(after_in_child=_forget_in_child)


@contextmanager
def locked(path: str, *, shared: bool, patience: float, refusal: str, hint: str) -> Iterator[None]:
    """Hold the lock file ``path`` for the block.

    Args:
        patience: Seconds to wait for others.
        refusal: What to say when they do not let go: the message of the ``StoreBusy`` that is raised, with the process
            id of an exclusive holder as its culprit.
    """
    with explaining("lock the store", path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    _held.add(fd)
    try:
        if not _acquire(fd, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, patience):
            holder = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
            raise StoreBusy(refusal, culprit=f"process {holder}" if holder else "", hint=hint)
        if not shared:
            with explaining("lock the store", path):
                os.ftruncate(fd, 0)
                os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        # A forked child has closed its copy already.
        if fd in _held:
            _held.discard(fd)
            # Closing alone would leave it locked until a child forked this instant has closed its copy as well.
            fcntl.flock(fd, fcntl.LOCK_UN)
            os.close(fd)


def _acquire(fd: int, kind: int, patience: float) -> bool:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(fd, kind | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EINTR):
                raise
            if time.monotonic() >= until:
                return False
            time.sleep(_PAUSE)
        else:
            return True


def is_locked(path: str) -> bool:
    """Return whether a living process holds the lock file exclusively."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _acquire(fd, fcntl.LOCK_SH, 0)
    finally:
        os.close(fd)
