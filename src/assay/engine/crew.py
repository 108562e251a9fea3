"""The engine's side of the workers that have joined its run: offers them elements, hears how those went, buries the dead."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable

from assay.engine.attempts import Place
from assay.engine.offers import offer_of
from assay.ids import RunId
from assay.model import events as ev
from assay.store import Store

_LOOK_FOR_WORKERS = 0.25
_LOOK_AT_WORKERS = 0.05

_OF_ELEMENTS = (
    ev.StepStarted,
    ev.StepFinished,
    ev.StepFailed,
    ev.StepCancelled,
    ev.StepMetric,
    ev.StepProgress,
    ev.StepPreview,
)


def worker_lock(run: RunId, owner: str) -> RunId:
    """Return the name of the lock that a worker holds while it lives; its processes carry the same name."""
    return RunId(f"{run}.{owner}")


class Crew:
    """The workers of one run.

    Args:
        sequence: Of the last event that the engine knows.
        end_processes: Ends every process that belongs to the lock of that name, and returns when they are gone.
    """

    def __init__(self, store: Store, run: RunId, sequence: int, end_processes: Callable[[RunId], None]) -> None:
        self._store = store
        self._run = run
        self._heard = sequence
        self._end_processes = end_processes
        self._next_look = 0.0
        self._closed = False
        self.present = False

    def due(self) -> float:
        """Return the ``time.monotonic()`` of the next look."""
        return self._next_look

    def look(self) -> bool:
        """See who has joined, and bury who was killed; return whether the first has come, who must be offered everything."""
        now = time.monotonic()
        if now < self._next_look:
            return False
        workers = self._store.runs.work.workers(self._run)
        for owner in workers:
            lock = worker_lock(self._run, owner)
            if not self._store.runs.held(lock):
                self._end_processes(lock)
                self._store.runs.work.bury(self._run, owner)
        first = bool(workers) and not self.present
        self.present = self.present or first
        self._next_look = now + (_LOOK_AT_WORKERS if self.present else _LOOK_FOR_WORKERS)
        return first

    def offer(self, places: Iterable[Place], attempt: Callable[[ev.StepKey], int]) -> None:
        """Let workers take elements.

        Args:
            attempt: Returns the number of an element's next attempt.
        """
        if not self._closed:
            elements = [place for place in places if place.key.item is not None]
            self._store.runs.work.offer(self._run, [offer_of(place, attempt(place.key)) for place in elements])

    def close(self) -> Collection[ev.StepKey]:
        """Offer nothing any more; return what is in the hands of workers."""
        self._closed = True
        if not self.present:
            return ()
        self._store.runs.work.withdraw(self._run)
        return self._store.runs.work.in_hand(self._run).keys()

    def hear(self) -> list[tuple[ev.StepKey, ev.LoggedEvent]]:
        """Return what has been written since the last call about elements, by anybody."""
        if not self.present:
            return []
        logged = list(self._store.runs.events(self._run, self._heard))
        if logged:
            self._heard = logged[-1].sequence
        return [
            (one.event.key, one)
            for one in logged
            if isinstance(one.event, _OF_ELEMENTS) and one.event.key.item is not None
        ]
