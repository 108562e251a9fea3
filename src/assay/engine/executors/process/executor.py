"""Runs steps in processes of their own: the engine's side, which starts, listens and never waits."""

from __future__ import annotations

import contextlib
import os
import select

from assay.engine.executor import Exited, Notice, StepOrder
from assay.engine.executors.process.attempt import Attempt
from assay.engine.executors.process.verdict import Ending, judge
from assay.engine.executors.process.zygote import Setup, Zygote
from assay.model.component import Isolation
from assay.model.events import StepKey

MOST_SERVERS = 4
"""Warm servers that are kept; above this the one that was not used for longest goes, unless it has steps."""

_EVENTS_A_DRAIN = 64
_PACKETS_A_STEP = 32
_REPORTS_A_SERVER = 64


class ProcessExecutor:
    """An ``Executor`` for Linux: each step is a process of its own, forked from a server that has its imports already.

    Every process of a step ends with it, every step ends with its server, every server ends with the engine.

    Args:
        orphan_mark: Names this run on this store; ``end_orphans`` finds by it what survived even that.
    """

    def __init__(self, orphan_mark: str) -> None:
        self._mark = orphan_mark
        self._poll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._poll.register(self._wake, select.EPOLLIN)
        self._zygotes: dict[Setup, Zygote] = {}
        self._controls: dict[int, Zygote] = {}
        self._started_servers = 0
        self._attempts: dict[StepKey, Attempt] = {}
        self._links: dict[int, Attempt] = {}
        self._numbers: dict[tuple[Zygote, int], Attempt] = {}
        self._notices: list[Notice] = []

    def start(self, order: StepOrder) -> None:
        """Begin an attempt; see ``Executor.start``."""
        if order.key in self._attempts:
            raise ValueError(f"{order.key} is running already")
        spawned = order.isolation is Isolation.SPAWN
        try:
            preload = () if spawned else tuple(sorted(set(order.preload)))
            zygote = self._zygote(Setup(preload, order.threads, spawned, order.python, order.path))
            attempt = self._attempts[order.key] = Attempt(order, zygote)
            if zygote.ready:
                self._begin(attempt)
        except OSError as error:
            self._attempts.pop(order.key, None)
            self._fail(order, f"no process could be made: {error.strerror}")

    def stop(self, key: StepKey, *, grace: float = 2.0) -> None:
        """End an attempt; see ``Executor.stop``."""
        attempt = self._attempts.get(key)
        if attempt is None or attempt.stopped:
            return
        attempt.stopped = True
        if attempt.number:
            self._ask(attempt.zygote, "stop", attempt.number, grace)
        else:
            attempt.ended = Ending()
            self._finish(attempt)

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._poll.fileno()

    def deadline(self) -> float | None:
        """Return ``None``: the servers keep all times themselves."""
        return None

    def drain(self) -> list[Notice]:
        """Return what happened; see ``Executor.drain``."""
        for descriptor, events in self._poll.poll(0, _EVENTS_A_DRAIN):
            if descriptor in self._links:
                self._listen(self._links[descriptor])
            elif descriptor in self._controls:
                self._attend(self._controls[descriptor], events)
            elif descriptor == self._wake:
                os.eventfd_read(self._wake)
        notices, self._notices = self._notices, []
        return notices

    def close(self) -> None:
        """End every server and step; harmless a second time."""
        if self._poll.closed:
            return
        for zygote in list(self._controls.values()):
            self._dismiss(zygote)
        for attempt in self._attempts.values():
            attempt.close()
        self._attempts.clear()
        self._poll.close()
        os.close(self._wake)

    def _zygote(self, setup: Setup) -> Zygote:
        zygote = self._zygotes.pop(setup, None)
        if zygote is None:
            self._started_servers += 1
            zygote = Zygote(setup, f"{self._mark}#{self._started_servers}")
            self._controls[zygote.control.fileno()] = zygote
            self._poll.register(zygote.control, zygote.events)
        self._zygotes[setup] = zygote
        busy = {attempt.zygote for attempt in self._attempts.values()}
        idle = [one for one in self._zygotes.values() if one not in busy and one is not zygote]
        for oldest in idle[: max(0, len(self._zygotes) - MOST_SERVERS)]:
            self._dismiss(oldest)
        return zygote

    def _dismiss(self, zygote: Zygote) -> None:
        self._forget(zygote)
        zygote.close()

    def _forget(self, zygote: Zygote) -> None:
        self._zygotes = {key: one for key, one in self._zygotes.items() if one is not zygote}
        del self._controls[zygote.control.fileno()]
        self._poll.unregister(zygote.control)

    def _ask(self, zygote: Zygote, *request: object) -> None:
        zygote.ask(*request)
        self._poll.modify(zygote.control, zygote.events)

    def _begin(self, attempt: Attempt) -> None:
        zygote = attempt.zygote
        with contextlib.suppress(
            ConnectionError
        ):  # the end of ``control`` says so next, and the attempt is lost with the server
            attempt.begin()
        self._poll.modify(zygote.control, zygote.events)
        self._numbers[zygote, attempt.number] = attempt
        if attempt.filter:
            self._numbers[zygote, attempt.filter] = attempt
        if attempt.link is not None:
            self._links[attempt.link.fileno()] = attempt
            self._poll.register(attempt.link, select.EPOLLIN)

    def _attend(self, zygote: Zygote, events: int) -> None:
        if events & select.EPOLLOUT:
            zygote.flush()
            self._poll.modify(zygote.control, zygote.events)
        for _ in range(_REPORTS_A_SERVER):
            report = zygote.hear()
            if report is None:
                self._lose(zygote)
                return
            if not report:
                return
            self._take_in(zygote, report)

    def _take_in(self, zygote: Zygote, report: list[object]) -> None:
        match report:
            case ["ready"]:
                zygote.ready = True
                for attempt in [one for one in self._attempts.values() if one.zygote is zygote]:
                    self._begin(attempt)
            case ["refused", int(number), str(why)]:
                self._end(zygote, number, Ending(lost=f"no process could be made: {why}"))
            case ["exited", int(number), int(code), float(cpu), int(peak), bool(exceeded)]:
                self._end(zygote, number, Ending(code, cpu, peak, exceeded))

    def _end(self, zygote: Zygote, number: int, ending: Ending) -> None:
        attempt = self._numbers.pop((zygote, number), None)
        if attempt is None:
            zygote.drop_spare(number)
            return
        if number == attempt.filter:
            attempt.filter = 0
        else:
            attempt.ended = ending
        self._listen(attempt)

    def _listen(self, attempt: Attempt) -> None:
        """Read some of what a step said; when it has ended and everything is read, say how it ended."""
        self._notices.extend(attempt.read(_PACKETS_A_STEP))
        if attempt.silent and attempt.link is not None and attempt.link.fileno() in self._links:
            self._unlink(attempt)
        if attempt.silent and attempt.ended is not None and not attempt.filter:
            self._finish(attempt)

    def _unlink(self, attempt: Attempt) -> None:
        if attempt.link is not None and self._links.pop(attempt.link.fileno(), None) is not None:
            self._poll.unregister(attempt.link)

    def _finish(self, attempt: Attempt) -> None:
        self._unlink(attempt)
        attempt.close()
        del self._attempts[attempt.order.key]
        if self._numbers.pop((attempt.zygote, attempt.number), None) is not None:
            attempt.zygote.forget(attempt.number)
        self._tell(attempt.conclude())

    def _lose(self, zygote: Zygote) -> None:
        """A server died: so did its steps. What they had said before still counts."""
        self._forget(zygote)
        why = zygote.complaint()
        zygote.close(wait=False)
        ending = Ending(lost="the process that supervises the step ended" + (f": {why}" if why else ""))
        for attempt in [one for one in self._attempts.values() if one.zygote is zygote]:
            self._numbers.pop((zygote, attempt.number), None)
            self._numbers.pop((zygote, attempt.filter), None)
            attempt.filter, attempt.ended = 0, attempt.ended or ending
            if attempt.link is None:
                attempt.silent = True
            self._listen(attempt)

    def _fail(self, order: StepOrder, why: str) -> None:
        _, failure = judge(order, None, Ending(lost=why), stopped=False)
        self._tell(Exited(order.key, order.attempt, None, failure))

    def _tell(self, exited: Exited) -> None:
        self._notices.append(exited)
        os.eventfd_write(self._wake, 1)
