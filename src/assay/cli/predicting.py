"""A served bundle in front of somebody: where it is, what it is, an end with Ctrl+C."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from assay.cli.bundling import examined, tell
from assay.cli.serving import listen
from assay.cli.terminal import document, note, say
from assay.errors import AssayError, MissingDependency


def serve_bundle(
    where: str, host: str, port: int, *, key: Path | None, threads: int, shelf: Path | None, json: bool
) -> None:
    """Serve a bundle until Ctrl+C; one in a registry is taken onto the shelf first. Raises what verifying it raises.

    Raises:
        MissingDependency: The extra ``serve`` is not installed.
        AssayError: It lies in an archive, or the port is taken.
        ComponentError: The model does not answer its own example.
    """
    missing = [name for name in ("onnxruntime", "prometheus_client", "starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise MissingDependency(
            f"serving needs {' and '.join(missing)}", culprit=missing[0], hint="type: pip install 'assay-ml[serve]'"
        )
    if where.startswith("oci://"):
        where = str(_pulled(where, key, shelf))
    folder = Path(where)
    if not folder.is_dir() and folder.exists():
        raise AssayError("only a folder is served", culprit=where, hint="'assay bundle import' makes one of it")
    from assay.bundle.source import FolderSource
    from assay.serving.model import ServedModel

    found = examined(FolderSource(folder), key)
    model = ServedModel(folder, found, threads=threads)
    listener = listen(host, port)
    address = f"http://{host}:{listener.getsockname()[1]}"
    if json:
        document({"address": address, "model": model.name, "version": model.version}, indent=None)
    else:
        tell(found)
        say(f"answers at {address}", "bold")
        if host not in {"127.0.0.1", "localhost", "::1"}:
            note("anybody on the network may ask it", "bold red")
        say("Ctrl+C ends it", "dim")
    import uvicorn

    from assay.serving.app import make_app

    config = uvicorn.Config(make_app(model), log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listener])


def _pulled(where: str, key: Path | None, shelf: Path | None) -> Path:
    """Return the folder of a bundle that was taken from a registry onto the shelf."""
    from assay.bundle.opening import opened
    from assay.bundle.shelf import Shelf, default_shelf

    with opened(where) as source:
        return Shelf(shelf or default_shelf(os.environ)).take_in(source, examined(source, key))
