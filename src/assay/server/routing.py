"""Handlers as plain functions: their signatures say what a request carries, and their return type what the answer is.

A parameter that stands in the path is text; ``studio`` is what is served; one whose type is a ``Wire`` is the JSON body; one marked
with ``Header`` is a header; every other is asked for in the address. What a signature does not allow is refused before the
handler is called, all faults at once.
"""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin

import msgspec
from msgspec.structs import fields
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from assay.errors import Fault, did_you_mean
from assay.server.problems import BadRequest
from assay.server.state import Studio
from assay.server.wire import Wire
from assay.server.wire.converting import convert

if TYPE_CHECKING:
    from starlette.requests import Request

REQUIRED: Any = inspect.Parameter.empty
_F = TypeVar("_F", bound=Callable[..., Any])
_JSON = "application/json"
_AT = re.compile(r" - at `\$\.?(.*)`$")


@dataclass(frozen=True, slots=True)
class Header:
    """Marks a parameter that is a header."""

    name: str


class Where(enum.StrEnum):
    """Where a request carries a value."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter of a handler that is no body: its name in Python and in the request, its type, and its default."""

    name: str
    shown: str
    where: Where
    type: Any
    default: Any


@dataclass(frozen=True)
class Operation:
    """A handler and where it answers.

    Attributes:
        identity: Its ``operationId``: the name of the call in generated clients.
        media: Media type of an answer that is no JSON; empty: it differs from answer to answer.
    """

    method: str
    path: str
    identity: str
    tag: str
    status: int
    media: str
    function: Callable[..., Any]

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.function, eval_str=True)

    @property
    def answer(self) -> Any:
        """The type of what the handler returns."""
        return self._signature.return_annotation

    @cached_property
    def body(self) -> tuple[str, type[Wire]] | None:
        """The parameter that is the JSON body, and its type."""
        found = ((name, one.annotation) for name, one in self._signature.parameters.items())
        return next(((name, kind) for name, kind in found if isinstance(kind, type) and issubclass(kind, Wire)), None)

    @cached_property
    def given(self) -> tuple[Given, ...]:
        """All parameters that are neither the body nor what is served."""
        body = self.body[0] if self.body is not None else ""
        return tuple(
            self._given(name, one)
            for name, one in self._signature.parameters.items()
            if one.annotation is not Studio and name != body
        )

    def _given(self, name: str, parameter: inspect.Parameter) -> Given:
        kind = parameter.annotation
        if re.search(rf"\{{{name}(:path)?\}}", self.path):
            return Given(name, name, Where.PATH, kind, REQUIRED)
        marks = get_args(kind)[1:] if get_origin(kind) is Annotated else ()
        header = next((mark.name for mark in marks if isinstance(mark, Header)), None)
        if header is not None:
            return Given(name, header, Where.HEADER, get_args(kind)[0], parameter.default)
        return Given(name, name, Where.QUERY, kind, parameter.default)

    async def endpoint(self, request: Request) -> Response:
        """Answer one request; handlers run in threads."""
        arguments, faults = self._read(request)
        if self.body is not None:
            name, kind = self.body
            body, wrong = _body(kind, await request.body())
            arguments[name] = body
            faults += wrong
        if faults:
            raise BadRequest(faults)
        if "studio" in self._signature.parameters:
            arguments["studio"] = request.app.state.studio
        answer = await run_in_threadpool(self.function, **arguments)
        if isinstance(answer, Response):
            return answer
        return Response(msgspec.json.encode(answer), self.status, media_type=_JSON)

    def _read(self, request: Request) -> tuple[dict[str, Any], list[Fault]]:
        arguments: dict[str, Any] = {}
        faults: list[Fault] = []
        sources: dict[Where, Mapping[str, str]] = {
            Where.PATH: request.path_params,
            Where.QUERY: request.query_params,
            Where.HEADER: request.headers,
        }
        for one in self.given:
            text = sources[one.where].get(one.shown)
            if text is not None:
                arguments[one.name] = _converted(text, one.type, f"{one.where}.{one.shown}", faults, strict=False)
            elif one.default is REQUIRED:
                faults.append(_missing(f"{one.where}.{one.shown}"))
        return arguments, faults


class Routes:
    """The operations of one subject; a decorator for each method."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self.operations: list[Operation] = []

    def get(self, path: str, identity: str, *, media: str = "") -> Callable[[_F], _F]:
        """Answer GET at ``path``, below ``/api``."""
        return self._add("GET", path, identity, 200, media)

    def put(self, path: str, identity: str) -> Callable[[_F], _F]:
        """Answer PUT."""
        return self._add("PUT", path, identity, 200, "")

    def post(self, path: str, identity: str, *, status: int = 200, media: str = "") -> Callable[[_F], _F]:
        """Answer POST."""
        return self._add("POST", path, identity, status, media)

    def routes(self) -> list[Route]:
        """Return what the application is made of."""
        return [Route(one.path, one.endpoint, methods=[one.method]) for one in self.operations]

    def _add(self, method: str, path: str, identity: str, status: int, media: str) -> Callable[[_F], _F]:
        def add(function: _F) -> _F:
            operation = Operation(method, f"/api{path}", identity, self._tag, status, media, function)
            self.operations.append(operation)
            return function

        return add


def _body(kind: type[Wire], data: bytes) -> tuple[Wire | None, list[Fault]]:
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return None, [Fault(BadRequest.code, f"no JSON: {error}", "body")]
    if not isinstance(found, dict):
        return None, [Fault(BadRequest.code, "not a JSON object", "body")]
    known = {field.encode_name: field for field in fields(kind)}
    faults = [
        Fault(BadRequest.code, "there is no such field", f"body.{name}", hint=did_you_mean(name, known))
        for name in found
        if name not in known
    ]
    values: dict[str, Any] = {}
    for name, field in known.items():
        if name in found:
            values[field.name] = _converted(found[name], field.type, f"body.{name}", faults, strict=True)
        elif field.required:
            faults.append(_missing(f"body.{name}"))
    return (None if faults else kind(**values)), faults


def _converted(value: object, kind: Any, place: str, faults: list[Fault], *, strict: bool) -> Any:
    try:
        return convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        said = str(error)
        inner = _AT.search(said)
        within = inner[1] if inner is not None else ""
        deeper = f"{place}{'' if within.startswith('[') or not within else '.'}{within}"
        faults.append(Fault(BadRequest.code, _AT.sub("", said), deeper))
        return None


def _missing(place: str) -> Fault:
    return Fault(BadRequest.code, "it is missing", place)
