"""A step in one line: symbol, name, duration, and what there is to say of it."""

from __future__ import annotations

from assay.cli.terminal import Cell
from assay.model.state import StepState, StepStatus
from assay.views.remarks import remark, spent

STYLES: dict[StepStatus, str] = {
    StepStatus.WAITING: "dim",
    StepStatus.RUNNING: "cyan",
    StepStatus.RETRYING: "yellow",
    StepStatus.SUCCEEDED: "green",
    StepStatus.REUSED: "blue",
    StepStatus.SKIPPED: "dim",
    StepStatus.FAILED: "bold red",
    StepStatus.CANCELLED: "yellow",
}


def step_cells(state: StepState, width: int, *, why: bool = True) -> list[Cell]:
    """Return the line of a step whose name is padded to ``width``; ``why=False`` leaves out why a step ran that went well."""
    style = STYLES[state.status]
    return [
        Cell(f"{state.status.symbol} ", style),
        Cell(f"{str(state.key).ljust(width)}  ", "bold" if state.status is StepStatus.FAILED else ""),
        Cell(f"{spent(state):>10}  "),
        Cell(
            remark(state) if why or state.status is not StepStatus.SUCCEEDED else "",
            "red" if state.status is StepStatus.FAILED else "dim",
        ),
    ]
