"""A difference as one picture: both versions on top of each other, with signs as well as colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assay.views.difference.changes import Difference, StepDifference
from assay.views.drawing.pipeline import box_of, frame_of, line_of, ports_of, slip_of
from assay.views.drawing.sketch import Box, Mark, Sketch
from assay.views.drawing.svg import draw

_MOST_NOTES = 5


def draw_difference(found: Difference) -> str:
    """Return the difference as SVG text; boxes stand near where B has them, moved apart where notes need room."""
    said = {step.name: step for step in found.steps}
    gone = [wire.wire for wire in found.wires if wire.mark is Mark.REMOVED]
    came = {wire.wire for wire in found.wires if wire.mark is Mark.ADDED}
    wires = found.after.wires()
    ports = ports_of([*wires, *gone])
    steps = [
        *found.after.steps.values(),
        *(found.before.steps[step.name] for step in found.steps if step.mark is Mark.REMOVED),
    ]
    boxes = {step.name: _marked(box_of(step, ports.get(step.name, ((), ()))), said.get(step.name)) for step in steps}
    lines = [
        *(replace(line_of(wire), mark=Mark.ADDED if wire in came else Mark.SAME) for wire in wires),
        *(replace(line_of(wire), mark=Mark.REMOVED) for wire in gone),
    ]
    frames = [*found.after.groups.values(), *(found.before.groups[name] for name in _gone(found, "group"))]
    notes = [*found.after.notes.values(), *(found.before.notes[name] for name in _gone(found, "note"))]
    now = {step.was: step.name for step in found.steps if step.was and step.was not in found.after.steps}
    marks = {(one.kind, one.name): one.mark for one in found.annotations}
    legend = (Mark.ADDED, Mark.REMOVED, Mark.CHANGED, Mark.RENAMED)
    title = f"{found.a} → {found.b}"
    return draw(
        Sketch(
            title,
            _told(found),
            boxes,
            tuple(lines),
            keep=False,
            legend=legend,
            frames=tuple(
                replace(
                    frame_of(one),
                    members=tuple(now.get(step, step) for step in one.group.steps),
                    mark=marks.get(("group", one.name), Mark.SAME),
                )
                for one in frames
            ),
            slips={one.name: replace(slip_of(one), mark=marks.get(("note", one.name), Mark.SAME)) for one in notes},
        )
    )


def _gone(found: Difference, kind: str) -> list[str]:
    return [one.name for one in found.annotations if one.kind == kind and one.mark is Mark.REMOVED]


def _marked(box: Box, said: StepDifference | None) -> Box:
    if said is None:
        return replace(box, mark=Mark.SAME)
    notes = [f"was {said.was}"] if said.was else []
    notes += [change.text().replace("with.", "", 1) for change in said.changes]
    if len(notes) > _MOST_NOTES:
        notes = [*notes[: _MOST_NOTES - 1], f"… {len(notes) - _MOST_NOTES + 1} more"]
    return replace(box, mark=said.mark, notes=tuple(notes))


def _told(found: Difference) -> str:
    def parts() -> Iterator[str]:
        yield found.summary()
        for step in found.steps:
            changes = "; ".join(change.text() for change in step.changes)
            yield (
                f"{step.mark} {step.name}"
                + (f" (was {step.was})" if step.was else "")
                + (f": {changes}" if changes else "")
            )
        yield from (f"{wire.mark} wire {wire.wire}" for wire in found.wires)
        for one in found.annotations:
            changes = "; ".join(change.text() for change in one.changes)
            yield f"{one.mark} {one.kind} {one.title or one.name}" + (f": {changes}" if changes else "")

    return ". ".join(parts()) + "."
