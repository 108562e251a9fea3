"""A worker: a process beside the engine of a run that takes elements of its ``foreach`` steps and runs them."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Mapping

from assay.engine.attempts import Attempt, Attempts, Place
from assay.engine.endings import failure_of_attempt, finished
from assay.engine.executor import Executor, Exited, Message
from assay.engine.folders import WorkFolders
from assay.engine.job import Job
from assay.engine.messages import message_events
from assay.engine.offers import place_of
from assay.engine.recorder import Recorder
from assay.errors import StoreError
from assay.ids import PortName
from assay.model import events as ev
from assay.model.artifacts import Output
from assay.store import Store
from assay.store.work import Offer

_ASK_EVERY = 0.05
_CANCEL_POLL = 0.25


class Worker:
    """Runs elements of one run until none is left.

    It needs no living engine: what it does goes into the log, and whoever runs or resumes the run takes it from there.

    Args:
        owner: Its name among those who claim elements.
        most: Most elements at one time.
    """

    def __init__(
        self, job: Job, store: Store, executor: Executor, recorder: Recorder, *, owner: str, most: int
    ) -> None:
        self._job = job
        self._store = store
        self._executor = executor
        self._recorder = recorder
        self._owner = owner
        self._most = most
        self._folders = WorkFolders(store, job.run)
        self._attempts = Attempts(job, store, executor, self._folders)
        self._waiting: set[ev.StepKey] = set()
        self._leaving = self._cancelled = False
        self._next_ask = 0.0
        self._next_cancel = 0.0
        self._poll = select.poll()
        self._poll.register(executor.fileno(), select.POLLIN)
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._poll.register(self._wake_read, select.POLLIN)
        self.done = 0
        self.failed = 0

    def request_cancel(self) -> None:
        """Ask it to take nothing more, and to leave when what it has in hand has ended. Safe to call from a signal handler."""
        self._leaving = True
        os.write(self._wake_write, b"l")

    def run(self) -> None:
        """Take and run elements.

        Raises:
            StoreError: The record cannot be written.
            CodeChanged: A component is no longer what the engine planned with.
        """
        while self._take() or self._busy or self._more_may_come():
            self._wait()
        self._recorder.flush()

    def close(self) -> None:
        """Release what the loop holds."""
        self._folders.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    @property
    def _busy(self) -> int:
        return len(self._attempts.running) + len(self._waiting)

    def _more_may_come(self) -> bool:
        """Return whether to stay with empty hands: the run goes on, or something is free that ``parallel:`` keeps back."""
        if self._leaving:
            return False
        return self._store.runs.held(self._job.run) or self._store.runs.work.free(self._job.run) > 0

    def _take(self) -> bool:
        """Take what there is room for; return whether anything was."""
        taken = False
        now = time.monotonic()
        while not self._leaving and self._busy < self._most and now >= self._next_ask:
            offer = self._store.runs.work.take(self._job.run, self._owner, self._started)
            if offer is None:
                self._next_ask = now + _ASK_EVERY
                break
            taken = True
            self._attempts.numbers[offer.key] = offer.attempt
            self._begin(place_of(offer, self._job), offer.attempt)
        return taken

    def _started(self, offer: Offer) -> ev.RunEvent:
        place = place_of(offer, self._job)
        return ev.StepStarted(offer.key, offer.attempt, place.binding.key, place.reasons)

    def _begin(self, place: Place, number: int) -> None:
        try:
            self._attempts.begin(place, number)
        except StoreError as error:
            self._fail(place, ev.StepFailed(place.key, number, ev.Failure(error.code, error.message, "", error.hint)))

    def _wait(self) -> None:
        self._recorder.settle()
        now = time.monotonic()
        times = (self._attempts.due(), self._recorder.due(), self._executor.deadline(), now + _ASK_EVERY)
        until = min(moment for moment in times if moment is not None)
        for descriptor, _ in self._poll.poll(max(0.0, until - now) * 1000):
            if descriptor == self._wake_read:
                os.read(self._wake_read, 4096)
        for notice in self._executor.drain():
            if isinstance(notice, Message):
                self._recorder.add(*message_events(notice.key, notice.data))
            else:
                self._exited(notice)
        for place in self._attempts.expire():
            self._again(place)
        due = self._recorder.due()
        if due is not None and due <= time.monotonic():
            self._recorder.flush()
        self._watch_cancel(time.monotonic())

    def _again(self, place: Place) -> None:
        self._waiting.discard(place.key)
        number = self._attempts.next_number(place.key)
        self._recorder.add(ev.StepStarted(place.key, number, place.binding.key, place.reasons))
        self._recorder.flush()
        self._begin(place, number)

    def _watch_cancel(self, now: float) -> None:
        if now < self._next_cancel:
            return
        self._next_cancel = now + _CANCEL_POLL
        if self._recorder.cancel_requested():
            self._leaving = self._cancelled = True
            for key in self._attempts.stop_all():
                self._waiting.discard(key)
                self._recorder.add(ev.StepCancelled(key, self._attempts.numbers[key]))

    def _exited(self, notice: Exited) -> None:
        attempt = self._attempts.end(notice.key)
        seconds = time.monotonic() - attempt.began
        if notice.outputs is not None:
            self._succeeded(attempt, notice, notice.outputs, seconds)
        elif attempt.ending == "cancel":
            self._recorder.add(ev.StepCancelled(notice.key, attempt.number))
        else:
            failure = failure_of_attempt(attempt, notice)
            delay = None if self._cancelled else self._attempts.retry_delay(attempt, failure.code)
            event = ev.StepFailed(notice.key, attempt.number, failure, delay, seconds, notice.peak_memory)
            self._fail(attempt.place, event)

    def _succeeded(self, attempt: Attempt, notice: Exited, outputs: Mapping[PortName, Output], seconds: float) -> None:
        self._recorder.remember(*finished(attempt, notice, outputs, seconds, self._job.pipeline.name))
        self._recorder.flush()
        self._folders.discard(attempt.folder)
        self.done += 1

    def _fail(self, place: Place, event: ev.StepFailed) -> None:
        self._recorder.add(event)
        self._recorder.flush()
        if event.retry_in is None:
            self.failed += 1
        else:
            self._waiting.add(place.key)
            self._attempts.repeat_in(place, event.retry_in)
