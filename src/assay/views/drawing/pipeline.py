"""A pipeline as a sketch: its steps are boxes, its wires lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assay.views.drawing.sketch import Box, Frame, Line, Sketch, Slip
from assay.views.drawing.svg import draw
from assay.views.drawing.words import cut
from assay.views.outline import GroupOutline, NoteOutline, Outline, StepOutline, Wire, WireKind

_MOST_TOLD = 100
_TOLD = 300
"""Columns of a title or of a note that are told."""


def draw_outline(found: Outline) -> str:
    """Return a pipeline as SVG text; a step that the file gives a place stands there."""
    return draw(sketch_of(found))


def sketch_of(found: Outline) -> Sketch:
    """Return what is drawn of a pipeline."""
    wires = found.wires()
    ports = ports_of(wires)
    boxes = {name: box_of(step, ports.get(name, ((), ()))) for name, step in found.steps.items()}
    frames = tuple(map(frame_of, found.groups.values()))
    slips = {name: slip_of(note) for name, note in found.notes.items()}
    lines = tuple(map(line_of, wires))
    return Sketch(found.name or "pipeline", _told(found, wires), boxes, lines, frames=frames, slips=slips)


def frame_of(found: GroupOutline) -> Frame:
    """Return the frame of a group; a closed one is drawn open, since a picture cannot be opened."""
    return Frame(found.title, found.group.steps, str(found.group.colour))


def slip_of(found: NoteOutline) -> Slip:
    """Return the slip of a note."""
    return Slip(found.note.text, found.note.at, found.note.size)


def box_of(step: StepOutline, ports: tuple[tuple[str, ...], tuple[str, ...]]) -> Box:
    """Return the box of a step with its input and output ports."""
    use = step.use.split("@")[0]
    kind = "file" if use.startswith((".", "/")) else use.split("/")[0]
    return Box(step.name, step.use, kind, *ports, final=step.final, wish=step.place)


def line_of(wire: Wire) -> Line:
    """Return the line of a wire."""
    into = "" if wire.kind is WireKind.ORDER else wire.into
    return Line(wire.source, wire.port, wire.target, into, str(wire.kind))


def ports_of(wires: Iterable[Wire]) -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the ports that wires speak of, by step: what goes in, what goes out."""
    inputs: dict[str, dict[str, None]] = {}
    outputs: dict[str, dict[str, None]] = {}
    for wire in wires:
        if wire.kind is not WireKind.ORDER:
            inputs.setdefault(wire.target, {})[wire.into] = None
            outputs.setdefault(wire.source, {})[wire.port] = None
    names = dict.fromkeys([*inputs, *outputs])
    return {name: (tuple(inputs.get(name, ())), tuple(outputs.get(name, ()))) for name in names}


def _told(found: Outline, wires: list[Wire]) -> str:
    feeding: dict[str, list[str]] = {}
    for wire in wires:
        feeding.setdefault(wire.target, []).append(
            f"{wire.source}.{wire.port}" if wire.port else f"the end of {wire.source}"
        )
    told = [
        f"{name} ({step.use})" + (f" after {', '.join(feeding[name])}" if name in feeding else "")
        for name, step in list(found.steps.items())[:_MOST_TOLD]
    ]
    more = len(found.steps) - len(told)
    rest = [f"and {more} more"] if more else []
    head = f"{len(found.steps)} steps, {len(wires)} wires"
    drawn = [
        *(f"Group {cut(one.title, _TOLD)}: {', '.join(one.group.steps)}." for one in found.groups.values()),
        *(f"Note: {cut(' '.join(one.note.text.split()), _TOLD)}" for one in found.notes.values()),
    ]
    return " ".join([f"{found.description} {head}: {'; '.join([*told, *rest])}.".strip(), *drawn[:_MOST_TOLD]])
