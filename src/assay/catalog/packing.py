"""Components and faults as JSON and back, for the cache: every class of the model that a reading may hold, by name."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

from assay.authoring.reading import Reading
from assay.errors import Fault, Fix, Location, Severity
from assay.model.artifacts import ArtifactType, PortType
from assay.model.command import Each, Group, Role, Slot, Word
from assay.model.component import (
    ComponentSpec,
    ContainerImplementation,
    Form,
    FunctionImplementation,
    Isolation,
    Language,
    Missing,
    NotebookImplementation,
    OutputPlace,
    ParamSpec,
    ParamType,
    PathKind,
    PortSpec,
    Resources,
    ScriptImplementation,
    Variable,
)

_FACTS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        ComponentSpec,
        ContainerImplementation,
        Each,
        Fault,
        Fix,
        FunctionImplementation,
        Group,
        Location,
        NotebookImplementation,
        OutputPlace,
        ParamSpec,
        PortSpec,
        PortType,
        Reading,
        Resources,
        ScriptImplementation,
        Slot,
        Variable,
        Word,
    )
}
_WORDS: dict[str, type[enum.Enum]] = {
    kind.__name__: kind
    for kind in (ArtifactType, Form, Isolation, Language, Missing, ParamType, PathKind, Role, Severity)
}
_FIELDS = {name: [field.name for field in dataclasses.fields(kind) if field.init] for name, kind in _FACTS.items()}


def pack(value: Any) -> Any:
    """Return ``value`` as JSON data; raises ``TypeError`` for what no reading holds."""
    match value:
        case enum.Enum():
            return ["=", type(value).__name__, value.value]
        case None | bool() | int() | float() | str():
            return value
        case tuple():
            return ["t", *map(pack, value)]
        case list():
            return ["l", *map(pack, value)]
        case dict():
            return {key: pack(inner) for key, inner in value.items()}
    name = type(value).__name__
    if _FACTS.get(name) is not type(value):
        raise TypeError(name)
    return [name, *(pack(getattr(value, field)) for field in _FIELDS[name])]


def unpack(data: Any) -> Any:
    """Return what ``pack`` was given; raises ``KeyError``, ``TypeError``, ``ValueError`` or ``IndexError`` for anything else."""
    if isinstance(data, dict):
        return {key: unpack(inner) for key, inner in data.items()}
    if not isinstance(data, list):
        return data
    head, *rest = data
    if head == "t":
        return tuple(map(unpack, rest))
    if head == "l":
        return [unpack(inner) for inner in rest]
    if head == "=":
        return _WORDS[rest[0]](rest[1])
    fields = _FIELDS[head]
    return _FACTS[head](**dict(zip(fields, map(unpack, rest), strict=True)))
