"""Fetching inputs that are in an object store into the folder of their step, before whichever executor gets it."""

from __future__ import annotations

import contextlib
import os
import queue
import select
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from assay.engine.executor import Executor, Exited, Message, Notice, StepOrder
from assay.engine.objects import Origin, Stopped, fetch
from assay.errors import AssayError
from assay.model.events import Failure, StepKey

_MOST_AT_ONCE = 16


@dataclass(slots=True)
class _Fetch:
    order: StepOrder
    stopped: bool = False


class FetchingExecutor:
    """An ``Executor`` before another one: an order waits here, in the slot of its step, until its inputs lie in its folder.

    Args:
        inner: Runs the steps; closed with this one.
    """

    def __init__(self, inner: Executor) -> None:
        self._inner = inner
        self._poll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._poll.register(self._wake, select.EPOLLIN)
        self._poll.register(inner.fileno(), select.EPOLLIN)
        self._pool: ThreadPoolExecutor | None = None
        self._under_way: dict[StepKey, _Fetch] = {}
        self._told: queue.SimpleQueue[tuple[_Fetch, Failure | None]] = queue.SimpleQueue()
        self._notices: list[Notice] = []

    def start(self, order: StepOrder) -> None:
        """Begin an attempt; see ``Executor.start``."""
        if not order.fetch:
            self._inner.start(order)
            return
        if order.key in self._under_way:
            raise ValueError(f"{order.key} is running already")
        one = self._under_way[order.key] = _Fetch(order)
        size = sum(Origin.parse(origin).size for origin, _ in order.fetch)
        self._notices.append(
            Message(
                order.key,
                order.attempt,
                {"kind": "progress", "done": 0, "total": None, "message": f"fetching {size} bytes"},
            )
        )
        self._pool = self._pool or ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="fetching")
        self._pool.submit(self._run, one)

    def stop(self, key: StepKey, *, grace: float = 2.0) -> None:
        """End an attempt; see ``Executor.stop``."""
        one = self._under_way.get(key)
        if one is None:
            self._inner.stop(key, grace=grace)
        else:
            one.stopped = True

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._poll.fileno()

    def deadline(self) -> float | None:
        """Return what the other executor returns."""
        return self._inner.deadline()

    def drain(self) -> list[Notice]:
        """Return what happened; see ``Executor.drain``."""
        if self._under_way:
            with contextlib.suppress(BlockingIOError):
                os.eventfd_read(self._wake)
            while not self._told.empty():
                self._go_on(*self._told.get())
        notices, self._notices = [*self._notices, *self._inner.drain()], []
        return notices

    def close(self) -> None:
        """Give up everything under way, and close the other executor; harmless a second time."""
        if self._poll.closed:
            return
        for one in self._under_way.values():
            one.stopped = True
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._inner.close()
        self._poll.close()
        os.close(self._wake)

    def _run(self, one: _Fetch) -> None:
        failure = None
        try:
            for origin, target in one.order.fetch:
                fetch(Origin.parse(origin), str(one.order.folder / target), lambda: one.stopped)
        except Stopped:
            failure = Failure("killed", "stopped")
        except AssayError as error:
            failure = Failure(error.code, error.message, hint=error.hint)
        self._told.put((one, failure))
        os.eventfd_write(self._wake, 1)

    def _go_on(self, one: _Fetch, failure: Failure | None) -> None:
        order = one.order
        del self._under_way[order.key]
        if one.stopped and failure is None:
            failure = Failure("killed", "stopped")
        if failure is None:
            self._inner.start(replace(order, fetch=()))
            return
        with contextlib.suppress(OSError), open(order.log, "a", encoding="utf-8") as log:
            log.write(f"assay: {failure.message}\n")
        self._notices.append(Exited(order.key, order.attempt, None, failure))
