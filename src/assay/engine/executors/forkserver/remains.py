"""Whether anything of a component can still run once it has returned, and what it used."""

from __future__ import annotations

import _thread
import atexit
import os
import resource
import sys

Awaited = tuple[int, ...]
"""What will or may still run in this process: threads, exit handlers, and what the exit handlers of the library go by."""

_REGISTRIES = (("logging", "_handlerList"), ("multiprocessing.util", "_finalizer_registry"))


def awaited() -> Awaited:
    """Return how much is registered in this process."""
    registered = [len(getattr(sys.modules[module], name)) for module, name in _REGISTRIES if module in sys.modules]
    return _thread._count(), atexit._ncallbacks(), *registered  # noqa: SLF001  (nothing public tells)


def nothing_left(before: Awaited) -> bool:
    """Return whether no child, no thread and no exit handler was added to ``before``.

    This process adopts what its descendants leave behind, so without a child it has no descendant at all.
    """
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return awaited() == before
    return False


def used() -> dict[str, float]:
    """Return what this process and the children that it waited for used: ``cpu_seconds``, and ``peak_memory`` in bytes."""
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "cpu_seconds": own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime,
        "peak_memory": max(own.ru_maxrss, others.ru_maxrss) * 1024,
    }
