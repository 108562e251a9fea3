"""State derived from the log: fold the events of a run and get what it looks like. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assay.ids import Digest, ParamName, PortName, RunId, StepName
from assay.model import events as ev
from assay.model.artifacts import Json, Output


class StepStatus(enum.StrEnum):
    """Where a step, or one element of a ``foreach`` step, is."""

    WAITING = "waiting"
    RUNNING = "running"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    REUSED = "reused"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def symbol(self) -> str:
        """One character for a terminal."""
        return _SYMBOLS[self]

    @property
    def help(self) -> str:
        """One sentence."""
        return _HELP[self]

    @property
    def finished(self) -> bool:
        """Whether outputs are there."""
        return self in (StepStatus.SUCCEEDED, StepStatus.REUSED)


_SYMBOLS = {
    StepStatus.WAITING: "·",
    StepStatus.RUNNING: "▸",
    StepStatus.RETRYING: "↻",
    StepStatus.SUCCEEDED: "✔",
    StepStatus.REUSED: "≡",
    StepStatus.SKIPPED: "○",
    StepStatus.FAILED: "✘",
    StepStatus.CANCELLED: "■",
}

_HELP = {
    StepStatus.WAITING: "Waits for other steps or for room.",
    StepStatus.RUNNING: "Runs now.",
    StepStatus.RETRYING: "Failed, and will run again after a pause.",
    StepStatus.SUCCEEDED: "Ran, and its outputs are in the store.",
    StepStatus.REUSED: "Did not run: an earlier execution of the same content was taken.",
    StepStatus.SKIPPED: "Did not run: its condition was false, or a step it needs did not finish.",
    StepStatus.FAILED: "Failed; its log, inputs and partial outputs are kept.",
    StepStatus.CANCELLED: "Was ended because the run was cancelled.",
}


@dataclass(slots=True)
class Progress:
    """How far a step says it is."""

    done: float
    total: float | None
    message: str


@dataclass(slots=True)
class StepState:
    """What is known of one place.

    Attributes:
        started, finished: Seconds since the epoch; 0 when not yet.
        reasons: Why it ran.
        because: Why it was skipped: a reason, then a step or an expression.
        elements: Labels of a ``foreach`` step's elements, once known.
        name: Label of an element: its value, or the name of its file.
    """

    key: ev.StepKey
    status: StepStatus = StepStatus.WAITING
    attempt: int = 0
    started: float = 0.0
    finished: float = 0.0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory: int = 0
    cache_key: Digest | None = None
    reasons: tuple[str, ...] = ()
    outputs: Mapping[PortName, Output] = field(default_factory=dict)
    from_run: RunId | None = None
    failure: ev.Failure | None = None
    because: str = ""
    progress: Progress | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    series: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    previews: dict[str, tuple[str, str]] = field(default_factory=dict)
    elements: tuple[str, ...] = ()
    name: str = ""


@dataclass(slots=True)
class RunState:
    """What is known of a run.

    Attributes:
        outcome: ``None`` while it has not ended; whether it still runs or was interrupted only the store knows.
        sequence: Of the last event folded in.
    """

    pipeline: str = ""
    file: str = ""
    document: str = ""
    documents: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    params: Mapping[ParamName, Json] = field(default_factory=dict)
    options: Mapping[str, Json] = field(default_factory=dict)
    started: float = 0.0
    finished: float = 0.0
    outcome: ev.RunOutcome | None = None
    cancelling: bool = False
    sequence: int = 0
    steps: dict[ev.StepKey, StepState] = field(default_factory=dict)

    def step(self, key: ev.StepKey) -> StepState:
        """Return the state of a place, made when it is new."""
        state = self.steps.get(key)
        if state is None:
            state = self.steps[key] = StepState(key)
        return state

    def elements_of(self, step: StepName) -> list[StepState]:
        """Return the places of a ``foreach`` step's elements, in order."""
        found = [state for key, state in self.steps.items() if key.step == step and key.item is not None]
        return sorted(found, key=lambda state: state.key.item or 0)

    def apply(self, logged: ev.LoggedEvent) -> None:
        """Fold one more event in."""
        self.sequence = logged.sequence
        event = logged.event
        if isinstance(event, ev.RunStarted | ev.RunResumed | ev.RunFinished | ev.CancelRequested):
            self._apply_run(event, logged.time)
        elif isinstance(event, ev.StepExpanded | ev.StepMapped):
            self._apply_mapped(event, logged.time)
        elif isinstance(event, ev.StepMetric | ev.StepProgress | ev.StepPreview):
            self._apply_message(event)
        else:
            self._apply_step(event, logged.time)

    def _apply_run(self, event: ev.RunEvent, time: float) -> None:
        match event:
            case ev.RunStarted():
                self.pipeline, self.file, self.document = event.pipeline, event.file, event.document
                self.params, self.options, self.version = event.params, event.options, event.version
                self.documents = event.documents
                self.started = time
            case ev.RunResumed():
                self.outcome, self.cancelling, self.finished = None, False, 0.0
                self.steps = {key: state for key, state in self.steps.items() if _stays(state)}
            case ev.CancelRequested():
                self.cancelling = True
            case ev.RunFinished(outcome):
                self.outcome, self.finished = outcome, time

    def _apply_mapped(self, event: ev.StepExpanded | ev.StepMapped, time: float) -> None:
        state = self.step(ev.StepKey(event.step))
        if isinstance(event, ev.StepExpanded):
            state.status, state.elements = StepStatus.RUNNING, event.labels
            for index, label in enumerate(event.labels):
                self.step(ev.StepKey(event.step, index)).name = label
            state.started = state.started or time
        else:
            elements = self.elements_of(event.step)
            reused = bool(elements) and all(e.status is StepStatus.REUSED for e in elements)
            state.status = StepStatus.REUSED if reused else StepStatus.SUCCEEDED
            state.outputs, state.finished = event.outputs, time
            state.seconds = time - state.started

    def _apply_message(self, event: ev.StepMetric | ev.StepProgress | ev.StepPreview) -> None:
        state = self.step(event.key)
        match event:
            case ev.StepMetric(_, name, value, index):
                state.metrics[name] = value
                if index is not None:
                    state.series.setdefault(name, []).append((index, value))
            case ev.StepProgress(_, done, total, message):
                state.progress = Progress(done, total, message)
            case ev.StepPreview(_, name, media_type, data):
                state.previews[name] = (media_type, data)

    def _apply_step(self, event: ev.RunEvent, time: float) -> None:
        match event:
            case ev.StepStarted(key, attempt, cache_key, reasons):
                state = self.step(key)
                state.status, state.attempt, state.started = StepStatus.RUNNING, attempt, time
                state.cache_key, state.reasons, state.failure = cache_key, reasons, None
                state.metrics, state.series, state.progress = {}, {}, None
            case ev.StepFinished():
                state = self.step(event.key)
                state.status, state.finished, state.outputs = StepStatus.SUCCEEDED, time, event.outputs
                state.seconds, state.cpu_seconds = event.seconds, event.cpu_seconds
                state.peak_memory, state.cache_key = event.peak_memory, event.cache_key
            case ev.StepReused(key, cache_key, outputs, from_run):
                state = self.step(key)
                state.status, state.finished, state.outputs = StepStatus.REUSED, time, outputs
                state.cache_key, state.from_run = cache_key, from_run
            case ev.StepSkipped(key, reason, because):
                state = self.step(key)
                state.status, state.finished, state.because = StepStatus.SKIPPED, time, f"{reason} {because}".strip()
            case ev.StepFailed():
                state = self.step(event.key)
                again = event.retry_in is not None
                state.status = StepStatus.RETRYING if again else StepStatus.FAILED
                state.failure, state.finished, state.seconds = event.failure, time, event.seconds
                state.peak_memory, state.attempt = event.peak_memory, event.attempt
            case ev.StepCancelled(key, attempt):
                state = self.step(key)
                state.status, state.finished, state.attempt = StepStatus.CANCELLED, time, attempt


def _stays(state: StepState) -> bool:
    """After a resume, finished places stay; all others begin anew. A skipped condition is judged again, which is cheap."""
    return state.status.finished


def fold(events: Iterable[ev.LoggedEvent]) -> RunState:
    """Return the state after all ``events``, in order of their sequence."""
    state = RunState()
    for logged in events:
        state.apply(logged)
    return state
