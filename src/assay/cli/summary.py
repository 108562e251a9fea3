"""What is said when a run has ended: how, why not, figures, artifacts, and what to type next."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.stepline import STYLES
from assay.cli.terminal import Cell, Column, Row, clean, note, say, say_cells, table
from assay.errors import StoreError
from assay.ids import RunId
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType, Json, Output, Value
from assay.model.events import RunOutcome, StepKey
from assay.model.state import RunState, StepState, StepStatus
from assay.views.figures import Figure, figures_of
from assay.views.words import counted, duration, figure_text, size

if TYPE_CHECKING:
    from assay.store.store import Store

_MOST_FIGURES = 24
_MOST_OUTPUTS = 12
_MOST_FAILURES = 5
_FOR_PEOPLE = (ArtifactType.REPORT, ArtifactType.FIGURE, ArtifactType.VERDICT, ArtifactType.METRICS, ArtifactType.MODEL)
_OUTCOMES = {
    RunOutcome.SUCCEEDED: (StepStatus.SUCCEEDED, "succeeded"),
    RunOutcome.FAILED: (StepStatus.FAILED, "failed"),
    RunOutcome.CANCELLED: (StepStatus.CANCELLED, "cancelled"),
}


def say_summary(store: Store, run: RunId, state: RunState) -> None:
    """Say how a run that has just ended went."""
    for failed in failures(state)[:_MOST_FAILURES]:
        say_failure(store, run, failed)
    outcome = state.outcome or RunOutcome.FAILED
    status, word = _OUTCOMES[outcome]
    took = duration(state.finished - state.started)
    say()
    say_cells(
        Cell(f"{status.symbol} {state.pipeline} {word}", STYLES[status]), Cell(f" in {took}: {counts_text(state)}")
    )
    say_figures(figures_of(state, store))
    if outcome is RunOutcome.SUCCEEDED:
        _say_outputs(store, run, state)
    _say_next(run, outcome, state)


def say_figures(figures: dict[str, Figure], most: int | None = _MOST_FIGURES) -> None:
    """Say the figures of a run; those of a series only when there is nothing else."""
    single = {name: figure for name, figure in figures.items() if not figure.series}
    shown = single or figures
    if not shown:
        return
    say()
    rows = [[Cell(f"  {name}"), Cell(figure_text(figure), "bold")] for name, figure in list(shown.items())[:most]]
    table([Column("  metric"), Column("value (95 % interval)")], rows)
    if most is not None and len(shown) > most:
        say(f"  … and {len(shown) - most} more: assay show last", "dim")


def say_failure(store: Store, run: RunId, state: StepState) -> None:
    """Say why a step failed: its own frames, what to do, and where its log and folder are."""
    failure = state.failure
    if failure is None:
        return
    say()
    attempt = f" in attempt {state.attempt}" if state.attempt > 1 else ""
    say_cells(Cell(f"✘ {state.key}", "bold red"), Cell(f" failed{attempt} [{failure.code}] {failure.message}"))
    for line in clean(failure.traceback).rstrip().splitlines():
        say(f"    {line}", "dim")
    if failure.hint:
        say_cells(Cell("  hint: ", "bold"), Cell(failure.hint))
    if state.attempt and store.log_file(run, state.key, state.attempt).is_file():
        say(f"  log:  assay logs {run} {quoted(state.key)}")
    folder = store.work_folder(run, state.key, state.attempt)
    if state.attempt and folder.is_dir():
        say(f"  kept: {near(folder)}")


def failures(state: RunState) -> list[StepState]:
    """Return the steps and elements that failed."""
    return [step for step in state.steps.values() if step.status is StepStatus.FAILED]


def counts(state: RunState) -> dict[str, int]:
    """Return how many steps ended in each way; a ``foreach`` step counts once."""
    number = Counter(str(step.status) for step in state.steps.values() if step.key.item is None)
    return {str(status): number[status] for status in StepStatus if number[status]}


_WORDS = {"succeeded": "ran", "waiting": "not run"}


def counts_text(state: RunState) -> str:
    """Return ``3 ran, 9 reused, 1 failed``."""
    return ", ".join(f"{count} {_WORDS.get(status, status)}" for status, count in counts(state).items()) or "no steps"


def near(path: Path) -> str:
    """Return ``path`` from the current folder when it is below it."""
    here = Path.cwd()
    return os.fspath(path.relative_to(here)) if path.is_relative_to(here) else os.fspath(path)


def quoted(key: StepKey) -> str:
    """Return a step for a command line: brackets are special to shells."""
    return str(key) if key.item is None else f"'{key}'"


def output_text(output: Output) -> str:
    """Return what a port carries, in a few words."""
    match output:
        case Artifact(folder=folder, files=files):
            inside = f", {counted(files, 'file')}" if folder else ""
            return f"{output.type}, {size(output.size)}{inside}"
        case ArtifactList(items):
            return f"{len(items)} \N{MULTIPLICATION SIGN} {items[0].type if items else 'nothing'}, {size(sum(item.size for item in items))}"
        case Value(value):
            return value_text(value)


def value_text(value: Json, longest: int = 60) -> str:
    """Return a JSON value on one line, cut when it is long."""
    import json  # only for values

    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def output_path(store: Store, output: Output) -> str:
    """Return where an artifact lies in the store; nothing for lists, values, and what is gone."""
    if not isinstance(output, Artifact):
        return ""
    try:
        return near(store.objects.path(output))
    except StoreError:
        return "no longer in the store"


def _result_path(store: Store, run: RunId, key: StepKey, port: str, artifact: Artifact) -> str:
    """Return the path whose suffix a viewer understands, where there is one; else the one in the store."""
    file = store.result_file(run, key, port, artifact.suffix)
    return near(file) if file.exists() else output_path(store, artifact)


def _say_outputs(store: Store, run: RunId, state: RunState) -> None:
    shown = [
        (step.key, port, output)
        for step in state.steps.values()
        if step.key.item is None
        for port, output in step.outputs.items()
        if isinstance(output, Artifact) and output.type in _FOR_PEOPLE
    ]
    if not shown:
        return
    say()
    rows: list[Row] = [
        [Cell(f"  {key}.{port}"), output_text(output), Cell(_result_path(store, run, key, port, output), "dim")]
        for key, port, output in shown[-_MOST_OUTPUTS:]
    ]
    table([Column("  artifact"), Column("what"), Column("path")], rows)
    say()
    say(f"  copy one out:  assay artifacts get {run} {shown[-1][0]}.{shown[-1][1]}", "dim")


def _say_next(run: RunId, outcome: RunOutcome, state: RunState) -> None:
    if outcome is RunOutcome.SUCCEEDED:
        say(f"  look closer:   assay show {run}", "dim")
        return
    say()
    verb = "go on" if outcome is RunOutcome.CANCELLED else "mend it, then go on"
    say(f"  {verb}: assay resume {run}")
    skipped = [
        str(step.key)
        for step in state.steps.values()
        if step.status is StepStatus.SKIPPED and step.because.startswith("upstream")
    ]
    if skipped and outcome is RunOutcome.FAILED:
        say(f"  not run because of it: {', '.join(skipped[:8])}{' …' if len(skipped) > 8 else ''}", "dim")


def say_interrupted(run: RunId | None) -> None:
    """Say how to go on after the second Ctrl+C."""
    where = f"; go on with: assay resume {run}" if run else ""
    note(f"interrupted{where}", "yellow")


def summary_json(store: Store, run: RunId, state: RunState) -> dict[str, Json]:
    """The last line of ``run --json``: ``type`` (``summary``), ``run``, ``outcome``, ``seconds``, ``counts``, ``metrics`` (``step.name`` to ``value``,
    ``low``, ``high``), ``artifacts`` (``step.port`` to ``type``, ``size``, ``digest``, ``path``)."""
    artifacts: dict[str, Json] = {
        f"{step.key}.{port}": {
            "type": str(output.type),
            "size": output.size,
            "digest": output.digest,
            "path": output_path(store, output),
        }
        for step in state.steps.values()
        if step.key.item is None
        for port, output in step.outputs.items()
        if isinstance(output, Artifact)
    }
    return {
        "type": "summary",
        "run": run,
        "outcome": str(state.outcome),
        "seconds": state.finished - state.started,
        "counts": dict(counts(state)),
        "metrics": {name: figure.json() for name, figure in figures_of(state, store).items()},
        "artifacts": artifacts,
    }
