"""An explanation that somebody asked for: in a process of its own, one at a time, within a time, and ended when nobody wants it any more."""

from __future__ import annotations

import contextlib
import enum
import subprocess
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from assay.errors import AssayError
from assay.server.explore.examiner import Answer, ExaminerFailed, ended_after, exchange, started

LIMIT = 600.0
"""Seconds after which an explanation is ended."""

_KEPT = 32


class ExplanationGoing(AssayError):  # noqa: N818  (like its kin in errors.py)
    """Another image is being explained."""

    code: ClassVar[str] = "explanation-going"


class Status(enum.StrEnum):
    """How an explanation stands."""

    NONE = "none"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class Explanation:
    """One explanation.

    Attributes:
        done, total: How often the model was asked, and about how often it will be.
        answer: What came of it, and its heat as a picture.
        problem: Why there is none.
        process: What works on it, while it does.
    """

    status: Status = Status.NONE
    done: int = 0
    total: int = 0
    answer: Answer | None = None
    problem: AssayError | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)


class Explainer:
    """Explains one image at a time; safe in many threads. The last 32 explanations are kept.

    Args:
        log: File for what the process prints.
        limit: Seconds for one explanation.
        start: Starts the process.
    """

    def __init__(
        self, log: Path, limit: float = LIMIT, start: Callable[[Path], subprocess.Popen[bytes]] = started
    ) -> None:
        self._log, self._limit, self._start = log, limit, start
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, Explanation] = OrderedDict()

    def begin(self, key: Hashable, order: Mapping[str, Any]) -> Explanation:
        """Have an image explained, unless it was or is; ``key`` names it. One that failed or was cancelled is begun anew.

        Raises:
            ExplanationGoing: Another image is being explained.
        """
        with self._lock:
            found = self._known.get(key)
            if found and found.status in {Status.RUNNING, Status.DONE}:
                return found
            if any(one.status is Status.RUNNING for one in self._known.values()):
                raise ExplanationGoing(
                    "another image is being explained", hint="wait until it has ended, or cancel it where it was begun"
                )
            made = Explanation(Status.RUNNING, process=self._start(self._log))
            self._known[key] = made
            self._known.move_to_end(key)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        threading.Thread(target=self._carry_out, args=(made, order), daemon=True, name="explanation").start()
        return made

    def look(self, key: Hashable) -> Explanation:
        """Return how an explanation stands."""
        with self._lock:
            return self._known.get(key) or Explanation()

    def cancel(self, key: Hashable) -> Explanation:
        """End an explanation that is going on."""
        with self._lock:
            found = self._known.get(key) or Explanation()
            if found.status is Status.RUNNING:
                found.status = Status.CANCELLED
                _end(found)
        return found

    def close(self) -> None:
        """End what is going on."""
        with self._lock:
            keys = list(self._known)
        for key in keys:
            self.cancel(key)

    def _carry_out(self, made: Explanation, order: Mapping[str, Any]) -> None:
        process = made.process
        assert process is not None

        def tell(done: int, total: int) -> None:
            made.done, made.total = done, total

        answer, problem = None, None
        with ended_after(self._limit, process) as late:
            try:
                answer = exchange(process, order, tell)
            except AssayError as error:
                problem = error
        with self._lock:
            _end(made)
            _close(process)
            if made.status is Status.CANCELLED:
                return
            made.answer = answer
            made.problem = None if answer else problem or _ended(late.is_set(), self._limit)
            made.status = Status.DONE if answer else Status.FAILED


def _ended(late: bool, limit: float) -> ExaminerFailed:  # noqa: FBT001  (one of two reasons)
    if late:
        return ExaminerFailed(
            f"the explanation was ended after {limit:.0f} s",
            hint="an explanation step of a pipeline may take as long as it needs",
        )
    return ExaminerFailed(
        "the process that explains ended before it answered", hint="its last words are in .assay/logs/studio.log"
    )


def _end(made: Explanation) -> None:
    process, made.process = made.process, None
    if process is not None:
        process.kill()
        process.wait()


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(BrokenPipeError):  # an order that was not taken
            assert pipe is not None
            pipe.close()
