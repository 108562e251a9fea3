"""The OpenAPI document, made of the signatures of the handlers: the one source of the editor's types."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from msgspec.json import schema_components
from starlette.responses import Response

import assay
from assay.server.routing import REQUIRED, Given, Operation, Where
from assay.server.wire.documents import Problem

_REFERENCE = "#/components/schemas/{name}"
_JSON = "application/json"


def openapi(operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the document (OpenAPI 3.1) of the operations, in their order; the same for the same operations."""
    listed = list(operations)
    types = _Types(listed)
    paths: dict[str, dict[str, Any]] = {}
    for operation in listed:
        path = operation.path.replace(":path}", "}")
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, types)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Assay Studio", "version": assay.__version__},
        "paths": paths,
        "components": {"schemas": types.components},
    }


class _Types:
    """Schemas of all types of the operations, made at once, so that each has one name."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._kinds: list[Any] = [Problem]
        for one in operations:
            self._kinds += [given.type for given in one.given]
            self._kinds += [one.body[1]] if one.body is not None else []
            self._kinds += [] if _is_response(one.answer) else [one.answer]
        schemas, components = schema_components(self._kinds, ref_template=_REFERENCE)
        self._schemas = [_plain(schema) for schema in schemas]
        self.components = {name: _plain(components[name]) for name in sorted(components)}

    def schema(self, kind: Any) -> dict[str, Any]:
        """Return the schema of a type."""
        found: dict[str, Any] = self._schemas[self._kinds.index(kind)]
        return found


def _operation(operation: Operation, types: _Types) -> dict[str, Any]:
    found: dict[str, Any] = {
        "tags": [operation.tag],
        "description": inspect.getdoc(operation.function),
        "operationId": operation.identity,
    }
    if operation.given:
        found["parameters"] = [_parameter(one, types) for one in operation.given]
    if operation.body is not None:
        content = {_JSON: {"schema": types.schema(operation.body[1])}}
        found["requestBody"] = {"content": content, "required": True}
    good: dict[str, Any] = {"description": "The answer."}
    if not _is_response(operation.answer):
        good["content"] = {_JSON: {"schema": types.schema(operation.answer)}}
    elif operation.media:
        good["content"] = {operation.media: {"schema": {"type": "string"}}}
    wrong = {"application/problem+json": {"schema": types.schema(Problem)}}
    found["responses"] = {
        str(operation.status): good,
        "default": {"description": "What is wrong, and what to do.", "content": wrong},
    }
    return found


def _parameter(one: Given, types: _Types) -> dict[str, Any]:
    schema = dict(types.schema(one.type))
    if one.default is not REQUIRED and one.default is not None:
        schema["default"] = one.default
    required = one.where is Where.PATH or one.default is REQUIRED
    return {"name": one.shown, "in": str(one.where), "required": required, "schema": schema}


def _plain(schema: Any) -> Any:
    """Return a schema without what generated types trip over.

    A title is the name once more; a field whose default is nothing may be left out; and an object of anything says so.
    """
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        word: {name: _plain(field) for name, field in value.items()} if word == "properties" else _plain(value)
        for word, value in schema.items()
        if word != "title" and not (word == "default" and value in (None, [], {}))
    }
    if found.get("type") == "object" and not {"properties", "additionalProperties"} & set(found):
        found["additionalProperties"] = True
    return found


def _is_response(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Response)
