"""Which executor a step gets: a container when it asks for an image, else an environment or a process of this one."""

from __future__ import annotations

import select
from collections.abc import Callable

from assay.engine.executor import Executor, Exited, Notice, StepOrder
from assay.model.events import StepKey


class Dispatcher:
    """An ``Executor`` over two others.

    Args:
        here: Runs what asks for no image.
        contained: Makes the one that runs the others, when the first of them comes.
    """

    def __init__(self, here: Executor, contained: Callable[[], Executor]) -> None:
        self._here = here
        self._make = contained
        self._contained: Executor | None = None
        self._inside: set[StepKey] = set()
        self._poll = select.epoll()
        self._poll.register(here.fileno(), select.EPOLLIN)

    def start(self, order: StepOrder) -> None:
        """Begin an attempt; see ``Executor.start``."""
        if not order.image:
            self._here.start(order)
            return
        if self._contained is None:
            self._contained = self._make()
            self._poll.register(self._contained.fileno(), select.EPOLLIN)
        self._contained.start(order)
        self._inside.add(order.key)

    def stop(self, key: StepKey, *, grace: float = 2.0) -> None:
        """End an attempt; see ``Executor.stop``."""
        if self._contained is not None and key in self._inside:
            self._contained.stop(key, grace=grace)
        else:
            self._here.stop(key, grace=grace)

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._poll.fileno()

    def deadline(self) -> float | None:
        """Return the earlier deadline of the two."""
        times = [one.deadline() for one in (self._here, self._contained) if one is not None]
        return min((moment for moment in times if moment is not None), default=None)

    def drain(self) -> list[Notice]:
        """Return what happened; see ``Executor.drain``."""
        notices = self._here.drain()
        if self._contained is not None:
            told = self._contained.drain()
            self._inside.difference_update(notice.key for notice in told if isinstance(notice, Exited))
            notices = [*notices, *told]
        return notices

    def close(self) -> None:
        """Close both; harmless a second time."""
        self._here.close()
        if self._contained is not None:
            self._contained.close()
        self._poll.close()
