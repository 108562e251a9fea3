"""Files, checks and plans."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import field

from assay.server.wire import Wire

HERE = "local"
"""Name of the target that is this computer."""


class FileEntry(Wire):
    """A file of the workspace."""

    path: str
    kind: Literal["pipeline", "component", "notebook", "data", "other"]
    size: int
    modified: float


class Opened(Wire):
    """A text file; ``etag`` marks its content and is shown again when it is saved."""

    path: str
    text: str
    etag: str


class Save(Wire):
    """New content; ``etag`` is what the text was made from, ``null`` for a new file."""

    text: str
    etag: str | None = None


class Draft(Wire):
    """A text that need not be saved, and the path its relative references are read from."""

    path: str
    text: str


class Place(Wire):
    """A place in a file, counted from 1."""

    file: str
    line: int
    column: int


class Repair(Wire):
    """A replacement of characters ``start`` to ``end`` of the text."""

    title: str
    start: int
    end: int
    text: str


class Fault(Wire):
    """One thing wrong with a document."""

    code: str
    severity: Literal["error", "warning"]
    message: str
    culprit: str
    hint: str
    location: Place | None
    fixable: bool
    fix: Repair | None = None


class Problem(Wire):
    """The body of every answer that is an error; ``etag`` and ``text`` only when a file was changed by somebody else."""

    code: str
    message: str
    culprit: str
    hint: str
    faults: list[Fault]
    etag: str | None = None
    text: str | None = None


class Param(Wire):
    """A parameter of a component. ``path`` is what one of type ``path`` names; ``column_of`` is the input port or the parameter whose
    table has the column, or columns, that it names, empty for none."""

    name: str
    type: str
    items: str | None
    required: bool
    default: Any
    nullable: bool
    min: float | None
    max: float | None
    choices: list[Any]
    unit: str
    help: str
    secret: bool
    path: Literal["any", "file", "folder"]
    column_of: str


class Port(Wire):
    """A port of a component; ``type`` such as ``Images`` or ``list[Report]``."""

    name: str
    type: str
    optional: bool
    help: str


class Resources(Wire):
    """What a step holds while it runs."""

    cpu: float
    memory: int | None
    gpu: int


class Component(Wire):
    """A component as the palette, the canvas and the form show it; ``pipeline`` is whether it is another pipeline file."""

    name: str
    version: str
    title: str
    description: str
    category: str
    tags: list[str]
    licence: str
    authors: list[str]
    requirements: list[str]
    resources: Resources
    cache: bool
    isolation: str
    params: list[Param]
    inputs: list[Port]
    outputs: list[Port]
    pipeline: bool = False


class Catalog(Wire):
    """Every component, and what is wrong with others."""

    components: list[Component]
    faults: list[Fault]


class CheckResult(Wire):
    """All faults of a text, the component of each ``use`` that has one, and the pipeline's own parameters, ``null`` while it cannot be read."""

    ok: bool
    faults: list[Fault]
    components: dict[str, Component]
    params: list[Param] | None


class Text(Wire):
    """A text, and how many repairs are in it."""

    text: str
    fixed: int


class Selection(Wire):
    """Which steps: up to, from, just these; which run although nothing changed."""

    to: list[str] = field(default_factory=list)
    start: list[str] = field(default_factory=list)
    only: list[str] = field(default_factory=list)
    force: list[str] = field(default_factory=list)
    force_all: bool = False


class Asked(Selection, kw_only=True):
    """What to plan or run: the saved file at ``path``, with these parameters, at one of the session's targets."""

    path: str
    params: dict[str, Any] = field(default_factory=dict)
    target: str = HERE


class Reason(Wire):
    """Why a step runs."""

    cause: str
    about: str
    detail: str


class PlannedStep(Wire):
    """What would happen to a step."""

    step: str
    verb: str
    reasons: list[Reason]
    key: str | None
    run_items: int
    reused_items: int


class Plan(Wire):
    """What a run would do; ``counts`` by verb."""

    pipeline: str
    counts: dict[str, int]
    steps: list[PlannedStep]
