"""What Linux offers for keeping hold of processes and Python does not wrap, or wraps with less."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
from collections.abc import Iterator

_SET_PARENT_DEATH_SIGNAL = 1
_SET_CHILD_SUBREAPER = 36

_COLLAPSE = 25  # MADV_COLLAPSE
_LARGE_PAGE = 2 << 20
_WORTH_IT = 24

_LIBC = ctypes.CDLL(None)
# With its types declared and without ctypes' copy of errno, a call costs a fresh child 30 us and not 300.
_LIBC.prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
_LIBC.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def _prctl(option: int, value: int) -> None:
    if _LIBC.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(errno.EINVAL, f"the kernel knows no prctl({option})")


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that forked it ends. Kept across exec, not by children."""
    _prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends. Kept across exec, not by children."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def use_large_pages() -> None:
    """Join this process's private memory to pages of 2 MiB where it fills them.

    A fork copies, and the child's end takes down, one table entry a page: with torch imported that is most of what a child
    costs. Does nothing in a small process, where it does not pay, or where the kernel cannot (before 6.1, or without
    transparent huge pages).
    """
    pages = [
        page
        for start, end in _private_memory()
        for page in range(-(-start // _LARGE_PAGE) * _LARGE_PAGE, end - _LARGE_PAGE + 1, _LARGE_PAGE)
    ]
    for page in pages if len(pages) >= _WORTH_IT else ():
        _LIBC.madvise(page, _LARGE_PAGE, _COLLAPSE)


def _private_memory() -> Iterator[tuple[int, int]]:
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        for line in file:
            span, access, _, _, inode, *_ = line.split()
            if access == "rw-p" and inode == "0":
                start, _, end = span.partition("-")
                yield int(start, 16), int(end, 16)


def children(pid: int) -> list[int]:
    """Return the direct children of process ``pid``; empty when it has gone."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", "rb", buffering=0) as file:
                found.extend(map(int, file.read().split()))
    except ProcessLookupError:
        return found
    except FileNotFoundError:
        # Gone meanwhile, or a kernel without CONFIG_PROC_CHILDREN.
        return found if os.path.exists("/proc/self/task/self/children") else _children_by_scan(pid)
    return found


def _children_by_scan(pid: int) -> list[int]:
    return [child for child in map(int, filter(str.isdecimal, os.listdir("/proc"))) if _parent(child) == pid]


def _parent(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            # The command's name stands in brackets and may hold anything, brackets too.
            return int(file.read().rpartition(b")")[2].split()[1])
    except OSError:
        return 0


def descendants(pid: int) -> list[int]:
    """Return ``pid`` and everything below it, parents before children."""
    family = [pid]
    for member in family:
        family.extend(children(member))
    return family


def signal_group(pid: int, number: int) -> None:
    """Send a signal to the process group that ``pid`` leads, or will lead; harmless when nothing of it is left."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        signal_process(pid, number)


def signal_process(pid: int, number: int) -> None:
    """Send a signal to one process; harmless when it has gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
