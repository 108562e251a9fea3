"""``assay serve``."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from assay.cli.app import new_app
from assay.cli.options import Json, Shelf, SignedBy

app = new_app()


@app.command()
def serve(
    bundle: Annotated[
        str,
        typer.Argument(
            metavar="BUNDLE", help="A folder, NAME or NAME:VERSION on the shelf, or oci://REGISTRY/PATH@sha256:…"
        ),
    ],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where to listen; 0: any free port.")] = 8080,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on. Anything but loopback lets others on the network ask.")
    ] = "127.0.0.1",
    key: SignedBy = None,
    grpc_port: Annotated[
        int | None,
        typer.Option(
            "--grpc-port", min=0, max=65535, help="Answer over gRPC too, at this port; 0: any free one. Default: not."
        ),
    ] = None,
    batch_wait: Annotated[
        float,
        typer.Option(
            "--batch-wait",
            min=0.0,
            max=1000.0,
            metavar="MS",
            help="Milliseconds a request may wait for others to be answered with it. 0: none waits.",
        ),
    ] = 0.0,
    log: Annotated[
        bool, typer.Option("--log/--no-log", help="Write one line of JSON a request to standard error.")
    ] = True,
    events: Annotated[
        str,
        typer.Option(
            "--events",
            metavar="URL",
            envvar="ASSAY_EVENTS",
            help="Tell this address of every request by a CloudEvent: its number, status, duration, nothing of a patient. Default: nobody.",
        ),
    ] = "",
    events_payloads: Annotated[
        bool,
        typer.Option(
            "--events-payloads", help="Send what was asked and answered too: pictures of patients leave the server."
        ),
    ] = False,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Processor threads for one request.")] = 1,
    shelf: Shelf = None,
    json: Json = False,
) -> None:
    """Verify a bundle, then answer requests about pictures: open inference protocol, explanations, a page to drop a scan on.

    The model is asked the bundle's own example before it is ready. Nothing of a request is kept or logged but its number, status,
    duration and how many pictures it had. Ctrl+C or SIGTERM ends it. With --json, one line: address, grpc, model, version.
    """
    from assay.bundle.opening import find  # here and below: cryptography, arrays, a web server
    from assay.cli.predicting import Listening, serve_bundle

    listening = Listening(
        host, port, grpc_port, wait=batch_wait / 1000, log=log, events=events, payloads=events_payloads
    )
    serve_bundle(find(bundle, shelf, os.environ), listening, key=key, threads=threads, shelf=shelf, json=json)
