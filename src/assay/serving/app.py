"""The predictor's HTTP server: questions go straight to the model, and a table of routes tells the rest."""

from __future__ import annotations

from importlib import resources

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

import assay
from assay.serving import v2
from assay.serving.desk import Desk
from assay.serving.faults import RequestFault
from assay.serving.posted import Questions

_CSP = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; img-src data: blob:; connect-src 'self'"


class Predictor:
    """Tells what is served: its name, its health, its figures, and a page to try it on.

    Args:
        desk: Where requests are answered and counted.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk, self._model = desk, desk.model

    def routes(self) -> list[Route]:
        """Return the routes."""
        old, new = "/v1/models/{model}", "/v2/models/{model}"
        return [
            Route("/", self._page),
            Route("/page.js", self._script),
            Route("/metrics", self._metrics),
            Route("/v2", self._server),
            Route("/v2/health/live", self._live),
            Route("/v2/health/ready", self._live),
            Route(new, self._metadata),
            Route(f"{new}/ready", self._ready),
            Route("/v1/models", self._names),
            Route(old, self._ready),
        ]

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


def make_app(desk: Desk) -> ASGIApp:
    """Return the HTTP server of a desk: what is asked of the model goes straight to it, the rest is Starlette's."""
    questions, rest = Questions(desk), Starlette(routes=Predictor(desk).routes())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        question = questions.asked(scope["path"]) if scope["type"] == "http" else None
        if question is None:
            await rest(scope, receive, send)
        else:
            await questions.answer(question, scope, receive, send)

    return app


def _resource(name: str) -> str:
    return resources.files("assay.serving").joinpath(name).read_text(encoding="utf-8")
