"""Shapes that the published JSON Schemas of evidence, policies and verdicts are put together from."""

from __future__ import annotations

from typing import Any

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
GROUP: dict[str, Any] = {"type": "object", "additionalProperties": TEXT}
SHA256: dict[str, Any] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def maybe(kind: dict[str, Any]) -> dict[str, Any]:
    """Return the shape of something that may be null."""
    return {"anyOf": [kind, {"type": "null"}]}


def record(needed: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the shape of an object with keys that it needs and keys that it may have; others are allowed."""
    return {"type": "object", "required": list(needed), "properties": needed | (optional or {})}


def sequence(items: dict[str, Any], *, fewest: int = 0) -> dict[str, Any]:
    """Return the shape of a list of at least ``fewest`` such items."""
    return {"type": "array", "items": items} | ({"minItems": fewest} if fewest else {})
