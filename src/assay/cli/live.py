"""The live terminal: a line with a bar for every running step, finished steps above them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from assay.cli.terminal import clean
from assay.cli.watching import PlainWatcher
from assay.ids import StepName
from assay.model import events as ev
from assay.views.words import duration

if TYPE_CHECKING:
    from rich.progress import Progress, Task, TaskID

_NARROW = 70


class LiveWatcher(PlainWatcher):
    """Like the plain one, but what begins gets a bar in place of a line. rich (150 ms) is loaded when the first step starts."""

    def __init__(self, width: int, title: str) -> None:
        super().__init__(width, title)
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def see(self, logged: ev.LoggedEvent) -> None:
        """Move the bars, and say what ended."""
        super().see(logged)
        match logged.event:
            case ev.StepStarted(key) if key.item is None:
                self._open(key)
            case ev.StepExpanded(step):
                self._open(ev.StepKey(step))
            case ev.StepProgress(key) if key.item is None:
                self._move(key)

    def end(self) -> None:
        """Take the bars away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def line(self, key: ev.StepKey) -> None:
        """Say the line of a step, above the bars, and take its bar away."""
        task = self._tasks.pop(str(key), None)
        if self._progress is None:
            super().line(key)
            return
        from rich.text import Text  # loaded already with the bars

        from assay.cli.stepline import step_cells

        if task is not None:
            self._progress.remove_task(task)
        text = Text.assemble(*((clean(cell.text), cell.style) for cell in step_cells(self.state.step(key), self.width)))
        self._progress.console.print(text, highlight=False)

    def notice(self, text: str) -> None:
        """Say something that is no step, above the bars."""
        if self._progress is None:
            super().notice(text)
        else:
            self._progress.console.print(text, style="yellow", highlight=False, markup=False)

    def _started(self, name: str, why: str) -> None:
        """A bar says it."""

    def _progressed(self, key: ev.StepKey, time: float) -> None:
        """A bar says it."""

    def _counted(self, step: str, *, ran: bool) -> None:  # noqa: ARG002  (reused elements move the bar too)
        state = self.state.step(ev.StepKey(StepName(step)))
        done = self._done[step] = self._done.get(step, 0) + 1
        total = len(state.elements)
        if self._progress is not None and step in self._tasks:
            self._progress.update(self._tasks[step], completed=done, total=total, note=f"{done}/{total}")

    def _open(self, key: ev.StepKey) -> None:
        if self._progress is None:
            self._progress = _bars()
            self._progress.start()
        state = self.state.step(key)
        total = len(state.elements) or None
        note = f"0/{total}" if total else ", ".join(state.reasons[:1])
        if str(key) not in self._tasks:
            name = str(key).ljust(self.width)
            self._tasks[str(key)] = self._progress.add_task(name, total=total, note=note, began=time.monotonic())

    def _move(self, key: ev.StepKey) -> None:
        progress = self.state.step(key).progress
        if self._progress is None or progress is None or str(key) not in self._tasks:
            return
        self._progress.update(
            self._tasks[str(key)], completed=progress.done, total=progress.total, note=clean(progress.message)
        )


def _bars() -> Progress:
    from rich.console import Console  # 150 ms, while the first step already runs
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
    from rich.table import Column
    from rich.text import Text

    class Elapsed(ProgressColumn):
        """How long the step has run."""

        def render(self, task: Task) -> Text:
            return Text(f"{duration(time.monotonic() - task.fields['began']):>10}")

    console = Console(highlight=False)
    name = TextColumn("▸ {task.description}", style="cyan", markup=False, table_column=Column(no_wrap=True))
    note = TextColumn(
        "{task.fields[note]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)
    )
    columns: list[ProgressColumn] = [name, Elapsed(), BarColumn(bar_width=20), note]
    if console.width < _NARROW:
        del columns[2]
    return Progress(*columns, console=console, transient=True, refresh_per_second=5, expand=True)
