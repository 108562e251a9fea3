"""Runs steps in environments of their own, made when the first step asks for one."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from assay.engine.environment import own_digest
from assay.engine.executor import Exited, Message, Notice, StepOrder
from assay.engine.executors.environment.building import Build, BuildError
from assay.engine.executors.environment.places import import_path, python_of
from assay.engine.executors.forkserver.protocol import HOME
from assay.engine.executors.process import ProcessExecutor
from assay.engine.executors.process.orphans import MARK
from assay.model.artifacts import Json
from assay.model.events import Failure, StepKey


@dataclass(slots=True)
class _Making:
    """An environment under way, and the orders that wait for it."""

    build: Build
    thread: threading.Thread
    orders: dict[StepKey, StepOrder] = field(default_factory=dict)


class EnvironmentExecutor:
    """An ``Executor`` that makes an environment for an order's requirements, then has the process executor run it in there.

    An environment is made once for each store, also when two engines ask at a time, and its warm servers are those of the
    process executor: a second step in it costs what any step costs. An order without requirements runs in this environment.

    Args:
        process: Runs the steps; closed with this one.
        orphan_mark: As for ``ProcessExecutor``.
        folder: Where environments are kept; made when it is not there.
    """

    def __init__(self, process: ProcessExecutor, orphan_mark: str, folder: Path) -> None:
        self._process = process
        self._mark = orphan_mark
        self._folder = folder
        self._poll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._poll.register(self._wake, select.EPOLLIN)
        self._poll.register(process.fileno(), select.EPOLLIN)
        self._making: dict[str, _Making] = {}
        self._locks: dict[str, int] = {}
        self._refused: dict[str, Failure] = {}
        self._told: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._notices: list[Notice] = []

    def start(self, order: StepOrder) -> None:
        """Begin an attempt; see ``Executor.start``."""
        digest = own_digest(order.requirements)
        if any(order.key in making.orders for making in self._making.values()):
            raise ValueError(f"{order.key} is running already")
        if not order.requirements:
            self._process.start(order)
        elif digest in self._locks:
            self._begin(order, digest)
        elif digest in self._refused and order.attempt == 1:  # the other elements of a ``foreach`` need not ask again
            self._fail(order, self._refused[digest])
        else:
            making = self._making.get(digest) or self._make(digest, order.requirements)
            making.orders[order.key] = order

    def stop(self, key: StepKey, *, grace: float = 2.0) -> None:
        """End an attempt; see ``Executor.stop``."""
        for making in self._making.values():
            order = making.orders.pop(key, None)
            if order is not None:
                self._fail(order, Failure("killed", "stopped"))
                if not making.orders:
                    making.build.cancel()
                return
        self._process.stop(key, grace=grace)

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._poll.fileno()

    def deadline(self) -> float | None:
        """Return what the process executor returns."""
        return self._process.deadline()

    def drain(self) -> list[Notice]:
        """Return what happened; see ``Executor.drain``."""
        if self._making or self._notices:
            with contextlib.suppress(BlockingIOError):
                os.eventfd_read(self._wake)
            while not self._told.empty():
                self._told.get()()
        notices, self._notices = [*self._notices, *self._process.drain()], []
        return notices

    def close(self) -> None:
        """End every build, server and step; harmless a second time."""
        if self._poll.closed:
            return
        for making in self._making.values():
            making.orders.clear()
            making.build.cancel()
        for making in self._making.values():
            making.thread.join()
        while not self._told.empty():  # a lock may be in there
            self._told.get()()
        self._process.close()
        for lock in self._locks.values():
            os.close(lock)
        self._poll.close()
        os.close(self._wake)

    def _make(self, digest: str, requirements: tuple[str, ...]) -> _Making:
        build = Build(
            self._folder,
            digest,
            tuple(sorted(set(requirements))),
            (MARK, f"{self._mark}#environment"),
            lambda words: self._tell(lambda: self._say(digest, words)),
        )
        thread = threading.Thread(target=self._run, args=(digest, build), name="environment", daemon=True)
        self._making[digest] = _Making(build, thread)
        thread.start()
        return self._making[digest]

    def _run(self, digest: str, build: Build) -> None:
        try:
            lock = build.run()
        except BuildError as error:
            refused = error.failure
            self._tell(lambda: self._made(digest, None, refused))
        else:
            self._tell(lambda: self._made(digest, lock, None))

    def _tell(self, what: Callable[[], None]) -> None:
        """Have ``drain`` do something: called from the thread of a build."""
        self._told.put(what)
        os.eventfd_write(self._wake, 1)

    def _say(self, digest: str, words: str) -> None:
        for order in self._making[digest].orders.values():
            with contextlib.suppress(OSError), open(order.log, "a", encoding="utf-8") as log:
                log.write(f"assay: {words}\n")
            data: dict[str, Json] = {"kind": "progress", "done": 0, "total": None, "message": words}
            self._notices.append(Message(order.key, order.attempt, data))

    def _made(self, digest: str, lock: int | None, refused: Failure | None) -> None:
        making = self._making.pop(digest)
        if lock is not None:
            self._locks[digest] = lock
        elif refused is not None and refused.code != "killed":
            self._refused[digest] = refused
        orders = list(making.orders.values())
        if lock is None and orders and refused is not None and refused.code == "killed":
            # It was cancelled when nobody waited for it, and somebody came before it had ended.
            self._make(digest, orders[0].requirements).orders.update(making.orders)
            return
        for order in orders:
            if refused is None:
                self._begin(order, digest)
            else:
                self._fail(order, refused)

    def _begin(self, order: StepOrder, digest: str) -> None:
        try:
            path = import_path(self._folder, (f"{HOME}/assay", *order.packages))
        except OSError as error:
            self._fail(order, Failure("store", f"cannot write to {self._folder}: {error.strerror}"))
            return
        self._process.start(replace(order, python=str(python_of(self._folder, digest)), path=str(path)))

    def _fail(self, order: StepOrder, failure: Failure) -> None:
        self._notices.append(Exited(order.key, order.attempt, None, failure))
        os.eventfd_write(self._wake, 1)
