"""A process that knows images and models, asked one thing at a time; started when it is needed, and anew when it has ended."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from assay.errors import AssayError, ComponentError, ExitCode, MissingDependency, NotFound

PATIENCE = 300.0
"""Seconds for one answer; then the process is ended."""

_LARGEST_ANSWER = 64 << 20
_KINDS: dict[str, type[AssayError]] = {kind.code: kind for kind in (ComponentError, MissingDependency, NotFound)}


class ExaminerFailed(AssayError):  # noqa: N818  (like its kin in errors.py)
    """The process ended before it answered, or took too long."""

    code: ClassVar[str] = "examiner"
    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, and the bytes of a picture; none for an answer in words."""

    body: dict[str, Any]
    content: bytes


class Examiner:
    """Asks ``python -m assay.explore``; safe in many threads, which wait for each other.

    Args:
        log: File for what the process prints.
        patience: Seconds for one answer.
    """

    def __init__(self, log: Path, patience: float = PATIENCE) -> None:
        self._log = log
        self._patience = patience
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, order: Mapping[str, Any]) -> Answer:
        """Have an order carried out.

        Raises:
            AssayError: What the process says that is wrong, of the same kind as over there.
            ExaminerFailed: The process ended, or was ended because it took too long.
        """
        with self._lock:
            answer = self._asked(order)
            if answer is None:  # it had been idle and has ended: a new one is asked once
                answer = self._asked(order)
        if answer is None:
            raise ExaminerFailed(
                "the process that looks at images ended before it answered",
                hint="its last words are in .assay/logs/studio.log",
            )
        return answer

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _asked(self, order: Mapping[str, Any]) -> Answer | None:
        if self._process is None:
            self._process = started(self._log)
        with ended_after(self._patience, self._process) as late:
            answer = exchange(self._process, order)
        if answer is None:
            self._end()
            if late.is_set():
                raise ExaminerFailed(
                    f"no answer within {self._patience:.0f} s", hint="ask about smaller images or a smaller model"
                )
        return answer

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        with contextlib.suppress(BrokenPipeError):  # an order that was not taken
            process.communicate()


def started(log: Path) -> subprocess.Popen[bytes]:
    """Start a process that takes orders; what it prints is added to ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as printed:
        return subprocess.Popen(
            [sys.executable, "-m", "assay.explore"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=printed
        )


@contextlib.contextmanager
def ended_after(seconds: float, process: subprocess.Popen[bytes]) -> Iterator[threading.Event]:
    """Kill a process that takes longer; yields what is set when it did."""
    late = threading.Event()

    def give_up() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, give_up)
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _silent(_done: int, _total: int) -> None:
    """Hear how far an order is, and do nothing with it."""


def exchange(
    process: subprocess.Popen[bytes], order: Mapping[str, Any], tell: Callable[[int, int], None] = _silent
) -> Answer | None:
    """Give an order and read its answer; ``None`` when the process has ended. ``tell`` hears how far it is."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(dict(order)).encode() + b"\n")
        process.stdin.flush()
    except BrokenPipeError:
        return None
    while True:
        line = process.stdout.readline()
        if not line.endswith(b"\n"):
            return None
        head = json.loads(line)
        if "done" not in head:
            break
        tell(head["done"], head["total"])
    if head["bytes"] > _LARGEST_ANSWER:
        return None
    content = process.stdout.read(head["bytes"])
    if len(content) < head["bytes"]:
        return None
    if "problem" in head:
        said = head["problem"]
        kind = _KINDS.get(said["code"], AssayError)
        raise kind(said["message"], culprit=said["culprit"], hint=said["hint"])
    return Answer(head["body"], content)
