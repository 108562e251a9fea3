"""The warm server: imports once, forks a process for each request, keeps hold of all of them, tells how each ended."""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import gc
import importlib
import json
import math
import os
import select
import signal
import socket
import sys
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from assay.engine.executors.forkserver import child, component, memory
from assay.engine.executors.forkserver.linux import (
    adopt_orphans,
    children,
    descendants,
    signal_group,
    signal_process,
    use_large_pages,
)
from assay.engine.executors.forkserver.protocol import AHEAD, CONTROL
from assay.engine.executors.forkserver.rehearsal import rehearse
from assay.runtime.loading import know

MEMORY_EVERY = 0.025
"""Seconds between two looks at the memory of a step with a limit."""

OVER_GRACE = 2.0
"""Seconds that a process may take to end after it has said that it is over."""

_LONGEST_REQUEST = 4096


@dataclass(slots=True)
class _Child:
    number: int
    pid: int
    limit: int | None = None
    peak: int = 0
    exceeded: bool = False
    over: bool = False
    kill_at: float = math.inf


class Server:
    """Forks and supervises, as the engine asks for by ``control`` (see ``protocol``).

    With ``apart`` each child starts a fresh interpreter, for the component to run in.

    Each child adopts its own orphans, so a process that shows up among the server's children without being one of them was
    left behind by a child that has ended: it is killed.
    """

    def __init__(self, control: socket.socket, *, apart: bool) -> None:
        self._control = control
        self._apart = apart
        self._pid = os.getpid()
        self._engine = os.pidfd_open(os.getppid())
        self._poll = select.epoll()
        self._poll.register(control, select.EPOLLIN)
        self._poll.register(self._engine, select.EPOLLIN)
        self._imported = frozenset(children(self._pid))
        self._children: dict[int, _Child] = {}
        self._handles: dict[int, _Child] = {}
        self._strays: dict[int, int] = {}
        self._reports: list[list[object]] = []
        self._next_look = math.inf

    def serve(self) -> None:
        """Work until the engine has gone, then leave nothing behind."""
        self._send(["ready"])
        while True:
            for descriptor, _ in self._poll.poll(self._patience()):
                if descriptor == self._engine or (descriptor == self._control.fileno() and not self._obey()):
                    self._end_all()
                    return
                if descriptor in self._handles:
                    self._bury(descriptor)
                elif descriptor in self._strays:
                    self._bury_stray(descriptor)
            self._keep_time()

    def _patience(self) -> float | None:
        due = min([self._next_look, *(one.kill_at for one in self._children.values())])
        return None if due == math.inf else max(0.0, due - time.monotonic())

    def _obey(self) -> bool:
        try:
            data, passed, _, _ = socket.recv_fds(self._control, _LONGEST_REQUEST, AHEAD)
        except ConnectionError:
            return False
        if not data:
            return False
        verb, number, *rest = json.loads(data)
        if verb == "fork":
            self._fork(number, passed)
            for over in rest[0]:
                self._let_end(over)
        elif verb == "know":
            know(rest[0])
        elif number in self._children:
            one = self._children[number]
            if verb == "limit":
                one.limit = rest[0]
                self._next_look = time.monotonic()
            elif verb == "stop":
                one.kill_at = time.monotonic() + rest[0]
                signal_group(one.pid, signal.SIGTERM)
                signal_group(one.pid, signal.SIGCONT)
        return True

    def _let_end(self, number: int) -> None:
        """Nobody waits for a child that has said it is over; it has some time to end all the same."""
        one = self._children.get(number)
        if one is not None:
            one.over = True
            one.kill_at = min(one.kill_at, time.monotonic() + OVER_GRACE)

    def _fork(self, first: int, connections: Sequence[int]) -> None:
        """Fork a child for each connection, one right after the other: a page written to in between is copied once more."""
        own = (self._control.fileno(), self._engine, self._poll.fileno(), *self._handles, *self._strays)
        made: list[int | str] = []
        for connection in connections:
            try:
                pid = os.fork()
            except OSError as error:
                made.append(str(error.strerror))
                continue
            if pid == 0:
                others = (other for other in connections if other != connection)
                _live(connection, self._pid, (*own, *others), apart=self._apart)
            made.append(pid)
        for number, (connection, pid_or_fault) in enumerate(zip(connections, made, strict=True), first):
            os.close(connection)
            if isinstance(pid_or_fault, str):
                self._send(["refused", number, pid_or_fault])
            else:
                self._keep(_Child(number, pid_or_fault))

    def _keep(self, one: _Child) -> None:
        handle = os.pidfd_open(one.pid)
        self._children[one.number] = self._handles[handle] = one
        self._poll.register(handle, select.EPOLLIN)

    def _bury(self, handle: int) -> None:
        one = self._handles.pop(handle)
        del self._children[one.number]
        self._release(handle)
        signal_group(one.pid, signal.SIGKILL)  # before wait4: until then no other group can get this number
        _, status, used = os.wait4(one.pid, 0)
        peak = max(one.peak, used.ru_maxrss * 1024)
        code = os.waitstatus_to_exitcode(status)
        # It had no children when it said that it was over: nothing is left to look for, and nobody listens.
        if one.over and code == 0:
            return
        self._reports.append(["exited", one.number, code, used.ru_utime + used.ru_stime, peak, one.exceeded])
        self._sweep()

    def _bury_stray(self, handle: int) -> None:
        pid = self._strays.pop(handle)
        self._release(handle)
        os.waitpid(pid, 0)
        self._sweep()

    def _release(self, handle: int) -> None:
        # Closing alone would not do: a child just forked holds a copy, the poll would go on telling of a number that by then
        # belongs to another process.
        self._poll.unregister(handle)
        os.close(handle)

    def _sweep(self) -> None:
        """Kill what ended children left behind; report them once nothing is left."""
        known = {one.pid for one in self._children.values()} | self._imported | set(self._strays.values())
        for pid in children(self._pid):
            if pid not in known:
                handle = os.pidfd_open(pid)
                self._strays[handle] = pid
                self._poll.register(handle, select.EPOLLIN)
                signal_process(pid, signal.SIGKILL)
        if not self._strays:
            for report in self._reports:
                self._send(report)
            self._reports.clear()

    def _keep_time(self) -> None:
        now = time.monotonic()
        for one in self._children.values():
            if one.kill_at <= now:
                one.kill_at = math.inf
                signal_group(one.pid, signal.SIGKILL)
        if self._next_look <= now:
            limited = [one for one in self._children.values() if one.limit is not None]
            for one in limited:
                self._look(one)
            self._next_look = time.monotonic() + MEMORY_EVERY if limited else math.inf

    def _look(self, one: _Child) -> None:
        limit = one.limit or 0
        used = memory.usage(one.pid, limit)
        one.peak = max(one.peak, used)
        if used > limit and not one.exceeded:
            one.exceeded = True
            for pid in descendants(one.pid):
                signal_process(pid, signal.SIGKILL)

    def _send(self, report: Sequence[object]) -> None:
        with contextlib.suppress(ConnectionError):  # the engine has gone: the next poll says so
            self._control.send(json.dumps(report).encode())

    def _end_all(self) -> None:
        while True:
            for one in self._children.values():
                signal_group(one.pid, signal.SIGKILL)
            for pid in children(self._pid):
                signal_process(pid, signal.SIGKILL)
            self._children.clear()  # their numbers may belong to others once they are waited for
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return


