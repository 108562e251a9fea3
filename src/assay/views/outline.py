"""What stands in a pipeline file, step by step, as it was written: also of a file with faults, which has no model or a part of one.

Drawings and comparisons read this: what somebody wrote is what they want to see, whether or not it can run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from assay.errors import InvalidDocument
from assay.model.annotations import Group, Note
from assay.model.artifacts import Json
from assay.model.codec import Document
from assay.model.expression import reference_places
from assay.model.expression_parser import ExpressionError
from assay.model.pipeline import Pipeline

_SOURCE = re.compile(r"\$?([^.$]+)\.([^.]+)")
_REFERENCE = re.compile(r"(?<!\$)\$([A-Za-z_][\w-]*)\.([A-Za-z_][\w-]*)")
_NO_STEP = frozenset({"params", "item"})
_HEAD = frozenset({"assay", "name", "description", "params", "steps", "finally", "layout", "notes", "groups"})


class WireKind(StrEnum):
    """What a wire carries."""

    PORT = "port"
    VALUE = "value"
    ORDER = "order"


@dataclass(frozen=True, slots=True, order=True)
class Wire:
    """``source.port`` feeds ``into`` of ``target``: an input, a parameter or a condition; ``after`` passes nothing, and has no port."""

    source: str
    port: str
    target: str
    into: str
    kind: WireKind

    def __str__(self) -> str:
        start = f"{self.source}.{self.port}" if self.port else self.source
        return f"{start} → {self.target}.{self.into}"


@dataclass(frozen=True, slots=True)
class StepOutline:
    """A step as it was written.

    Attributes:
        values: What stands under ``with:``.
        inputs: What stands under ``in:``.
        others: Every other key but ``use``.
        final: It stands under ``finally:``.
        place: Columns and rows, where the file gives one.
    """

    name: str
    use: str
    values: Mapping[str, Json] = field(default_factory=dict)
    inputs: Mapping[str, Json] = field(default_factory=dict)
    others: Mapping[str, Json] = field(default_factory=dict)
    final: bool = False
    place: tuple[float, float] | None = None

    def wires(self) -> Iterator[Wire]:
        """Yield what feeds this step, each wire once, in the order of the file."""
        for port, value in self.inputs.items():
            for source in value if isinstance(value, list) else [value]:
                found = _SOURCE.fullmatch(source) if isinstance(source, str) else None
                if found and found[1] not in _NO_STEP:
                    yield Wire(found[1], found[2], self.name, port, WireKind.PORT)
        for name, value in {**self.others, **self.values}.items():
            if name == "after":
                after = value if isinstance(value, list) else [value]
                yield from (
                    Wire(step, "", self.name, "after", WireKind.ORDER) for step in after if isinstance(step, str)
                )
                continue
            for step, port in _spoken(name, value):
                yield Wire(step, port, self.name, name, WireKind.VALUE)


@dataclass(frozen=True, slots=True)
class NoteOutline:
    """A note: ``entries`` is what it says as it was written, without where it stands and how large it is."""

    name: str
    note: Note
    entries: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class GroupOutline:
    """A frame round steps: ``entries`` is what it says as it was written."""

    name: str
    group: Group
    entries: Mapping[str, Json]

    @property
    def title(self) -> str:
        """What the frame says."""
        return self.group.title or self.name


@dataclass(frozen=True, slots=True)
class Outline:
    """A pipeline as it was written; ``rest`` holds the keys of the file that are none of the format's own."""

    name: str
    description: str
    params: Mapping[str, Json]
    steps: Mapping[str, StepOutline]
    rest: Mapping[str, Json]
    notes: Mapping[str, NoteOutline] = field(default_factory=dict)
    groups: Mapping[str, GroupOutline] = field(default_factory=dict)

    def wires(self) -> list[Wire]:
        """Return the wires between steps that are there, each once, in the order of the file."""
        found = (wire for step in self.steps.values() for wire in step.wires())
        return list(dict.fromkeys(wire for wire in found if wire.source in self.steps))


def outline(document: Document) -> Outline:
    """Return what stands in a file. Raises ``InvalidDocument`` when it is no pipeline, or its text breaks off."""
    if document.pipeline is None:
        raise InvalidDocument(document.faults, what=document.file)
    root = _map(document.json())
    steps: dict[str, StepOutline] = {}
    for part in ("steps", "finally"):
        for name, body in _map(root.get(part)).items():
            place = document.pipeline.layout.get(name)
            steps.setdefault(name, _step(name, _map(body), place, final=part == "finally"))
    return Outline(
        _text(root.get("name")),
        _text(root.get("description")),
        _map(root.get("params")),
        steps,
        {key: value for key, value in root.items() if key not in _HEAD},
        {name: _note(name, body, document.pipeline) for name, body in _map(root.get("notes")).items()},
        {name: _group(name, body, document.pipeline) for name, body in _map(root.get("groups")).items()},
    )


def _note(name: str, body: Json, pipeline: Pipeline) -> NoteOutline:
    """Return a note; as ``layout``, where it stands and how large it is are no difference."""
    said = body if isinstance(body, dict) else {"text": body}
    entries = {key: value for key, value in said.items() if key not in {"at", "size"}}
    return NoteOutline(name, pipeline.notes.get(name, Note("")), entries)


def _group(name: str, body: Json, pipeline: Pipeline) -> GroupOutline:
    entries = body if isinstance(body, dict) else {"steps": body}
    return GroupOutline(name, pipeline.groups.get(name, Group(())), entries)


def _step(name: str, body: dict[str, Json], place: tuple[float, float] | None, *, final: bool) -> StepOutline:
    others = {key: value for key, value in body.items() if key not in {"use", "in", "with"}}
    return StepOutline(name, _text(body.get("use")), _map(body.get("with")), _map(body.get("in")), others, final, place)


def condition_places(value: Json) -> tuple[tuple[str, str, int], ...]:
    """Return the ``step.port`` that a condition reads, each with its place; none of one that cannot be read."""
    try:
        return reference_places(value) if isinstance(value, str) else ()
    except ExpressionError:
        return ()


def _spoken(name: str, value: Json) -> list[tuple[str, str]]:
    """Return every ``step.port`` that a condition, ``$step.port`` that a value, and folder that ``foreach`` reads, each once."""
    if name == "if":
        read = dict.fromkeys((step, port) for step, port, _ in condition_places(value))
        return [pair for pair in read if pair[0] not in _NO_STEP]
    found = [(match[1], match[2]) for match in _REFERENCE.finditer(json.dumps(value, ensure_ascii=False))]
    folder = value.get("files") if name == "foreach" and isinstance(value, dict) else None
    plain = _SOURCE.fullmatch(folder) if isinstance(folder, str) and not folder.startswith((".", "/", "$")) else None
    if plain:
        found.append((plain[1], plain[2]))
    return [pair for pair in dict.fromkeys(found) if pair[0] not in _NO_STEP]


def _map(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)
