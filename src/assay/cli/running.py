"""Carrying a run out in front of somebody: watch it, say how it ended, and leave with the right status."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from assay.cli.faults import faults_text
from assay.cli.summary import say_interrupted, say_summary, summary_json
from assay.cli.terminal import document, note
from assay.cli.watching import ReaderMayLeave, Watcher, choose_watcher
from assay.errors import ExitCode, InvalidDocument, Severity
from assay.ids import RunId
from assay.model.events import LoggedEvent, RunOutcome
from assay.model.pipeline import Pipeline
from assay.model.state import RunState

if TYPE_CHECKING:
    from assay.check import Checked
    from assay.store.store import Store
    from assay.workspace import RunResult

Go = Callable[[Callable[[LoggedEvent], None], Callable[[RunId], None]], "RunResult"]

_STATUS = {
    RunOutcome.SUCCEEDED: ExitCode.OK,
    RunOutcome.FAILED: ExitCode.RUN_FAILED,
    RunOutcome.CANCELLED: ExitCode.INTERRUPTED,
}


def sound(checked: Checked) -> Pipeline:
    """Return what runs of a document without errors, after saying its warnings; raises ``InvalidDocument``."""
    warnings = [fault for fault in checked.faults if fault.severity is Severity.WARNING]
    if checked.pipeline is None or not checked.ok:
        raise InvalidDocument(checked.faults, what=checked.document.file)
    if warnings:
        note(faults_text(warnings, {checked.document.file: checked.document.text}))
    from assay.check import expanded  # 20 ms, which whoever has something checked has spent already

    return expanded(checked).pipeline or checked.pipeline


def carry_out(
    store: Store,
    pipeline: Pipeline,
    go: Go,
    *,
    json: bool,
    watcher: Watcher | None = None,
    finish: Callable[[RunState], None] = lambda _: None,
) -> None:
    """Run, watch, and raise ``typer.Exit`` with the status of the outcome.

    Args:
        watcher: In place of the one for this stdout.
        finish: Called when all is said, with the state at the end.
    """
    watcher = watcher or choose_watcher([step.name for step in pipeline.all_steps()], pipeline.name, json=json)
    patient = ReaderMayLeave()
    begun: list[RunId] = []

    def on_start(run: RunId) -> None:
        begun.append(run)
        patient.call(lambda: watcher.begin(run, store.runs.events(run)))

    try:
        result = go(lambda logged: patient.call(lambda: watcher.see(logged)), on_start)
    except KeyboardInterrupt:
        watcher.end()
        say_interrupted(begun[-1] if begun else None)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    finally:
        patient.call(watcher.end)
    state = watcher.state
    if json:
        patient.call(lambda: document(summary_json(store, result.run, state), indent=None))
    else:
        patient.call(lambda: say_summary(store, result.run, state))
    patient.call(lambda: finish(state))
    raise typer.Exit(_STATUS[result.outcome])
