"""Errors as the body of an answer: the same code, culprit and hint that the command line shows."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from assay.errors import AssayError, ExitCode, Fault, InvalidDocument, NotFound, WouldOverwrite
from assay.server.confinement import OutsideWorkspace
from assay.server.documents import Conflict
from assay.server.explore.explainer import ExplanationGoing
from assay.views.shapes import fault_json
from assay.workspace import NothingToDo

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.requests import Request
    from starlette.responses import JSONResponse


class BadRequest(InvalidDocument):
    """A request is not what the OpenAPI document says; ``faults`` lists all that is wrong with it."""

    code = "request"

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults, what="request")
        self.culprit = faults[0].culprit
        self.message = "; ".join(f"{fault.culprit}: {fault.message}" for fault in faults)
        self.hint = faults[0].hint or "see /api/openapi.json"


_BY_KIND: dict[type[AssayError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    OutsideWorkspace: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.PRECONDITION_FAILED,
    NothingToDo: HTTPStatus.CONFLICT,
    WouldOverwrite: HTTPStatus.CONFLICT,
    ExplanationGoing: HTTPStatus.CONFLICT,
    BadRequest: HTTPStatus.BAD_REQUEST,
}
_BY_EXIT = {
    ExitCode.STORE: HTTPStatus.SERVICE_UNAVAILABLE,
    ExitCode.MISSING_DEPENDENCY: HTTPStatus.FAILED_DEPENDENCY,
    ExitCode.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}


def problem(error: AssayError) -> dict[str, Any]:
    """Return ``code``, ``message``, ``culprit``, ``hint`` and ``faults``; a conflict adds ``etag`` and ``text``."""
    faults = [fault_json(fault) for fault in error.faults] if isinstance(error, InvalidDocument) else []
    body = {
        "code": error.code,
        "message": error.message,
        "culprit": error.culprit,
        "hint": error.hint,
        "faults": faults,
    }
    if isinstance(error, Conflict):
        body |= {"etag": error.etag, "text": error.text}
    return body


def install(app: Starlette) -> None:
    """Answer every error as a problem."""
    from starlette.exceptions import HTTPException  # is loaded by whoever has an application
    from starlette.responses import JSONResponse

    def answer(status: int, body: dict[str, Any]) -> JSONResponse:
        return JSONResponse(body, status, media_type="application/problem+json")

    async def ours(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, AssayError)
        by_exit = _BY_EXIT.get(error.exit_code, HTTPStatus.UNPROCESSABLE_ENTITY)
        status = next((status for kind, status in _BY_KIND.items() if isinstance(error, kind)), by_exit)
        return answer(status, problem(error))

    async def plain(_: Request, error: HTTPException) -> JSONResponse:
        body = {"code": "http", "message": str(error.detail), "culprit": "", "hint": "", "faults": []}
        return answer(error.status_code, body)

    app.add_exception_handler(AssayError, ours)
    app.add_exception_handler(HTTPException, plain)  # type: ignore[arg-type]  # narrower than Exception on purpose
