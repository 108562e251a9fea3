"""The engine's handle on one warm server."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assay.engine.executors.forkserver.protocol import AHEAD, CONTROL, HOME, PYTHON_OPTIONS, SERVER
from assay.engine.executors.process.orphans import MARK, end_orphans

_DEFAULT_SIGNALS = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGCHLD,
    signal.SIGUSR1,
    signal.SIGUSR2,
)
_THREADED = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB")
_LONGEST_REPORT = 4096
_LONGEST_COMPLAINT = 2000
_GONE_WITHIN_MS = 1000
_MOST_SOURCES = 256

Slot = tuple[int, socket.socket]
"""A child's number and the engine's end of the socket to it."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a server is like; steps that ask for the same share one.

    Attributes:
        preload: Modules that it imports, sorted.
        threads: What numerical libraries in it may use.
        apart: Have components run in fresh interpreters.
        python: The interpreter, when it is that of another environment.
        path: Folder in which that interpreter finds Assay.
    """

    preload: tuple[str, ...] = ()
    threads: int = 1
    apart: bool = False
    python: str = ""
    path: str = ""


class Zygote:
    """Starts a server, asks it for children (some are always ready ahead of their orders), hears how they end.

    Args:
        setup: What the server is like.
        mark: Goes into the environment of the server, and with it of everything below it.
    """

    def __init__(self, setup: Setup, mark: str) -> None:
        self._mark = mark
        self._unsent: deque[tuple[bytes, Sequence[int]]] = deque()
        self._spares: deque[Slot] = deque()
        self._last_number = 0
        self._over: list[int] = []
        self._known: set[str] = set()
        self.ready = False
        self._complaints = os.memfd_create("assay-forkserver")
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.control.setblocking(False)
            self._pid = _start(theirs.fileno(), self._complaints, setup, mark)
        except OSError:
            self.control.close()
            os.close(self._complaints)
            raise
        finally:
            theirs.close()
        self._fork()

    def take(self) -> Slot:
        """Return the child that waits longest for its order, and have more made unless some are left."""
        if len(self._spares) < AHEAD:
            self._fork()
        return self._spares.popleft()

    def know(self, source: str) -> None:
        """Have the children that are made from now on find the code of a file, compiled, in their memory."""
        if source not in self._known and len(self._known) < _MOST_SOURCES:
            self._known.add(source)
            self.ask("know", 0, source)

    def drop_spare(self, number: int) -> None:
        """Forget a child that was ready, if it is this one: it has ended."""
        for slot in self._spares:
            if slot[0] == number:
                slot[1].close()
                self._spares.remove(slot)
                return

    def forget(self, number: int) -> None:
        """Say, with the next request, that nobody waits for the end of this child any more."""
        self._over.append(number)

    def _fork(self) -> None:
        """Have the next children made, together (see ``AHEAD``)."""
        first = self._last_number + 1
        self._last_number += AHEAD
        theirs = []
        for number in range(first, first + AHEAD):
            ours, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ours.setblocking(False)
            self._spares.append((number, ours))
            theirs.append(other.detach())
        self.ask("fork", first, self._over, passed=theirs)
        self._over = []

    def ask(self, *request: object, passed: Sequence[int] = ()) -> None:
        """Send a request, with descriptors that are closed afterwards; when the server is busy, keep it for ``flush``."""
        self._unsent.append((json.dumps(request).encode(), passed))
        self.flush()

    def flush(self) -> None:
        """Send what has been kept, as far as the server takes it."""
        while self._unsent:
            packet, passed = self._unsent[0]
            try:
                if passed:
                    socket.send_fds(self.control, [packet], passed)
                else:
                    self.control.send(packet)
            except BlockingIOError:
                return
            except OSError:
                pass  # it is dying; ``hear`` will say so
            self._unsent.popleft()
            for descriptor in passed:
                os.close(descriptor)

    @property
    def events(self) -> int:
        """What to poll ``control`` for."""
        return select.EPOLLIN | (select.EPOLLOUT if self._unsent else 0)

    def hear(self) -> list[Any] | None:
        """Return the next report, an empty list when there is none now, or ``None`` when the server has gone."""
        try:
            packet = self.control.recv(_LONGEST_REPORT)
        except BlockingIOError:
            return []
        except OSError:
            return None
        return list(json.loads(packet)) if packet else None

    def complaint(self) -> str:
        """Return the end of what the server itself printed."""
        size = os.fstat(self._complaints).st_size
        text = os.pread(self._complaints, _LONGEST_COMPLAINT, max(0, size - _LONGEST_COMPLAINT))
        return text.decode("utf-8", "replace").strip()

    def close(self, *, wait: bool = True) -> None:
        """End the server and everything below it; returns when it is gone, after a second at most (then it is killed)."""
        self.control.close()
        for _, link in self._spares:
            link.close()
        for _, passed in self._unsent:
            for descriptor in passed:
                os.close(descriptor)
        os.close(self._complaints)
        if not (wait and _gone(self._pid)):
            self.kill()
            return
        os.waitpid(self._pid, 0)

    def kill(self) -> None:
        """Kill the server, and everything below it by its mark."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        end_orphans(self._mark)


def _start(control: int, output: int, setup: Setup, mark: str) -> int:
    environment = {**os.environ, MARK: mark, **{f"{name}_NUM_THREADS": str(setup.threads) for name in _THREADED}}
    if setup.python:
        _enter(environment, setup.python)
    python = setup.python or sys.executable
    told = json.dumps({"preload": setup.preload, "apart": setup.apart})
    return os.posix_spawn(
        python,
        [python, *PYTHON_OPTIONS, SERVER, setup.path or HOME, told],
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, output, 1),
            (os.POSIX_SPAWN_DUP2, output, 2),
            (os.POSIX_SPAWN_DUP2, control, CONTROL),
        ],
        setsid=True,  # Ctrl-C in the terminal is for the engine alone
        setsigmask=[],
        setsigdef=_DEFAULT_SIGNALS,
    )


def _enter(environment: dict[str, str], python: str) -> None:
    """Change the variables of this environment into those of the one that ``python`` is in, as activating it would."""
    programs = os.path.dirname(python)
    environment["VIRTUAL_ENV"] = os.path.dirname(programs)
    environment["PATH"] = f"{programs}{os.pathsep}{environment.get('PATH', os.defpath)}"
    for name in ("PYTHONHOME", "PYTHONPATH"):
        environment.pop(name, None)


def _gone(pid: int) -> bool:
    handle = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        return bool(poll.poll(_GONE_WITHIN_MS))
    finally:
        os.close(handle)
