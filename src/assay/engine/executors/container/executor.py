"""Runs steps in containers: the engine's side, which starts, listens and never waits."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import threading
import time
from collections.abc import Callable

from assay.engine.executor import Exited, Notice, StepOrder
from assay.engine.executors.container.attempt import ContainerAttempt
from assay.engine.executors.container.daemon import ContainerError
from assay.engine.executors.container.images import Images
from assay.engine.executors.container.request import LABEL, User
from assay.engine.executors.process.orphans import MARK
from assay.model.events import Failure, StepKey

_NOTICES_A_DRAIN = 256
_PATIENCE = 10.0
_NOBODY = 65532
"""The number that images without a root user have for theirs; any but 0 would do."""


class ContainerExecutor:
    """An ``Executor`` by docker or podman: each step is a container, with a thread here that waits for it.

    Inputs are mounted read-only, so is the image; no capability, no new privilege, no network unless the component asks for it, no root.

    Args:
        orphan_mark: As for ``ProcessExecutor``; also a label of each container.
        images: Finds and pulls images.
    """

    def __init__(self, orphan_mark: str, images: Images) -> None:
        self._mark = orphan_mark
        self._images = images
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._poll = select.epoll()
        self._poll.register(self._wake, select.EPOLLIN)
        self._attempts: dict[StepKey, ContainerAttempt] = {}
        self._threads: set[threading.Thread] = set()
        self._told: queue.SimpleQueue[Notice] = queue.SimpleQueue()
        self._user: User | None = None

    def start(self, order: StepOrder) -> None:
        """Begin an attempt; see ``Executor.start``."""
        if order.key in self._attempts:
            raise ValueError(f"{order.key} is running already")
        try:
            self._user = self._user or _user(self._images)
        except ContainerError as error:
            self._tell(Exited(order.key, order.attempt, None, Failure(error.code, error.message, "", error.hint)))
            return
        attempt = ContainerAttempt(order, self._images, self._tell, self._user, (MARK, f"{self._mark}#container"))
        self._attempts[order.key] = attempt
        self._begin(attempt.run)

    def stop(self, key: StepKey, *, grace: float = 2.0) -> None:
        """End an attempt; see ``Executor.stop``."""
        attempt = self._attempts.get(key)
        if attempt is not None:
            self._begin(lambda: attempt.stop(grace))

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._poll.fileno()

    def deadline(self) -> float | None:
        """Return ``None``: the threads keep all times themselves."""
        return None

    def drain(self) -> list[Notice]:
        """Return what happened; see ``Executor.drain``."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._wake)
        notices: list[Notice] = []
        while len(notices) < _NOTICES_A_DRAIN and not self._told.empty():
            notices.append(self._told.get())
            if isinstance(notices[-1], Exited):
                self._attempts.pop(notices[-1].key, None)
        if not self._told.empty():
            os.eventfd_write(self._wake, 1)
        self._threads = {thread for thread in self._threads if thread.is_alive()}
        return notices

    def close(self) -> None:
        """Kill every container; harmless a second time."""
        if self._poll.closed:
            return
        for attempt in self._attempts.values():
            self._begin(lambda attempt=attempt: attempt.stop(0.0))
        until = time.monotonic() + _PATIENCE  # one that pulls an image ends with this process
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._poll.close()
        os.close(self._wake)

    def _begin(self, work: object) -> None:
        thread = threading.Thread(target=work, name="container", daemon=True)  # type: ignore[arg-type]
        self._threads.add(thread)
        thread.start()

    def _tell(self, notice: Notice) -> None:
        self._told.put(notice)
        with contextlib.suppress(OSError):  # closed: nobody listens any more
            os.eventfd_write(self._wake, 1)


def _user(images: Images) -> User:
    """Return who runs in containers: the engine's user, so that its files are his; nobody, when that is root."""
    if images.daemon.rootless():
        return User(0, 0, rootless=True)  # an ordinary user's own number outside
    if os.getuid() == 0:
        return User(_NOBODY, _NOBODY)
    return User(os.getuid(), os.getgid())


def remove_left(images: Images, store: str, lives: Callable[[str], bool]) -> int:
    """Remove the containers that dead engines of a store left behind; return how many there were.

    Args:
        store: What the marks of its runs begin with.
        lives: Whether the run of a mark goes on.
    """
    try:
        daemon, count = images.daemon, 0
    except ContainerError:  # the first step says so
        return 0
    for found in daemon.call("GET", "/containers/json", all=1, filters=json.dumps({"label": [LABEL]})):
        mark = str(found["Labels"][LABEL]).rpartition("#")[0]
        if mark.startswith(store) and not lives(mark):
            with contextlib.suppress(ContainerError):  # another engine removes it at the same time
                daemon.call("DELETE", f"/containers/{found['Id']}", force=1, v=1)
                count += 1
    return count
