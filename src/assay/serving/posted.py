"""What is asked of the model over HTTP, as plain ASGI: no layer stands between the server and the model for each request."""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from assay.errors import AssayError
from assay.serving import v1, v2
from assay.serving.asking import Asked
from assay.serving.counting import LOG, request_number
from assay.serving.desk import Desk
from assay.serving.events import Finished, Payload
from assay.serving.faults import RequestFault
from assay.serving.model import Answer, Explanation
from assay.serving.v2 import HEADER

LARGEST_BODY = 64 << 20
"""Bytes of a request."""

_NEW = re.compile(r"/v2/models/([^/]+)/(infer|explain)")
_OLD = re.compile(r"/v1/models/([^/]+):(predict|explain)")
_OTHER_METHOD = 405
_JSON, _BYTES = "application/json", "application/octet-stream"
_log = logging.getLogger(LOG)


@dataclass(slots=True)
class _Request:
    headers: dict[bytes, bytes]
    body: bytes = b""
    pictures: int = 0

    def header(self, name: str) -> str | None:
        value = self.headers.get(name.encode())
        return None if value is None else value.decode("latin-1")


@dataclass(frozen=True, slots=True)
class _Response:
    content: bytes
    status: int = 200
    media_type: str = _JSON
    headers: Sequence[tuple[bytes, bytes]] = ()


_Work = Callable[[_Request], Awaitable[_Response]]


@dataclass(frozen=True, slots=True)
class Question:
    """What a path asks: of which model, in which protocol's words, and what answers it."""

    name: str
    ask: str
    work: _Work


class _GoneError(Exception):
    """The caller went away before the request was whole."""


class Questions:
    """Answers requests to infer, predict and explain, and counts each of them.

    Args:
        desk: Where requests are answered and counted.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk, self._model = desk, desk.model
        self._new: dict[str, _Work] = {"infer": self._infer, "explain": self._explain}
        self._old: dict[str, _Work] = {"predict": self._predict_v1, "explain": self._explain_v1}
        infer = f"/v2/models/{self._model.name}/infer"
        self._most_asked = {infer: Question(self._model.name, "infer", self._infer)}

    def asked(self, path: str) -> Question | None:
        """Return what a path asks; ``None`` when it asks nothing of any model."""
        if (found := self._most_asked.get(path)) is not None:
            return found
        if match := _NEW.fullmatch(path):
            return Question(match[1], match[2], self._new[match[2]])
        if match := _OLD.fullmatch(path):
            return Question(match[1], match[2], self._old[match[2]])
        return None

    async def answer(self, question: Question, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever it is: the caller gets a reason, and the log a line without the patient."""
        began = time.perf_counter()
        request = _Request(dict(reversed(scope["headers"])))  # of a header that comes twice, the first counts
        number = request_number(request.header("x-request-id"))
        try:
            self._desk.named(question.name)
            request.body = await _body(scope, receive)
            response = await question.work(request)
        except _GoneError:
            return
        except AssayError as error:
            response = _refused(error)
        except Exception as error:  # noqa: BLE001  (ours, whatever it is: the caller and the counters are told, the next is answered)
            response = _failed(error, number)
        seconds = time.perf_counter() - began
        both: tuple[Payload | None, Payload | None] = (None, None)
        if self._desk.payloads:
            kind = request.header("content-type") or _BYTES
            both = Payload(request.body, kind), Payload(response.content, response.media_type)
        status = str(response.status)
        self._desk.finished(Finished("http", question.ask, status, seconds, number, request.pictures, *both))
        await _send(response, number, send)

    async def _infer(self, request: _Request) -> _Response:
        asked = v2.read_request(request.body, request.header(HEADER), self._model)
        content, head = v2.answer(self._model, asked, await self._answers(request, asked))
        if head is None:
            return _Response(content)
        return _Response(content, media_type=_BYTES, headers=[(HEADER.encode(), str(head).encode())])

    async def _explain(self, request: _Request) -> _Response:
        asked = v2.read_request(request.body, request.header(HEADER), self._model)
        return _Response(v2.explained(self._model, asked, *await self._explained(request, asked)))

    async def _predict_v1(self, request: _Request) -> _Response:
        asked = v1.read_request(request.body, self._model)
        return _Response(v1.answer(self._model, asked, await self._answers(request, asked)))

    async def _explain_v1(self, request: _Request) -> _Response:
        asked = v1.read_request(request.body, self._model)
        return _Response(v1.explained(self._model, asked, *await self._explained(request, asked)))

    async def _answers(self, request: _Request, asked: Asked) -> Sequence[Answer]:
        request.pictures = len(asked.pixels)
        return await self._desk.answers_soon(asked)

    async def _explained(self, request: _Request, asked: Asked) -> tuple[Sequence[Answer], Sequence[Explanation]]:
        answers = await self._answers(request, asked)
        return answers, await run_in_threadpool(self._model.explain, asked.pixels)


def _refused(error: AssayError) -> _Response:
    told = {"error": error.message, "code": error.code, "culprit": error.culprit, "hint": error.hint}
    status = error.status if isinstance(error, RequestFault) else 400
    headers = [(b"allow", b"POST")] if status == _OTHER_METHOD else []
    return _Response(json.dumps(told, ensure_ascii=False).encode(), status, headers=headers)


def _failed(error: Exception, number: str) -> _Response:
    """Log where the server broke, without the words of the error: they may hold what was sent."""
    places = [f"{one.filename}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)]
    facts = {"time": round(time.time(), 3), "request": number, "error": type(error).__name__, "at": places}
    _log.error(json.dumps(facts))
    hint = f"its log says where, under the request {number}"
    told = {"error": "the server failed at this request", "code": "internal", "culprit": "", "hint": hint}
    return _Response(json.dumps(told).encode(), 500)


async def _send(response: _Response, number: str, send: Send) -> None:
    headers = [
        (b"content-length", str(len(response.content)).encode()),
        (b"content-type", response.media_type.encode()),
        (b"x-request-id", number.encode()),
        *response.headers,
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})


async def _body(scope: Scope, receive: Receive) -> bytes:
    """Return what was posted; raises ``RequestFault`` as soon as it is too large, ``_GoneError`` when its sender has gone."""
    if scope["method"] != "POST":
        raise RequestFault("a model is asked by POST", status=_OTHER_METHOD, culprit=scope["method"])
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        part, more = message.get("body", b""), message.get("more_body", False)
        size += len(part)
        if size > LARGEST_BODY:
            raise RequestFault(f"a request has at most {LARGEST_BODY >> 20} MiB", status=413)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
