"""Fetching inputs that are in an object store into the folder of their step, before whichever executor gets it."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import threading
from dataclasses import dataclass, replace

from assay.engine.executor import Executor, Exited, Message, Notice, StepOrder
from assay.engine.objects import Origin, Stopped, fetch
from assay.errors import AssayError
from assay.model.events import Failure, StepKey


@dataclass(slots=True)
class _Fetch:
    order: StepOrder
    stopped: bool = False


class FetchingExecutor:
    """An ``Executor`` before another one: an order waits here, in the slot of its step, until its inputs lie in its folder.

    A store that does not answer holds up nothing but its own step: a stop is answered at once, and neither ``close`` nor the end
    of the process waits. What a given-up fetch still receives is thrown away with its next block.

    Args:
        inner: Runs the steps; closed with this one.
    """

    def __init__(self, inner: Executor) -> None:
        self._inner = inner
        self._poll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._poll.register(self._wake, select.EPOLLIN)
        self._poll.register(inner.fileno(), select.EPOLLIN)
        self._open = threading.Lock()  # held while the descriptor to wake is written to, or closed
        self._closed = False
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
        threading.Thread(target=self._run, args=(one,), name=f"fetching {order.key}", daemon=True).start()

    def stop(self, key: StepKey, *, grace: float = 2.0) -> None:
        """End an attempt; see ``Executor.stop``."""
        one = self._under_way.get(key)
        if one is None:
            self._inner.stop(key, grace=grace)
        else:
            one.stopped = True
            self._tell(one, Failure("killed", "stopped"))

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._poll.fileno()

    def deadline(self) -> float | None:
        """Return what the other executor returns."""
        return self._inner.deadline()

    def drain(self) -> list[Notice]:
        """Return what happened; see ``Executor.drain``."""
        if self._under_way or not self._told.empty():
            with self._open:
                with contextlib.suppress(BlockingIOError):
                    os.eventfd_read(self._wake)
                told = [self._told.get() for _ in range(self._told.qsize())]
            for one, failure in told:
                self._go_on(one, failure)
        notices, self._notices = [*self._notices, *self._inner.drain()], []
        return notices

    def close(self) -> None:
        """Give up everything under way, and close the other executor; harmless a second time."""
        with self._open:
            if self._closed:
                return
            self._closed = True
            os.close(self._wake)
        for one in self._under_way.values():
            one.stopped = True
        self._inner.close()
        self._poll.close()

    def _run(self, one: _Fetch) -> None:
        failure, address = None, ""
        try:
            for text, target in one.order.fetch:
                origin = Origin.parse(text)
                address = origin.url
                fetch(origin, str(one.order.folder / target), lambda: one.stopped)
        except Stopped:
            return  # told already
        except AssayError as error:
            failure = Failure(error.code, error.message, hint=error.hint)
        except Exception as error:  # noqa: BLE001  # whatever it is, a step must not wait for ever
            failure = Failure("store", f"cannot fetch {address}: {type(error).__name__}: {error}")
        self._tell(one, failure)

    def _tell(self, one: _Fetch, failure: Failure | None) -> None:
        with self._open:
            if not self._closed:
                self._told.put((one, failure))
                os.eventfd_write(self._wake, 1)

    def _go_on(self, one: _Fetch, failure: Failure | None) -> None:
        order = one.order
        if self._under_way.get(order.key) is not one:
            return  # it ended while it was being stopped: that was told
        del self._under_way[order.key]
        if failure is None:
            self._inner.start(replace(order, fetch=()))
            return
        with contextlib.suppress(OSError), open(order.log, "a", encoding="utf-8") as log:
            log.write(f"assay: {failure.message}\n")
        self._notices.append(Exited(order.key, order.attempt, None, failure))
