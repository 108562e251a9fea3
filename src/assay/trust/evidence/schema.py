"""The JSON Schema of evidence, published as docs/schemas/evidence-1.schema.json."""

from __future__ import annotations

from typing import Any

from assay.trust.evidence.evidence import FORMAT, Role
from assay.trust.evidence.kinds import KINDS, Block
from assay.trust.evidence.statement import State

_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "number"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_GROUP: dict[str, Any] = {"type": "object", "additionalProperties": _TEXT}


def _maybe(kind: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [kind, {"type": "null"}]}


def _record(needed: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "object", "required": list(needed), "properties": needed | (optional or {})}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _definitions() -> dict[str, Any]:
    number = _maybe(_NUMBER)
    known = {"enum": sorted(KINDS)}
    return {
        "estimate": _record(
            {"value": _NUMBER, "low": number, "high": number, "n": _COUNT},
            {
                "rows": _COUNT,
                "positives": _maybe(_COUNT),
                "method": _TEXT,
                "level": _NUMBER | {"minimum": 0, "maximum": 1},
            },
        ),
        "criterion": _record({"least": number, "most": number}, {"fewest": _COUNT}),
        "statement": _record(
            {"id": known, "estimate": {"$ref": "#/$defs/estimate"}, "on": _GROUP},
            {
                "against": _GROUP,
                "criterion": _maybe({"$ref": "#/$defs/criterion"}),
                "state": {"enum": [*map(str, State), None]},
                "reason": _TEXT,
                "needed": _maybe(_COUNT),
                "family": _TEXT,
                "adjusted_p": number,
            },
        ),
        "subject": _record(
            {"role": {"enum": [*map(str, Role)]}, "digest": _TEXT | {"pattern": "^[0-9a-f]{64}$"}}, {"name": _TEXT}
        ),
        "method": _record(
            {"component": _TEXT, "name": _TEXT}, {"library": _TEXT, "version": _TEXT, "reference": _TEXT}
        ),
        "not_measured": _record({"id": known, "why": _TEXT}, {"on": _GROUP}),
        "table": _record(
            {
                "name": _TEXT,
                "title": _TEXT,
                "columns": _list(_TEXT),
                "rows": _list(_list({"type": ["string", "number", "boolean", "null"]})),
            }
        ),
        "figure": _record(
            {"name": _TEXT, "title": _TEXT, "block": {"enum": [*map(str, Block)]}},
            {"specification": {"type": "object"}, "svg": _TEXT, "png": _TEXT},
        ),
        "cost": _record({"cpu_seconds": _NUMBER, "wall_seconds": _NUMBER}, {"model_calls": _COUNT}),
    }


def schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12). Keys it does not name are allowed and ignored."""
    body = _record(
        {
            "format": {"const": FORMAT},
            "title": _TEXT,
            "method": {"$ref": "#/$defs/method"},
            "subjects": _list({"$ref": "#/$defs/subject"}),
            "samples": {"type": "object", "additionalProperties": _COUNT},
            "statements": _list({"$ref": "#/$defs/statement"}),
        },
        {
            "parameters": {"type": "object"},
            "labels": _list(_TEXT),
            "positive": _TEXT,
            "seed": _maybe({"type": "integer"}),
            "synthetic": _maybe({"type": "boolean"}),
            "not_measured": _list({"$ref": "#/$defs/not_measured"}),
            "tables": _list({"$ref": "#/$defs/table"}),
            "figures": _list({"$ref": "#/$defs/figure"}),
            "caveats": _list(_TEXT),
            "cost": _maybe({"$ref": "#/$defs/cost"}),
        },
    )
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Assay evidence, format 1"}
    return head | body | {"$defs": _definitions()}
