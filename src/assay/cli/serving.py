"""The Studio's server in front of somebody: where it is, a browser, and an end with Ctrl+C."""

from __future__ import annotations

import gc
import socket
import threading
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from assay.cli.listening import listen
from assay.cli.terminal import document, note, say
from assay.errors import MissingDependency, NotFound
from assay.model.artifacts import Json
from assay.workspace import Workspace

if TYPE_CHECKING:
    from assay.server.settings import Settings


def serve(folder: Path, host: str, port: int, *, browser: bool, json: bool) -> None:
    """Serve the project in ``folder``, or around a pipeline file, until Ctrl+C.

    Raises:
        NotFound: There is no such folder or file.
        MissingDependency: The extra ``studio`` is not installed.
        AssayError: The port is taken.
    """
    missing = [name for name in ("starlette", "uvicorn", "msgspec") if find_spec(name) is None]
    if missing:
        raise MissingDependency(
            f"the Studio needs {' and '.join(missing)}", culprit=missing[0], hint="type: pip install 'assay-ml[studio]'"
        )
    file = folder if folder.is_file() else None
    folder = folder.parent if file else folder
    if not folder.is_dir():
        raise NotFound(f"there is no folder or file {folder}", culprit=str(folder))
    from assay.server.settings import Settings

    listener = listen(host, port)
    workspace = Workspace.open(folder)
    settings = Settings(workspace.root, listener.getsockname()[1], host, web=built_editor())
    address = settings.address
    if file is not None:
        address += f"&file={quote(file.resolve().relative_to(workspace.root).as_posix())}"
    if json:
        facts: Json = {"address": address, "host": host, "port": settings.port, "token": settings.token}
        document(facts, indent=None)
    else:
        _greet(settings, address)
    if browser and not json:
        threading.Timer(0.3, webbrowser.open, [address]).start()
    _run(workspace, settings, listener)


def built_editor() -> Path | None:
    """Return the folder of the built editor, where this installation has one."""
    folder = Path(__file__).parents[1] / "server" / "web"
    return folder if (folder / "index.html").is_file() else None


def _greet(settings: Settings, address: str) -> None:
    say(f"Assay Studio for {settings.root}", "bold")
    say(f"  {address}")
    if settings.web is None:
        note(
            "  the editor is not built in this checkout ('make web' builds it): the address answers the API only",
            "yellow",
        )
    if settings.host not in {"127.0.0.1", "localhost", "::1"}:
        note("  anybody on the network who has this address can run code here", "bold red")
    say("  Ctrl+C ends the server; runs go on", "dim")


def _run(workspace: Workspace, settings: Settings, listener: socket.socket) -> None:
    import uvicorn  # 80 ms

    from assay.server.app import make_app  # Starlette and msgspec: 100 ms

    app = make_app(workspace, settings)
    gc.freeze()  # what was imported stays: the collector need not go over it again
    gc.enable()
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[listener])
