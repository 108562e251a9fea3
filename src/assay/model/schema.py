"""The JSON Schema of a pipeline file, published as docs/schemas/pipeline-1.schema.json: for editors that complete and mark YAML.

It says what shape a file has. What names, types and wires mean is judged by ``assay check``, with places and repairs.
"""

from __future__ import annotations

from typing import Any

from assay.ids import NAME, RESERVED_STEP_NAMES
from assay.model.annotations import Colour
from assay.model.artifacts import FACTS, ArtifactType
from assay.model.component import Isolation, ParamType

_TEXT: dict[str, Any] = {"type": "string"}
_WORDS: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_NUMBER: dict[str, Any] = {"type": "number"}
_YES: dict[str, Any] = {"type": "boolean"}
_NAME = f"^{NAME.pattern}$"
_SOURCE: dict[str, Any] = {"type": "string", "pattern": rf"^(\$item|{NAME.pattern}\.{NAME.pattern})$"}
_OUTPUT: dict[str, Any] = {"type": "string", "pattern": rf"^{NAME.pattern}\.{NAME.pattern}$"}
_AMOUNT: dict[str, Any] = {"type": ["string", "number"]}
_PLACE: dict[str, Any] = {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}


def schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12). Unknown keys are allowed: they are kept, and ``assay check`` warns of them."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Assay pipeline",
        "type": "object",
        "required": ["assay", "name", "steps"],
        "properties": {
            "assay": {"const": 1, "description": "Version of the format."},
            "name": {**_WORDS, "description": "One line of at most 100 characters."},
            "description": _said("What the pipeline does."),
            "params": _named({"$ref": "#/$defs/parameter"}, "Parameters, given with -p name=value."),
            "inputs": _named(_input(), "What a step of another pipeline, which uses this one, is wired at."),
            "outputs": _named(_from(), "What such a step gives."),
            "steps": _named({"$ref": "#/$defs/step"}, "Steps; they run by their wiring.", but=True),
            "finally": _named(
                {"$ref": "#/$defs/step"}, "Steps at the end of every run, also of a failed one.", but=True
            ),
            "layout": {"type": ["object", "null"], "additionalProperties": _PLACE},
            "notes": _named(_note(), "Texts on the canvas."),
            "groups": _named(_group(), "Named frames round steps."),
        },
        "$defs": {"parameter": _parameter(), "step": _step()},
    }


def _said(description: str) -> dict[str, Any]:
    return {**_WORDS, "description": description}


def _named(values: dict[str, Any], description: str, *, but: bool = False) -> dict[str, Any]:
    names: dict[str, Any] = {"pattern": _NAME}
    if but:
        names["not"] = {"enum": sorted(RESERVED_STEP_NAMES)}
    return {
        "type": ["object", "null"],
        "propertyNames": names,
        "additionalProperties": values,
        "description": description,
    }


def _object(needed: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": needed, "properties": properties}


def _parameter() -> dict[str, Any]:
    types = [str(kind) for kind in ParamType]
    long = _object(
        [],
        type={"type": "string", "pattern": rf"^({'|'.join(types)}|(list|map)\[({'|'.join(types)})\])$"},
        items={"enum": types},
        default={},
        nullable=_YES,
        min=_NUMBER,
        max=_NUMBER,
        choices={"type": "array", "minItems": 1},
        unit=_WORDS,
        help=_WORDS,
    )
    short = {
        "type": ["string", "number", "boolean", "array"],
        "description": "Its default; the type is that of the value.",
    }
    return {"anyOf": [{**long, "anyOf": [{"required": ["type"]}, {"required": ["default"]}]}, short]}


def _input() -> dict[str, Any]:
    types = [str(kind) for kind in FACTS if kind is not ArtifactType.VALUE]
    kind = {"enum": [*types, *(f"list[{one}]" for one in types)]}
    return {"anyOf": [kind, _object(["type"], type=kind, optional=_YES, help=_WORDS)]}


def _from() -> dict[str, Any]:
    return {"anyOf": [_OUTPUT, _object(["from"], **{"from": _OUTPUT, "help": _WORDS})]}


def _note() -> dict[str, Any]:
    return _object([], text=_said("Markdown."), at=_PLACE, size=_PLACE)


def _group() -> dict[str, Any]:
    members = {"type": "array", "items": _TEXT}
    colours = {"enum": [str(colour) for colour in Colour]}
    return {"anyOf": [members, _object(["steps"], steps=members, title=_WORDS, colour=colours, collapsed=_YES)]}


def _step() -> dict[str, Any]:
    keys: dict[str, Any] = {
        "use": {**_TEXT, "description": "category/name[@version], or a file: ./steps.py:clean, ./clean.pipeline.yaml"},
        "title": _WORDS,
        "in": {
            "type": ["object", "null"],
            "additionalProperties": {"anyOf": [_SOURCE, {"type": "array", "items": _SOURCE}]},
            "description": "Input port to step.port, or to a list of these.",
        },
        "with": {
            "type": ["object", "null"],
            "description": "Parameter to its value; $params.x, $step.port and $item are filled in.",
        },
        "if": _said("An expression; the step is skipped when it is false."),
        "foreach": {"type": ["array", "string", "object"]},
        "after": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
        "retry": {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 1000},
                _object([], limit={"type": "integer", "minimum": 0, "maximum": 1000}, delay=_AMOUNT, backoff=_NUMBER),
            ]
        },
        "timeout": {**_AMOUNT, "description": "90, 90s, 15m, 1h30m"},
        "resources": _object(
            [], cpu={**_NUMBER, "exclusiveMinimum": 0}, memory=_AMOUNT, gpu={"type": "integer", "minimum": 0}
        ),
        "gpu": {"type": "integer", "minimum": 0},
        "cache": _YES,
        "isolation": {"enum": [str(kind) for kind in Isolation]},
        "env": {"type": ["object", "null"], "additionalProperties": _WORDS},
        "secrets": {"type": ["object", "array", "null"], "description": "Names of secrets, never their values."},
        "image": _TEXT,
    }
    return _object(["use"], **keys)
