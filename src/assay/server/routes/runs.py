"""Runs: started, stopped, resumed, looked at, followed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta
from msgspec.structs import asdict
from starlette.responses import Response, StreamingResponse

from assay.ids import RunId
from assay.server.confinement import existing
from assay.server.follow import log_lines, run_events
from assay.server.logs import log_part
from assay.server.routing import Header, Routes
from assay.server.state import Studio
from assay.server.targets import find_target
from assay.server.wire.converting import convert
from assay.server.wire.documents import Asked
from assay.server.wire.runs import Comparison, Log, Run, RunRow, Started, Step
from assay.views.comparison import compare_runs
from assay.views.places import find_step, in_order
from assay.views.runpage import run_page
from assay.views.shapes import run_json, run_row_json, step_json

router = Routes("runs")

LastEvent = Annotated[str, Header("last-event-id")]
_PAGE = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The page says the same and more of itself; whatever a run wrote, in a browser it runs nothing and loads nothing."""
_STREAM = {"cache-control": "no-store", "x-accel-buffering": "no"}


@router.post("/runs", "startRun", status=201)
def start_run(body: Asked, studio: Studio) -> Started:
    """Run the saved file."""
    find_target(body.target)
    file = existing(studio.settings.root, body.path)
    order = asdict(body) | {"file": str(file)}
    return Started(run=studio.launcher.launch(_order(studio, order)))


@router.get("/runs", "listRuns")
def list_runs(
    studio: Studio, pipeline: str | None = None, limit: Annotated[int, Meta(ge=1, le=1000)] = 50
) -> list[RunRow]:
    """List runs, newest first."""
    rows = studio.workspace.store.runs.runs(pipeline=pipeline, limit=limit)
    return [convert(run_row_json(row), RunRow) for row in rows]


@router.get("/runs/{run}", "showRun")
def show_run(run: str, studio: Studio) -> Run:
    """Show a run with its steps; follow it from ``sequence`` on."""
    row = studio.workspace.store.runs.run(run)
    state = studio.workspace.state(row.id)
    body = run_json(row.id, row.status, state, in_order(state))
    return convert({**body, "document": state.document, "sequence": state.sequence}, Run)


@router.post("/runs/{run}/cancel", "cancelRun", status=202)
def cancel_run(run: str, studio: Studio) -> Started:
    """Ask a run to end; final steps still run."""
    row = studio.workspace.store.runs.run(run)
    studio.workspace.cancel(row.id)
    return Started(run=row.id)


@router.post("/runs/{run}/resume", "resumeRun", status=202)
def resume_run(run: str, studio: Studio) -> Started:
    """Go on with a run that was interrupted, cancelled or failed."""
    row = studio.workspace.store.runs.run(run)
    return Started(run=studio.launcher.launch(_order(studio, {"resume": row.id})))


@router.get("/runs/{run}/events", "followRun", media="text/event-stream")
def follow_run(
    run: str,
    studio: Studio,
    after: Annotated[int, Meta(ge=0)] = 0,
    last_event_id: LastEvent = "",
    *,
    tails: bool = False,
) -> StreamingResponse:
    """Follow a run: server-sent events, ``id`` is the sequence number; goes on after Last-Event-ID. With ``tails``, ``event: tail`` tells
    the last lines of what running steps print."""
    store = studio.workspace.store
    row = store.runs.run(run)
    start = int(last_event_id) if last_event_id.isdecimal() else after
    return StreamingResponse(
        run_events(store, row.id, start, tails=tails), media_type="text/event-stream", headers=_STREAM
    )


@router.get("/runs/{run}/page", "runPage", media="text/html")
def page_of_run(run: str, studio: Studio, *, download: bool = False) -> Response:
    """Return a run as a page of its own, as ``assay show RUN --html`` writes it."""
    row = studio.workspace.store.runs.run(run)
    text = run_page(studio.workspace.store, row, studio.workspace.state(row.id), dt.datetime.now(dt.UTC))
    headers = {"content-security-policy": _PAGE, "cache-control": "no-store"}
    if download:
        headers["content-disposition"] = f'attachment; filename="{row.id}.html"'
    return Response(text, media_type="text/html", headers=headers)


@router.get("/runs/{run}/steps/{step:path}/log", "stepLog")
def step_log(
    run: str, step: str, studio: Studio, start: Annotated[int, Meta(ge=0)] = 0, attempt: int | None = None
) -> Log:
    """Return what a step printed, a part at a time."""
    return log_part(_log_file(studio, run, step, attempt)[1], start)


@router.get("/runs/{run}/steps/{step:path}/log/stream", "followLog", media="text/event-stream")
def follow_log(
    run: str,
    step: str,
    studio: Studio,
    start: Annotated[int, Meta(ge=0)] = 0,
    last_event_id: LastEvent = "",
) -> StreamingResponse:
    """Follow what a step prints: server-sent events, ``id`` is the byte to go on from."""
    origin, file = _log_file(studio, run, step, None)
    place = int(last_event_id) if last_event_id.isdecimal() else start
    stream = log_lines(studio.workspace.store, origin, file, place)
    return StreamingResponse(stream, media_type="text/event-stream", headers=_STREAM)


@router.get("/compare", "compareRuns")
def compare(a: str, b: str, studio: Studio) -> Comparison:
    """Hold two runs side by side."""
    store = studio.workspace.store
    found = compare_runs(store, store.runs.run(a).id, store.runs.run(b).id)
    return convert(found.json(), Comparison)


@router.get("/runs/{run}/steps/{step:path}", "showStep")
def show_step(run: str, step: str, studio: Studio) -> Step:
    """Show one step, ``train``, or one element of it, ``map[3]``."""
    row = studio.workspace.store.runs.run(run)
    state = studio.workspace.state(row.id)
    return convert(step_json(state.step(find_step(state, step))), Step)


def _log_file(studio: Studio, run: str, step: str, attempt: int | None) -> tuple[RunId, Path]:
    """Return the run whose log holds what the step printed (a reused step's is that of the run that made it), and the file."""
    store = studio.workspace.store
    row = store.runs.run(run)
    state = studio.workspace.state(row.id)
    place = state.step(find_step(state, step))
    origin = row.id
    if place.from_run and place.from_run != row.id:
        origin = place.from_run
        place = studio.workspace.state(origin).step(place.key)
    return origin, store.log_file(origin, place.key, attempt or max(place.attempt, 1))


def _order(studio: Studio, order: Mapping[str, Any]) -> dict[str, Any]:
    return {**order, "root": str(studio.workspace.root), "store": str(studio.workspace.store.root)}
