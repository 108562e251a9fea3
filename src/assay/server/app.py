"""The application: routes, guard, errors, and the built editor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware
from starlette.responses import JSONResponse

import assay
from assay.server import problems
from assay.server.guard import Guard
from assay.server.launcher import Launcher, RunRefused
from assay.server.routes import artifacts, components, documents, runs, templates, versions
from assay.server.state import Studio
from assay.server.wire.documents import Problem

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Scope

    from assay.server.settings import Settings
    from assay.workspace import Workspace

_PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "worker-src 'self' blob:; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def make_app(workspace: Workspace, settings: Settings) -> FastAPI:
    """Return the application for one workspace."""
    launcher = Launcher(workspace.store.root / "logs" / "studio.log", ahead=settings.ahead)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        launcher.warm()
        yield
        launcher.close()

    app = FastAPI(
        title="Assay Studio",
        version=assay.__version__,
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        middleware=[Middleware(Guard, settings=settings)],
        responses={"default": {"model": Problem, "description": "What is wrong, and what to do."}},
    )
    app.state.studio = Studio(workspace, settings, launcher)
    api = APIRouter(prefix="/api")
    for part in (components, documents, runs, artifacts, templates, versions):
        api.include_router(part.router)
    app.include_router(api)
    problems.install(app)
    app.add_exception_handler(RunRefused, _refused)
    if settings.web is not None:
        app.mount("/", _Pages(directory=settings.web, html=True))
    return app


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
