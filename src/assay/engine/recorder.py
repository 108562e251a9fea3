"""The recorder: everything the runner says goes through here into the log, in order, and then to the observer."""

from __future__ import annotations

import time
from collections.abc import Callable

from assay.ids import Digest, RunId
from assay.model.events import CancelRequested, LoggedEvent, RunEvent, StepFinished
from assay.store.runs import Remember, RunStore

Observer = Callable[[LoggedEvent], None]

_CHATTER_DELAY = 0.1


class Recorder:
    """Buffers events and writes them in one commit.

    What must be durable before the runner acts on it is followed by ``flush``. Chatter (progress, metrics) waits at most
    ``_CHATTER_DELAY`` seconds for company; the end of a step waits until the loop acts on it or falls asleep.

    Args:
        sequence: Of the last event already in the log.
    """

    def __init__(self, runs: RunStore, run: RunId, observe: Observer, sequence: int) -> None:
        self._runs = runs
        self.run = run
        self._observe = observe
        self.sequence = sequence
        self._pending: list[RunEvent] = []
        self._remember: list[Remember] = []
        self._since = 0.0
        self._looked = sequence
        self._cancel_seen = False

    def add(self, *events: RunEvent) -> None:
        """Say something that the next ``flush`` writes."""
        if not self._pending:
            self._since = time.monotonic()
        self._pending.extend(events)

    def remember(self, finished: StepFinished, execution: Remember) -> None:
        """Say that an attempt succeeded, and keep its outputs for reuse, in the same commit."""
        self.add(finished)
        self._remember.append(execution)

    def holds(self, key: Digest) -> bool:
        """Whether an execution of this cache key has ended and is not written yet: nobody who looks in the cache sees it."""
        return any(execution.key == key for execution in self._remember)

    def settle(self) -> None:
        """Write the ends of steps, before the loop falls asleep."""
        if self._remember:
            self.flush()

    def flush(self) -> None:
        """Write what was said in one commit; durable when this returns."""
        if not self._pending:
            return
        events, self._pending = self._pending, []
        remember, self._remember = self._remember, []
        last = self._runs.append(self.run, *events, remember=remember)
        now = time.time()
        first = last - len(events) + 1
        self.sequence = max(self.sequence, last)
        for offset, event in enumerate(events):
            self._observe(LoggedEvent(first + offset, now, event))

    def relay(self, logged: LoggedEvent) -> None:
        """Tell the observer of an event that somebody else wrote."""
        self.flush()
        self._observe(logged)

    def due(self) -> float | None:
        """Return the ``time.monotonic()`` by which ``flush`` should be called, or ``None`` when nothing waits."""
        return self._since + _CHATTER_DELAY if self._pending else None

    def cancel(self) -> None:
        """Write down that this process was asked to end the run."""
        self._cancel_seen = True
        self.add(CancelRequested())
        self.flush()

    def cancel_requested(self) -> bool:
        """Return, once, that somebody else (``assay cancel``) asked for the end.

        Looks at everything since the last look, for their event may stand between two of ours.
        """
        if self._cancel_seen:
            return False
        looked, self._looked = self._looked, self.sequence
        self._cancel_seen = self._runs.cancel_requested(self.run, after=looked)
        return self._cancel_seen
