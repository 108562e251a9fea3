"""What two versions of a pipeline differ in, in words."""

from __future__ import annotations

from assay.cli.terminal import Cell, say, say_cells
from assay.views.difference import Difference, StepDifference
from assay.views.drawing import Mark
from assay.views.outline import WireKind

_STYLES = {
    Mark.SAME: "",
    Mark.ADDED: "green",
    Mark.REMOVED: "red",
    Mark.CHANGED: "yellow",
    Mark.RENAMED: "magenta",
}


def say_difference(found: Difference) -> None:
    """Write what differs: the pipeline's own entries, its steps, its wires, and a line that sums up."""
    say_cells(Cell(found.a, "dim"), Cell(" → ", "dim"), Cell(found.b, "bold"))
    for change in found.head:
        say(f"  {change.text()}", _STYLES[change.mark])
    for step in found.steps:
        _say_step(step)
    for one in found.wires:
        if one.wire.kind is not WireKind.VALUE:  # the parameter that speaks of it stands among the changes
            say(f"{one.mark.sign} wire {one.wire}", _STYLES[one.mark])
    for thing in found.annotations:
        title = f": {thing.title}" if thing.title and thing.title != thing.name else ""
        say_cells(
            Cell(f"{thing.mark.sign} {thing.kind} ", _STYLES[thing.mark]), Cell(thing.name, "bold"), Cell(title, "dim")
        )
        for change in thing.changes:
            say(f"    {change.text()}", _STYLES[change.mark])
    say(found.summary(), "dim")


def _say_step(step: StepDifference) -> None:
    was = f", was {step.was}" if step.was else ""
    say_cells(
        Cell(f"{step.mark.sign} step ", _STYLES[step.mark]),
        Cell(step.name, "bold"),
        Cell(f" ({step.use}){was}", "dim"),
    )
    for change in step.changes:
        say(f"    {change.text()}", _STYLES[change.mark])
