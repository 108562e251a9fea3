"""A run as a page: what, when, parameters, steps, figures, artifacts."""

from __future__ import annotations

import time
from shlex import quote
from typing import TYPE_CHECKING

from assay.cli.stepline import STYLES
from assay.cli.summary import failures, near, output_path, output_text, say_failure, say_figures, value_text
from assay.cli.terminal import Cell, Column, Row, say, say_cells, table
from assay.model.state import RunState, StepState, StepStatus
from assay.views.figures import figures_of
from assay.views.remarks import remark, spent, tally
from assay.views.words import duration, moment, size

if TYPE_CHECKING:
    from pathlib import Path

    from assay.store.records import RunRow
    from assay.store.store import Store

_MOST_FAILURES = 5


def say_run(store: Store, row: RunRow, state: RunState, steps: list[StepState]) -> None:
    """Write everything about a run; elements of ``foreach`` steps are left to ``assay show RUN STEP``."""
    _say_head(row, state)
    say()
    columns = [Column("step"), Column("status"), Column("took", right=True)]
    table(
        [*columns, Column("memory", right=True), Column("why")],
        [_row(step, row, state.elements_of(step.key.step)) for step in steps],
    )
    for failed in failures(state)[:_MOST_FAILURES]:
        say_failure(store, row.id, failed)
    say_figures(figures_of(state, store), most=None)
    _say_artifacts(store, steps)
    if row.status in ("interrupted", "failed", "cancelled"):
        say()
        say(f"go on with: assay resume {row.id}")


def _say_head(row: RunRow, state: RunState) -> None:
    end = row.finished if row.finished is not None else time.time() if row.status == "running" else None
    word = "for" if row.finished is None else "in"
    took = f" {word} {duration(end - row.started)}" if end is not None else ""
    say_cells(Cell(row.id, "bold"), Cell(f"  {state.pipeline}  "), Cell(f"{row.status}{took}", "bold"))
    say(f"  started  {moment(row.started)}")
    say(f"  file     {near(_path(state.file))}")
    for name, value in state.params.items():
        say(f"  -p {quote(f'{name}={value if isinstance(value, str) else value_text(value)}')}")


def _path(text: str) -> Path:
    from pathlib import Path  # for near() alone

    return Path(text)


def _row(step: StepState, row: RunRow, elements: list[StepState]) -> list[Cell | str]:
    memory = size(step.peak_memory) if step.peak_memory else ""
    status = Cell(f"{step.status.symbol} {step.status}", STYLES[step.status])
    took = spent(step)
    if step.status is StepStatus.RUNNING and row.status == "running":
        took = duration(time.time() - step.started)
    elif step.status in (StepStatus.RUNNING, StepStatus.RETRYING) and row.status == "interrupted":
        status = Cell("■ interrupted", STYLES[StepStatus.CANCELLED])
    return [
        Cell(str(step.key), "bold"),
        status,
        took,
        memory,
        tally(elements) if step.elements and not step.status.finished else remark(step),
    ]


def _say_artifacts(store: Store, steps: list[StepState]) -> None:
    rows: list[Row] = [
        [Cell(f"{step.key}.{port}"), output_text(output), Cell(output_path(store, output), "dim")]
        for step in steps
        for port, output in step.outputs.items()
    ]
    if rows:
        say()
        table([Column("output"), Column("what"), Column("path")], rows)
