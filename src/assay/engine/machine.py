"""What this machine has to give."""

from __future__ import annotations

import os
from pathlib import Path

from assay.model.component import Resources


def this_machine() -> Resources:
    """Return the cores this process may use, the memory (bytes) and the NVIDIA accelerators; container limits count."""
    return Resources(cpu=float(_cores()), memory=_memory(), gpu=len(gpus()))


def gpus() -> tuple[str, ...]:
    """Return the names by which ``CUDA_VISIBLE_DEVICES`` knows the accelerators this process may use."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return tuple(name.strip() for name in visible.split(",") if name.strip() not in ("", "-1"))
    found = [name.name.removeprefix("nvidia") for name in Path("/dev").glob("nvidia[0-9]*")]
    return tuple(sorted((name for name in found if name.isdigit()), key=int))


def _cores() -> int:
    cores = len(os.sched_getaffinity(0))
    limit = _read("/sys/fs/cgroup/cpu.max").split()
    if len(limit) == 2 and limit[0] != "max":
        cores = min(cores, max(1, int(limit[0]) // int(limit[1])))
    return cores


def _memory() -> int:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = _read("/sys/fs/cgroup/memory.max").strip()
    return min(total, int(limit)) if limit.isdigit() else total


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except OSError:
        return ""
