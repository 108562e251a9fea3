"""Where a request is answered and counted, whichever protocol it came by."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool

from assay.serving.asking import Asked
from assay.serving.batching import Batcher
from assay.serving.counting import Counts
from assay.serving.events import Events, Finished
from assay.serving.faults import RequestFault
from assay.serving.model import Answer, ServedModel

_AT_ONCE = 0.001
"""Seconds. What is answered sooner is answered at once: handing it to another thread would take as long."""


class Desk:
    """A served model with its counters.

    Args:
        model: Answers.
        wait: Seconds that a request may wait for others to be answered with it; 0: none does.
        events: Are told of every request; ``None``: nobody is.
    """

    def __init__(self, model: ServedModel, *, wait: float = 0.0, events: Events | None = None) -> None:
        self.model = model
        self.counts = Counts(model)
        self._events = events
        if events is not None:
            self.counts.events(events)
        self._turn = asyncio.Lock()
        """Who is answered at once is answered in the order of coming. Without it the loop answers all that are there before it looks
        for more, always in the order of their connections, and the last of them waits for two rounds."""
        self._batcher = Batcher(model.answers, wait) if wait > 0 else None

    @property
    def payloads(self) -> bool:
        """Whether somebody wants to know what was asked and answered."""
        return self._events is not None and self._events.payloads

    def finished(self, finished: Finished) -> None:
        """Count and log a request, and tell whoever wants to know."""
        self.counts.finished(finished)
        if self._events is not None:
            self._events.put(finished)

    def named(self, name: str) -> None:
        """Raise ``RequestFault`` when the model is called otherwise."""
        if name != self.model.name:
            raise RequestFault(
                f"there is no model {name!r}", status=404, culprit=name, hint=f"there is {self.model.name!r}"
            )

    def answers(self, asked: Asked) -> Sequence[Answer]:
        """Return the answers, from any thread."""
        batcher = self._batcher
        found = self.model.answers(asked.pixels) if batcher is None else batcher.submit(asked.pixels).result()
        self.counts.answers(asked, found)
        return found

    async def answers_soon(self, asked: Asked) -> Sequence[Answer]:
        """Return the answers, from an event loop."""
        if self._batcher is not None:
            found = await asyncio.wrap_future(self._batcher.submit(asked.pixels))
        elif len(asked.pixels) * self.model.seconds < _AT_ONCE:
            async with self._turn:
                await asyncio.sleep(0)  # who has come meanwhile stands in line
                found = self.model.answers(asked.pixels)
        else:
            found = await run_in_threadpool(self.model.answers, asked.pixels)
        self.counts.answers(asked, found)
        return found
