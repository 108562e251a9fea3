"""Watching a run: the state is folded as events come, and said in the way the reader wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from assay.cli import terminal
from assay.cli.stepline import step_cells
from assay.cli.terminal import Cell, note, say, say_cells
from assay.ids import RunId, StepName
from assay.model import events as ev
from assay.model.artifacts import Json
from assay.model.state import RunState
from assay.views.remarks import reasons

_SAY_EVERY = 15.0
"""Seconds between two progress lines of one step where no terminal shows a bar."""


class Watcher(Protocol):
    """Is told of the run's id, then of every event, then to stop."""

    state: RunState

    def begin(self, run: RunId, past: Iterable[ev.LoggedEvent]) -> None:
        """The run has an id, and a past: its first event, or all of an interrupted one."""

    def see(self, logged: ev.LoggedEvent) -> None:
        """Something happened; it is already durable."""

    def end(self) -> None:
        """Nothing more comes."""


class PlainWatcher:
    """A line for everything that begins or ends: for logs, pipes and terminals without colour.

    Args:
        width: Room for the names of the steps.
        title: What runs.
    """

    def __init__(self, width: int, title: str) -> None:
        self.state = RunState()
        self.width = width
        self._title = title
        self._said: dict[str, float] = {}
        self._done: dict[str, int] = {}

    def begin(self, run: RunId, past: Iterable[ev.LoggedEvent]) -> None:
        """Say which run this is."""
        for logged in past:
            self.state.apply(logged)
        say_cells(Cell("run ", "dim"), Cell(run, "bold"), Cell(f"  {self._title}"))

    def see(self, logged: ev.LoggedEvent) -> None:
        """Say what is worth a line."""
        self.state.apply(logged)
        match logged.event:
            case ev.StepStarted(key, attempt, _, why) if key.item is None:
                again = f"attempt {attempt}: " if attempt > 1 else ""
                self._started(str(key), f"{again}{reasons(why)}")
            case ev.StepExpanded(step, labels):
                self._started(step, f"{len(labels)} elements")
            case ev.StepProgress(key) if key.item is None:
                self._progressed(key, logged.time)
            case ev.StepMapped(step):
                self.line(ev.StepKey(step))
            case ev.CancelRequested():
                self.notice("cancelling: what runs is ended, final steps still run; Ctrl+C again ends at once")
            case _:
                self._ended(logged.event)

    def end(self) -> None:
        """Nothing is left to tidy."""

    def line(self, key: ev.StepKey) -> None:
        """Say the line of a step."""
        say_cells(*step_cells(self.state.step(key), self.width, why=False))

    def notice(self, text: str) -> None:
        """Say something that is no step."""
        note(text, "yellow")

    def _started(self, name: str, why: str) -> None:
        say(f"▸ {name.ljust(self.width)}  {why}".rstrip())

    def _ended(self, event: ev.RunEvent) -> None:
        if not isinstance(event, ev.StepFinished | ev.StepReused | ev.StepSkipped | ev.StepFailed | ev.StepCancelled):
            return
        key = event.key
        if key.item is None or isinstance(event, ev.StepFailed):
            self.line(key)
        if key.item is not None:
            self._counted(key.step, ran=not isinstance(event, ev.StepReused))

    def _counted(self, step: str, *, ran: bool) -> None:
        """Say every tenth part of a ``foreach`` step, as far as it takes time."""
        done = self._done[step] = self._done.get(step, 0) + 1
        total = len(self.state.steps[ev.StepKey(StepName(step))].elements)
        if ran and total and done * 10 // total > (done - 1) * 10 // total and done < total:
            say(f"  {step.ljust(self.width)}  {done}/{total}")

    def _progressed(self, key: ev.StepKey, time: float) -> None:
        state = self.state.step(key)
        if time - self._said.setdefault(str(key), state.started) < _SAY_EVERY or state.progress is None:
            return
        self._said[str(key)] = time
        progress = state.progress
        share = f"{progress.done / progress.total:.0%}" if progress.total else f"{progress.done:g}"
        say(f"  {str(key).ljust(self.width)}  {share}  {progress.message}".rstrip())


class JsonWatcher:
    """One JSON object a line: every event as it is in the log."""

    def __init__(self) -> None:
        self.state = RunState()

    def begin(self, run: RunId, past: Iterable[ev.LoggedEvent]) -> None:
        """Write the first line: ``{"type": "run", "run": id}``, and the event with which the run began or was resumed."""
        _write_line({"type": "run", "run": run})
        last = None
        for last in past:
            self.state.apply(last)
        if last is not None:
            _write_event(last)

    def see(self, logged: ev.LoggedEvent) -> None:
        """Write the event."""
        self.state.apply(logged)
        _write_event(logged)

    def end(self) -> None:
        """Nothing is left to tidy."""


class WorkWatcher:
    """What one worker does: a line for each element that begins or ends, or JSON lines.

    Args:
        state: Of the run when the worker came.
    """

    def __init__(self, state: RunState, *, json: bool) -> None:
        self._state = state
        self._json = json

    def see(self, logged: ev.LoggedEvent) -> None:
        """Say the event."""
        self._state.apply(logged)
        if self._json:
            _write_event(logged)
            return
        event = logged.event
        if isinstance(event, ev.StepStarted | ev.StepFinished | ev.StepFailed | ev.StepCancelled):
            step = self._state.step(event.key)
            say_cells(*step_cells(step, len(str(event.key)), why=False), Cell(f"  {step.name}", "dim"))


def choose_watcher(names: list[str], title: str, *, json: bool) -> Watcher:
    """Return the watcher for this stdout: JSON lines, a live terminal, or plain lines."""
    width = min(max(map(len, names), default=0), 32)
    if json:
        return JsonWatcher()
    if terminal.is_rich():
        from assay.cli.live import LiveWatcher  # only where it is seen

        return LiveWatcher(width, title)
    return PlainWatcher(width, title)


class ReaderMayLeave:
    """Lets a run go on when the reader of stdout goes away: its work is durable all the same."""

    def call(self, say: Callable[[], None]) -> None:
        """Call ``say``; when nobody reads any more, stdout leads nowhere from then on."""
        try:
            say()
        except terminal.ReaderGone:
            terminal.mute_stdout()


def _write_event(logged: ev.LoggedEvent) -> None:
    from assay.views.shapes import event_json  # only with --json

    _write_line(event_json(logged))


def _write_line(data: Json) -> None:
    terminal.document(data, indent=None)
