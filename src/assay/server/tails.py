"""The last lines of what runs: enough for a step on the canvas to say what it is at, without a connection for each."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from assay.ids import RunId
from assay.model.artifacts import Json
from assay.model.events import RunEvent, StepCancelled, StepFailed, StepFinished, StepKey, StepStarted
from assay.model.state import StepStatus, fold
from assay.store import Store

LINES = 3
_BYTES = 4096
_LONGEST = 200


@dataclass(slots=True)
class _Watched:
    file: Path
    size: int = 0
    over: bool = False


class Tails:
    """The logs of the steps of one run that are in work; events say which these are."""

    def __init__(self, store: Store, run: RunId) -> None:
        self._store = store
        self._run = run
        self._watched: dict[StepKey, _Watched] = {}
        for key, step in fold(store.runs.events(run)).steps.items():
            if step.status is StepStatus.RUNNING and not step.elements:
                self._watch(key, step.attempt)

    def heed(self, event: RunEvent) -> None:
        """Take note of a step that begins or ends; one that ends is looked at once more."""
        if isinstance(event, StepStarted):
            self._watch(event.key, event.attempt)
        elif isinstance(event, StepFinished | StepFailed | StepCancelled) and event.key in self._watched:
            self._watched[event.key].over = True

    def grown(self) -> list[dict[str, Json]]:
        """Return ``step``, ``item`` and its last ``lines`` for each log that has grown since it was asked for last."""
        found: list[dict[str, Json]] = []
        for key, watched in list(self._watched.items()):
            if watched.over:
                del self._watched[key]
            try:
                size = watched.file.stat().st_size
            except FileNotFoundError:
                continue
            if size != watched.size:
                watched.size = size
                lines: list[Json] = [*last_lines(watched.file)]
                found.append({"step": key.step, "item": key.item, "lines": lines})
        return found

    def _watch(self, key: StepKey, attempt: int) -> None:
        self._watched[key] = _Watched(self._store.log_file(self._run, key, max(attempt, 1)))


def last_lines(file: Path, count: int = LINES) -> list[str]:
    """Return the last lines that are not empty, each at most 200 characters; of a line written over and over, what it said last."""
    with file.open("rb") as reader:
        reader.seek(max(0, reader.seek(0, os.SEEK_END) - _BYTES))
        text = reader.read().decode("utf-8", errors="replace")
    said = (line.rstrip("\r").rpartition("\r")[2].strip() for line in text.split("\n"))
    return [line[:_LONGEST] for line in said if line][-count:]