def _live(connection: int, server: int, own: Sequence[int], *, apart: bool) -> NoReturn:
    try:
        child.live(connection, server, own, apart=apart)
    except BaseException:  # noqa: BLE001  (the last frame of this process: nothing may get back into the server's loop)
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
    finally:
        os._exit(70)


def _forget_exit_handlers() -> None:
    """Have children run, at their end, only what they registered themselves.

    What the imports registered is about this process, and costs 30 ms in a child of torch.
    """
    atexit._clear()  # noqa: SLF001  (as multiprocessing does for its children)
    for module, handler in (("multiprocessing.util", "_exit_function"), ("logging", "shutdown")):
        if module in sys.modules:
            atexit.register(getattr(sys.modules[module], handler))
    for inherited in list(weakref.finalize._registry):  # type: ignore[attr-defined]  # noqa: SLF001
        inherited.atexit = False
    weakref.finalize._registered_with_atexit = False  # type: ignore[attr-defined]  # noqa: SLF001  (it registers only once)


def main() -> NoReturn:
    """Entry of the server's process; its argument is JSON: ``preload``, modules to import, and ``apart``, whether components run in fresh interpreters."""
    given = json.loads(sys.argv[1])
    sys.argv[:] = ["assay-step"]
    adopt_orphans()
    faulthandler.enable()
    component.live_output()
    for module in given["preload"]:
        with contextlib.suppress(Exception, SystemExit):  # the step that needs it fails, and says so in its own log
            importlib.import_module(module)
    _forget_exit_handlers()
    rehearse()
    gc.collect()
    gc.disable()
    gc.freeze()
    use_large_pages()
    Server(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, fileno=CONTROL), apart=given["apart"]).serve()
    os._exit(0)
