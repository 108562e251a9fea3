"""Requests that come close together are answered in one call of the model, when that was asked for."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np

from assay.serving.decoding import Pixels
from assay.serving.model import Answer

MOST_TOGETHER = 64
"""Pictures in one call of the model."""


@dataclass(slots=True)
class _Waiting:
    pixels: Pixels
    answers: Future[list[Answer]] = field(default_factory=Future)


class Batcher:
    """Waits a bounded time for more requests, then asks the model about all of their pictures at once.

    The first request of a batch waits at most ``wait``; nobody waits while ``most`` pictures are there. An error of one call is the
    error of everybody in it.

    Args:
        ask: The model.
        wait: Seconds, above 0.
        most: Pictures in one call; a larger request is a call of its own.
    """

    def __init__(self, ask: Callable[[Pixels], list[Answer]], wait: float, most: int = MOST_TOGETHER) -> None:
        self._ask, self._wait, self._most = ask, wait, most
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._worker = threading.Thread(target=self._work, name="assay-batches", daemon=True)
        self._worker.start()

    def submit(self, pixels: Pixels) -> Future[list[Answer]]:
        """Return what will be the answers, in order."""
        one = _Waiting(pixels)
        self._waiting.put(one)
        return one.answers

    def close(self) -> None:
        """Answer what has been submitted, and end."""
        self._waiting.put(None)
        self._worker.join()

    def _work(self) -> None:
        held: _Waiting | None = None
        while (first := held or self._waiting.get()) is not None:
            batch, held, ended = self._gather(first)
            self._answer(batch)
            if ended:
                return

    def _gather(self, first: _Waiting) -> tuple[list[_Waiting], _Waiting | None, bool]:
        """Return a batch, the request that did not fit into it, and whether the end was asked for."""
        batch, size, until = [first], len(first.pixels), time.monotonic() + self._wait
        while size < self._most:
            try:
                one = self._waiting.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if one is None:
                return batch, None, True
            if size + len(one.pixels) > self._most:
                return batch, one, False
            batch.append(one)
            size += len(one.pixels)
        return batch, None, False

    def _answer(self, batch: Sequence[_Waiting]) -> None:
        try:
            answers = self._ask(np.concatenate([one.pixels for one in batch]))
        except Exception as error:  # noqa: BLE001  (handed to everybody who waits; the thread has to live on)
            for one in batch:
                one.answers.set_exception(error)
            return
        place = 0
        for one in batch:
            one.answers.set_result(answers[place : place + len(one.pixels)])
            place += len(one.pixels)
