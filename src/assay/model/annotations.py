"""What a pipeline shows to people on the canvas and no step ever sees: notes, and frames round steps."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from assay.ids import StepName


class Colour(enum.StrEnum):
    """The colour of a group's frame, by name: each theme of the editor has its own shade of it."""

    GREY = "grey"
    BLUE = "blue"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    VIOLET = "violet"


@dataclass(frozen=True, slots=True)
class Note:
    """A text on the canvas.

    Attributes:
        text: Markdown; HTML in it is shown, not obeyed.
        at: Where, in columns and rows of steps, like ``layout``.
        size: Width and height in the same units; ``None`` for as large as the text asks.
    """

    text: str
    at: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A named frame round steps. A step is in one group at most.

    Attributes:
        title: What the frame says; the group's name when it is empty.
        collapsed: Whether the editor shows one box in place of the steps.
    """

    steps: tuple[StepName, ...]
    title: str = ""
    colour: Colour = Colour.GREY
    collapsed: bool = False
