"""The predictor's HTTP server: a table of routes over a served model."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from importlib import resources

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import assay
from assay.errors import AssayError
from assay.serving import v1, v2
from assay.serving.asking import Asked
from assay.serving.counting import request_number
from assay.serving.desk import Desk
from assay.serving.events import Finished, Payload
from assay.serving.faults import RequestFault
from assay.serving.model import Answer
from assay.serving.v2 import HEADER

LARGEST_BODY = 64 << 20
"""Bytes of a request."""

_CSP = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; img-src data: blob:; connect-src 'self'"

Work = Callable[[Request, bytes], Awaitable[Response]]


class Predictor:
    """Answers for one model.

    Args:
        desk: Where requests are answered and counted.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk, self._model = desk, desk.model

    def routes(self) -> list[Route]:
        """Return the routes."""
        old, new = "/v1/models/{model}", "/v2/models/{model}"
        return [  # looked through from the top: what is asked most stands first
            Route(f"{new}/infer", self._asked("infer", self._infer), methods=["POST"]),
            Route("/", self._page),
            Route("/page.js", self._script),
            Route("/metrics", self._metrics),
            Route("/v2", self._server),
            Route("/v2/health/live", self._live),
            Route("/v2/health/ready", self._live),
            Route(new, self._metadata),
            Route(f"{new}/ready", self._ready),
            Route(f"{new}/explain", self._asked("explain", self._explain), methods=["POST"]),
            Route("/v1/models", self._names),
            Route(f"{old}:predict", self._asked("predict", self._predict_v1), methods=["POST"]),
            Route(f"{old}:explain", self._asked("explain", self._explain_v1), methods=["POST"]),
            Route(old, self._ready),
        ]

    def _asked(self, what: str, work: Work) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            began, number = time.perf_counter(), request_number(request.headers.get("x-request-id"))
            body = b""
            try:
                self._desk.named(request.path_params["model"])
                body = await _body(request)
                response = await work(request, body)
            except AssayError as error:
                status = error.status if isinstance(error, RequestFault) else 400
                told = {"error": error.message, "code": error.code, "culprit": error.culprit, "hint": error.hint}
                response = JSONResponse(told, status)
            seconds = time.perf_counter() - began
            response.headers["x-request-id"] = number
            pictures = getattr(request.state, "pictures", 0)
            both: tuple[Payload | None, Payload | None] = (None, None)
            if self._desk.payloads:
                kind = request.headers.get("content-type", "application/octet-stream")
                both = Payload(body, kind), Payload(bytes(response.body), str(response.media_type))
            self._desk.finished(Finished("http", what, str(response.status_code), seconds, number, pictures, *both))
            return response

        return handle

    async def _infer(self, request: Request, body: bytes) -> Response:
        asked = v2.read_request(body, request.headers.get(HEADER), self._model)
        content, head = v2.answer(self._model, asked, await self._answers(request, asked))
        if head is None:
            return Response(content, media_type="application/json")
        return Response(content, headers={HEADER: str(head)}, media_type="application/octet-stream")

    async def _explain(self, request: Request, body: bytes) -> Response:
        asked = v2.read_request(body, request.headers.get(HEADER), self._model)
        answers = await self._answers(request, asked)
        found = await run_in_threadpool(self._model.explain, asked.pixels)
        return Response(v2.explained(self._model, asked, answers, found), media_type="application/json")

    async def _predict_v1(self, request: Request, body: bytes) -> Response:
        asked = v1.read_request(body, self._model)
        return Response(
            v1.answer(self._model, asked, await self._answers(request, asked)), media_type="application/json"
        )

    async def _explain_v1(self, request: Request, body: bytes) -> Response:
        asked = v1.read_request(body, self._model)
        answers = await self._answers(request, asked)
        found = await run_in_threadpool(self._model.explain, asked.pixels)
        return JSONResponse(v1.explained(self._model, asked, answers, found))

    async def _answers(self, request: Request, asked: Asked) -> Sequence[Answer]:
        request.state.pictures = len(asked.pixels)
        return await self._desk.answers_soon(asked)

    async def _metadata(self, request: Request) -> Response:
        try:
            self._desk.named(request.path_params["model"])
        except RequestFault as error:
            return JSONResponse({"error": error.message, "hint": error.hint}, error.status)
        return JSONResponse(v2.metadata(self._model))

    async def _ready(self, request: Request) -> Response:
        try:
            self._desk.named(request.path_params["model"])
        except RequestFault as error:
            return JSONResponse({"error": error.message, "hint": error.hint}, error.status)
        return JSONResponse({"name": self._model.name, "ready": True})

    async def _live(self, request: Request) -> Response:  # noqa: ARG002  (as the others)
        return JSONResponse({"live": True, "ready": True})

    async def _names(self, request: Request) -> Response:  # noqa: ARG002  (as the others)
        return JSONResponse({"models": [self._model.name]})

    async def _server(self, request: Request) -> Response:  # noqa: ARG002  (as the others)
        return JSONResponse({"name": "assay", "version": assay.__version__, "extensions": ["binary_tensor_data"]})

    async def _metrics(self, request: Request) -> Response:  # noqa: ARG002  (as the others)
        return Response(self._desk.counts.text(), media_type="text/plain; version=0.0.4")

    async def _page(self, request: Request) -> Response:  # noqa: ARG002  (as the others)
        return Response(_resource("page.html"), media_type="text/html", headers={"content-security-policy": _CSP})

    async def _script(self, request: Request) -> Response:  # noqa: ARG002  (as the others)
        return Response(_resource("page.js"), media_type="text/javascript")


def make_app(desk: Desk) -> Starlette:
    """Return the HTTP server of a desk."""
    return Starlette(routes=Predictor(desk).routes())


def _resource(name: str) -> str:
    return resources.files("assay.serving").joinpath(name).read_text(encoding="utf-8")


async def _body(request: Request) -> bytes:
    """Return the body; raises ``RequestFault`` as soon as it is too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise RequestFault(f"a request has at most {LARGEST_BODY >> 20} MiB", status=413)
        parts.append(part)
    return b"".join(parts)
