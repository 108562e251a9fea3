"""``assay studio``."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from assay.cli.app import new_app
from assay.cli.options import Json

app = new_app()


@app.command()
def studio(
    folder: Annotated[
        Path,
        typer.Argument(metavar="[DIR|FILE]", help="Project or pipeline file to open; default: the current folder."),
    ] = Path(),
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where to listen; 0: any free port.")] = 0,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on. Anything but loopback lets others on the network in.")
    ] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
    json: Json = False,
) -> None:
    """Open the editor of a project in a browser.

    Listens on this machine only; the printed address carries a token that is new for each start. Ctrl+C ends the server, runs go
    on. With --json, one line: address, host, port, token.
    """
    gc.disable()  # to look for garbage while modules are loaded costs a tenth of the start and finds none
    try:
        from assay.cli.serving import serve  # uvicorn and Starlette: only here

        serve(folder, host, port, browser=browser, json=json)
    finally:
        gc.enable()
