"""The application: routes, guard, errors, and the built editor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from assay.server import problems
from assay.server.explore.desk import Desk
from assay.server.guard import Guard
from assay.server.launcher import Launcher, RunRefused
from assay.server.routes import (
    artifacts,
    components,
    documents,
    explanations,
    explore,
    pickers,
    pictures,
    runs,
    templates,
    versions,
)
from assay.server.state import Studio

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Scope

    from assay.server.settings import Settings
    from assay.workspace import Workspace

PARTS = (components, documents, pickers, runs, artifacts, explanations, explore, pictures, templates, versions)
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "worker-src 'self' blob:; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def make_app(workspace: Workspace, settings: Settings) -> Starlette:
    """Return the application for one workspace."""
    log = workspace.store.root / "logs" / "studio.log"
    launcher, desk = Launcher(log, ahead=settings.ahead), Desk(workspace, log)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        launcher.warm()
        yield
        launcher.close()
        desk.close()

    routes: list[BaseRoute] = [Route("/api/openapi.json", _document)]
    for part in PARTS:
        routes += part.router.routes()
    if settings.web is not None:
        routes.append(Mount("/", _Pages(directory=settings.web, html=True)))
    app = Starlette(lifespan=lifespan, middleware=[Middleware(Guard, settings=settings)], routes=routes)
    app.state.studio = Studio(workspace, settings, launcher, desk)
    problems.install(app)
    app.add_exception_handler(RunRefused, _refused)
    return app


def api_document() -> dict[str, Any]:
    """Return the OpenAPI document; the editor does not ask for it, its types are made of it."""
    from assay.server.openapi import openapi

    return openapi(operation for part in PARTS for operation in part.router.operations)


async def _document(_: Request) -> JSONResponse:
    return JSONResponse(api_document())


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RunRefused)
    return JSONResponse(error.body, 422, media_type="application/problem+json")


class _Pages(StaticFiles):
    """The editor's files: hashed names stay for ever, the page itself is asked for anew."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a policy that allows this server alone."""
        response = await super().get_response(path, scope)
        response.headers["content-security-policy"] = _PAGE_POLICY
        lasting = path.startswith("assets/")
        response.headers["cache-control"] = "private, max-age=31536000, immutable" if lasting else "no-cache"
        return response
