"""A served bundle in front of somebody: where it is, what it is, an end with Ctrl+C."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.bundling import examined, tell
from assay.cli.listening import listen
from assay.cli.terminal import document, note, say
from assay.errors import AssayError, MissingDependency

if TYPE_CHECKING:
    from assay.serving.desk import Desk
    from assay.serving.model import ServedModel

_GRACE = 5.0
"""Seconds that a call has to end when the server does."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a bundle is asked, and how.

    Attributes:
        host: Address to listen on.
        port: Of HTTP; 0: any free one.
        grpc_port: Of gRPC; 0: any free one, ``None``: not at all.
        wait: Seconds that a request may wait for others to be answered with it.
        log: Whether every request is a line on standard error.
        events: Address that is told of every request by a CloudEvent; empty: none.
        payloads: Whether it is told what was asked and answered, too.
    """

    host: str
    port: int
    grpc_port: int | None = None
    wait: float = 0.0
    log: bool = True
    events: str = ""
    payloads: bool = False


def serve_bundle(
    where: str, listening: Listening, *, key: Path | None, threads: int, shelf: Path | None, json: bool
) -> None:
    """Serve a bundle until Ctrl+C; one in a registry is taken onto the shelf first. Raises what verifying it raises.

    Raises:
        UsageError: Payloads without an address to send them to.
        MissingDependency: The extra ``serve``, or ``grpc`` when that is asked for, is not installed.
        AssayError: It lies in an archive, or the port is taken.
        ComponentError: The model does not answer its own example.
    """
    if listening.payloads and not listening.events:
        raise AssayError(
            "there is no address to send payloads to", culprit="--events-payloads", hint="name it: --events URL"
        )
    _needs("serve", "onnxruntime", "prometheus_client", "starlette", "uvicorn")
    if listening.grpc_port is not None:
        _needs("grpc", "grpc", "tritonclient")
    if where.startswith("oci://"):
        where = str(_pulled(where, key, shelf))
    folder = Path(where)
    if not folder.is_dir() and folder.exists():
        raise AssayError("only a folder is served", culprit=where, hint="'assay bundle import' makes one of it")
    from assay.bundle.source import FolderSource
    from assay.serving.model import ServedModel

    found = examined(FolderSource(folder), key)
    model = ServedModel(folder, found, threads=threads)
    listener = listen(listening.host, listening.port)
    with _desk(model, listening) as desk, _grpc(desk, listening) as grpc_address:
        address = f"http://{listening.host}:{listener.getsockname()[1]}"
        if json:
            about = {"model": model.name, "version": model.version}
            document({"address": address, "grpc": grpc_address, **about}, indent=None)
        else:
            tell(found)
            say(f"answers at {address}" + (f" and over gRPC at {grpc_address}" if grpc_address else ""), "bold")
            if listening.host not in {"127.0.0.1", "localhost", "::1"}:
                note("anybody on the network may ask it", "bold red")
            if listening.payloads:
                note(f"every picture and every answer is sent to {listening.events}", "bold red")
            say("Ctrl+C ends it", "dim")
        import uvicorn

        from assay.serving.app import make_app

        if listening.log:
            _log_requests()
        server = uvicorn.Server(
            uvicorn.Config(
                make_app(desk),
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,  # nothing asks whence a request came
                ws="none",
                lifespan="off",
            )
        )
        gc.collect()
        gc.freeze()  # what is loaded stays: no collection between requests has to look at it again
        # uvicorn ends well and then sends itself the signal again, which would end us before what is below has ended. A signal
        # that comes before uvicorn listens for it is not lost either.
        signal.signal(signal.SIGTERM, lambda _number, _frame: setattr(server, "should_exit", True))
        server.run(sockets=[listener])


def _needs(extra: str, *names: str) -> None:
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise MissingDependency(
            f"serving needs {' and '.join(missing)}", culprit=missing[0], hint=f"type: pip install 'assay-ml[{extra}]'"
        )


@contextlib.contextmanager
def _desk(model: ServedModel, listening: Listening) -> Iterator[Desk]:
    """Yield where requests are answered; events that wait are sent at the end."""
    from assay.serving.desk import Desk
    from assay.serving.events import Events

    events = None
    if listening.events:
        events = Events(listening.events, f"/models/{model.name}/{model.version}", payloads=listening.payloads)
    try:
        yield Desk(model, wait=listening.wait, events=events)
    finally:
        if events is not None:
            events.close()


@contextlib.contextmanager
def _grpc(desk: Desk, listening: Listening) -> Iterator[str | None]:
    """Answer over gRPC meanwhile, when that was asked for; yields the address."""
    if listening.grpc_port is None:
        yield None
        return
    from assay.serving.rpc import start  # gRPC and its messages: 30 MB

    host = f"[{listening.host}]" if ":" in listening.host else listening.host
    server, port = start(desk, f"{host}:{listening.grpc_port}")
    try:
        yield f"{host}:{port}"
    finally:
        server.stop(grace=_GRACE).wait()


def _log_requests() -> None:
    from assay.serving.counting import LOG

    log = logging.getLogger(LOG)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def _pulled(where: str, key: Path | None, shelf: Path | None) -> Path:
    """Return the folder of a bundle that was taken from a registry onto the shelf."""
    from assay.bundle.opening import opened
    from assay.bundle.shelf import Shelf, default_shelf

    with opened(where) as source:
        return Shelf(shelf or default_shelf(os.environ)).take_in(source, examined(source, key))
