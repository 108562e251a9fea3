"""The interface of a component, its parameters and ports, as JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.ids import ParamName, PortName
from assay.model.artifacts import FACTS, ArtifactType, Json, PortType
from assay.model.component import MISSING, ComponentSpec, ParamSpec, ParamType, PathKind, PortSpec


def param_to_json(param: ParamSpec) -> dict[str, Json]:
    """Return a parameter as JSON; one without a default is ``required``."""
    return {
        "name": param.name,
        "type": str(param.type),
        "items": str(param.items) if param.items else None,
        "required": param.required,
        "default": None if param.default is MISSING else param.default,
        "nullable": param.nullable,
        "min": param.min,
        "max": param.max,
        "choices": list(param.choices),
        "unit": param.unit,
        "help": param.help,
        "secret": param.secret,
        "path": str(param.path),
        "column_of": param.column_of,
    }


def param_from_json(data: Mapping[str, Any]) -> ParamSpec:
    """Return what ``param_to_json`` wrote."""
    return ParamSpec(
        name=ParamName(data["name"]),
        type=ParamType(data["type"]),
        items=ParamType(data["items"]) if data["items"] else None,
        default=MISSING if data["required"] else data["default"],
        nullable=data["nullable"],
        min=data["min"],
        max=data["max"],
        choices=tuple(data["choices"]),
        unit=data["unit"],
        help=data["help"],
        secret=data["secret"],
        path=PathKind(data["path"]),
        column_of=data["column_of"],
    )


def port_to_json(port: PortSpec) -> dict[str, Json]:
    """Return a port as JSON; its type is a word such as ``Images`` or ``list[Report]``."""
    return {"name": port.name, "type": str(port.type), "optional": port.optional, "help": port.help}


def port_from_json(data: Mapping[str, Any]) -> PortSpec:
    """Return what ``port_to_json`` wrote."""
    word: str = data["type"]
    many = word.startswith("list[")
    kind = ArtifactType(word.removeprefix("list[").removesuffix("]"))
    return PortSpec(PortName(data["name"]), PortType(kind, many), data["optional"], data["help"])


def outputs_order(spec: ComponentSpec) -> dict[str, Json]:
    """Return what ``step.json`` says of the outputs that a component declares."""
    return {
        str(name): {
            "type": str(port.type.artifact),
            "many": port.type.many,
            "optional": port.optional,
            "folder": FACTS[port.type.artifact].folder,
        }
        for name, port in spec.outputs.items()
    }
