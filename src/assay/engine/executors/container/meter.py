"""What a container uses of cpu and memory, read from its control group: that is gone a moment after the container has ended."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_ROOT = Path("/sys/fs/cgroup")
_NAMES = (
    "docker/{id}",
    "system.slice/docker-{id}.scope",
    "libpod_parent/libpod-{id}",
    "machine.slice/libpod-{id}.scope",
    "user.slice/user-{uid}.slice/user@{uid}.service/user.slice/docker-{id}.scope",
    "user.slice/user-{uid}.slice/user@{uid}.service/user.slice/libpod-{id}.scope",
)
"""Where docker and podman put it, with cgroupfs and with systemd."""

_SHORTEST, _LONGEST = 0.002, 0.25


class Meter:
    """Looks at a container from before it starts until it is over, in a thread of its own: a context manager.

    An end is seen at once, by a descriptor of its first process; between its end and the removal of the group lies the time that the
    container engine needs for that, some 10 ms. Where the group is not found, as in another mount namespace, everything stays 0.

    Args:
        container: The full id of a container that is made and not started.
        root: Where control groups are mounted.

    Attributes:
        cpu_seconds: User and system time of all processes.
        peak_memory: Bytes of all processes together, with the files that the kernel kept in memory for them.
        killed: Processes that were ended because memory ran out.
    """

    def __init__(self, container: str, root: Path = _ROOT) -> None:
        self.cpu_seconds = 0.0
        self.peak_memory = 0
        self.killed = 0
        names = [name.format(id=container, uid=os.getuid()) for name in _NAMES]
        unified = (root / "cgroup.controllers").exists()
        self._cpu = [root / name if unified else root / "cpuacct" / name for name in names]
        self._memory = [root / name if unified else root / "memory" / name for name in names]
        self._over = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._thread = threading.Thread(target=self._watch, name="meter", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.eventfd_write(self._over, 1)
        self._thread.join()
        os.close(self._over)

    def _watch(self) -> None:
        pause, first = _SHORTEST, -1
        poll = select.poll()
        poll.register(self._over, select.POLLIN)
        try:
            while True:
                self._sample()
                if first < 0 and (first := self._first_process()) >= 0:
                    poll.register(first, select.POLLIN)
                ready = [descriptor for descriptor, _ in poll.poll(pause * 1000)]
                if ready:
                    self._sample()
                if self._over in ready:
                    return
                if first in ready:
                    poll.unregister(first)
                    os.close(first)
                    first = -1
                pause = min(pause * 1.1, _LONGEST)
        finally:
            if first >= 0:
                os.close(first)

    def _first_process(self) -> int:
        """Return a descriptor that is readable when the first process ends, -1 when there is none."""
        for place in self._memory:
            with contextlib.suppress(OSError, ValueError):
                return os.pidfd_open(min(int(pid) for pid in (place / "cgroup.procs").read_text().split()))
        return -1

    def _sample(self) -> None:
        self._cpu, self._memory = _there(self._cpu), _there(self._memory)
        for place in self._cpu:
            microseconds = _field(place / "cpu.stat", "usage_usec")
            used = microseconds / 1e6 if microseconds else _number(place / "cpuacct.usage") / 1e9
            self.cpu_seconds = max(self.cpu_seconds, used)
        for place in self._memory:
            # `memory.peak` came with Linux 5.19; what is there now is the best that older ones say.
            peaks = (_number(place / name) for name in ("memory.max_usage_in_bytes", "memory.peak", "memory.current"))
            self.peak_memory = max(self.peak_memory, *peaks)
            killed = (_field(place / name, "oom_kill") for name in ("memory.events", "memory.oom_control"))
            self.killed = max(self.killed, *killed)


def _there(places: list[Path]) -> list[Path]:
    return [place for place in places if place.is_dir()] or places


def _number(path: Path) -> int:
    text = _read(path).strip()
    return int(text) if text.isdigit() else 0


def _field(path: Path, name: str) -> int:
    for line in _read(path).splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.isdigit():
            return int(value)
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:  # not there yet, or not there any more
        return ""
