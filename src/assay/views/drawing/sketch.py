"""What is drawn: boxes, and lines between their ports. Knows no pipeline and no SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from assay.views.drawing.words import wrapped

WIDTH = 200
COLUMN = 260
ROW = 130
"""A step of the canvas and its grid, in pixels: a place in a file counts in columns and rows."""
GAP = 40
HEAD = 52
PORT = 17
NOTE = 15
LETTER = 5.9
"""About as wide as a letter of the smaller text is."""
FRAME_EDGE, FRAME_TITLE = 18, 34
"""Between a frame and its boxes: beside and below them, and above them."""
SLIP_EDGE, SLIP_MOST = 10, 400


class Mark(StrEnum):
    """What a comparison says of a thing; a sign as well as a colour."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"

    @property
    def sign(self) -> str:
        """One character, for those who see no colours."""
        return {"same": " ", "added": "+", "removed": "-", "changed": "~", "renamed": "→"}[self]


@dataclass(frozen=True, slots=True)
class Box:
    """A step.

    Attributes:
        kind: The component's category, which colours the edge.
        notes: Short lines below the ports.
        wish: Where it would like to be, in columns and rows.
    """

    name: str
    subtitle: str = ""
    kind: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    mark: Mark | None = None
    final: bool = False
    wish: tuple[float, float] | None = None

    @property
    def height(self) -> int:
        """Pixels."""
        return (
            HEAD + PORT * max(len(self.inputs), len(self.outputs)) + NOTE * len(self.notes) + (6 if self.notes else 0)
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A wire from an output to an input; empty port names: from box to box. ``style`` is ``port``, ``value`` or ``order``."""

    source: str
    port: str
    target: str
    into: str
    style: str = "port"
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """A named frame round boxes; ``members`` are their keys. One whose boxes are all missing is not drawn."""

    title: str
    members: tuple[str, ...]
    colour: str = "grey"
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Slip:
    """A text that somebody left beside the boxes.

    Attributes:
        wish: Where it would like to be, in columns and rows.
        extent: Width and height in the same units; ``None`` for as large as the text asks, within ``SLIP_MOST`` pixels.
    """

    text: str
    wish: tuple[float, float] = (0.0, 0.0)
    extent: tuple[float, float] | None = None
    mark: Mark | None = None

    @property
    def width(self) -> float:
        """Pixels."""
        return self.extent[0] * COLUMN if self.extent else COLUMN

    @property
    def lines(self) -> list[str]:
        """What of the text is drawn, line by line: Markdown stands as it was written."""
        room = self.extent[1] * ROW if self.extent else SLIP_MOST
        rows = max(1, int((room - 2 * SLIP_EDGE) // NOTE))
        return wrapped(self.text, max(3, int((self.width - 2 * SLIP_EDGE) / LETTER)), rows)

    @property
    def height(self) -> float:
        """Pixels."""
        return self.extent[1] * ROW if self.extent else 2 * SLIP_EDGE + NOTE * max(1, len(self.lines))


@dataclass(frozen=True, slots=True)
class Sketch:
    """A picture before anything has a place.

    Attributes:
        title: One line.
        text: What somebody who cannot see the picture is told.
        boxes: By a key that lines name.
        frames: Behind the boxes, the first lowest.
        slips: By a key; beside the boxes.
        keep: The boxes stay where they wish to be, even on top of each other; otherwise they are moved apart.
    """

    title: str
    text: str
    boxes: Mapping[str, Box]
    lines: tuple[Line, ...] = ()
    keep: bool = True
    legend: tuple[Mark, ...] = field(default=())
    frames: tuple[Frame, ...] = ()
    slips: Mapping[str, Slip] = field(default_factory=dict)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield what leads to what, between boxes that are there."""
        for line in self.lines:
            if line.source in self.boxes and line.target in self.boxes and line.source != line.target:
                yield line.source, line.target
