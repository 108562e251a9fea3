"""Server-sent events: a run's log as it grows, each event once, from wherever a reader left off."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

from assay.ids import RunId
from assay.model.events import LoggedEvent
from assay.server.logs import whole_characters
from assay.server.tails import Tails
from assay.store import Store
from assay.views.shapes import event_json

_PAUSE = 0.1
_TAIL_PAUSE = 0.5
_PAGE = 1000
_KEEP_ALIVE = 10.0
"""Seconds after which a silent stream says that it lives: a reader takes half a minute of silence for a dead server."""
_CHUNK = 1 << 16


async def run_events(store: Store, run: RunId, after: int, *, tails: bool = False) -> AsyncIterator[str]:
    """Yield every event above ``after`` with its sequence number as ``id``, until the run is over; then ``event: end``.

    With ``tails``, ``event: tail`` says twice a second what the logs of running steps end with; it has no ``id``.
    """
    silent = 0.0
    watched = await asyncio.to_thread(Tails, store, run) if tails else None
    looked = -_TAIL_PAUSE
    while True:
        alive = store.runs.held(run)  # asked before the log is read: what was written until then is in it
        events = await asyncio.to_thread(_page, store, run, after)
        for logged in events:
            after = logged.sequence
            yield _message(event_json(logged), identity=after)
            if watched is not None:
                watched.heed(logged.event)
        if watched is not None and (not alive or time.monotonic() - looked >= _TAIL_PAUSE):
            looked = time.monotonic()
            for tail in await asyncio.to_thread(watched.grown):
                yield f"event: tail\ndata: {json.dumps(tail, ensure_ascii=False)}\n\n"
        if events:
            silent = 0.0
            await asyncio.sleep(0 if len(events) == _PAGE else _PAUSE)
            continue
        if not alive:
            yield f"event: end\ndata: {json.dumps({'status': str(store.runs.run(run).status)})}\n\n"
            return
        silent += _PAUSE
        if silent >= _KEEP_ALIVE:
            silent = 0.0
            yield ": alive\n\n"
        await asyncio.sleep(_PAUSE)


async def log_lines(store: Store, run: RunId, file: Path, place: int) -> AsyncIterator[str]:
    """Yield what a step printed from byte ``place`` on, with the next place as ``id``, until its run is over."""
    silent = 0.0
    while True:
        alive = store.runs.held(run)
        data = await asyncio.to_thread(_read, file, place)
        if data:
            place += len(data)
            yield _message({"text": data.decode("utf-8", errors="replace")}, identity=place)
            silent = 0.0
            continue
        if not alive:
            yield "event: end\ndata: {}\n\n"
            return
        silent += _PAUSE
        if silent >= _KEEP_ALIVE:
            silent = 0.0
            yield ": alive\n\n"
        await asyncio.sleep(_PAUSE)


def _page(store: Store, run: RunId, after: int) -> list[LoggedEvent]:
    return list(store.runs.events(run, after=after, limit=_PAGE))


def _read(file: Path, place: int) -> bytes:
    try:
        with file.open("rb") as reader:
            reader.seek(place)
            return whole_characters(reader.read(_CHUNK))
    except FileNotFoundError:
        return b""


def _message(body: object, *, identity: int) -> str:
    return f"id: {identity}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n"
