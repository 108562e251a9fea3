"""Printing logs: bytes as they are, followed while they grow."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.terminal import note, raw
from assay.model.state import RunState, StepStatus

if TYPE_CHECKING:
    from assay.ids import RunId
    from assay.model.events import StepKey
    from assay.store.store import Store

_CHUNK = 1 << 16
_PAUSE = 0.1
_GOING = (StepStatus.WAITING, StepStatus.RUNNING, StepStatus.RETRYING)


class Tail:
    """A growing file, read from where it was left."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._place = 0

    def read(self) -> bytes:
        """Return what is new, at most 64 KiB; nothing when the file is not there yet."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._place)
                data = file.read(_CHUNK)
        except FileNotFoundError:
            return b""
        self._place += len(data)
        return data


def print_file(tail: Tail) -> None:
    """Write everything that is new to stdout."""
    while data := tail.read():
        raw(data)


def follow_step(store: Store, run: RunId, state: RunState, key: StepKey) -> None:
    """Write a step's output as it comes, attempt after attempt, until the step has ended or its run is no longer alive."""
    attempt = 0
    tail: Tail | None = None
    while True:
        alive = store.runs.held(run)
        for logged in store.runs.events(run, after=state.sequence):
            state.apply(logged)
        step = state.step(key)
        over = step.status not in _GOING  # asked before the file is read: what was printed until then is in it
        if step.attempt and step.attempt != attempt:
            if tail is not None:
                print_file(tail)
                note(f"==> attempt {step.attempt} <==", "bold")
            attempt, tail = step.attempt, Tail(store.log_file(run, key, step.attempt))
        if tail is not None:
            print_file(tail)
        if over or not alive:
            _say_end(step.status, alive=alive)
            return
        sys.stdout.flush()
        time.sleep(_PAUSE)


def _say_end(status: StepStatus, *, alive: bool) -> None:
    if status in _GOING and not alive:
        note("the run is not going on: assay resume", "yellow")
    else:
        note(f"{status.symbol} {status}", "dim")
