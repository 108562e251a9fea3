"""What ports carry: previews, and the bytes themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta
from starlette.responses import FileResponse

from assay.errors import NotFound
from assay.model.artifacts import Output
from assay.model.state import RunState
from assay.server.confinement import OutsideWorkspace
from assay.server.previews.preview import chosen, media_type, preview
from assay.server.routing import Routes
from assay.server.state import Studio
from assay.server.wire.runs import Preview
from assay.views.places import find_step

router = Routes("artifacts")

_HOSTILE = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
"""An artifact is made by a component, and may come from anywhere: in a browser it runs nothing and loads nothing."""


@router.get("/runs/{run}/outputs/{step:path}/{port}/preview", "previewOutput")
def preview_output(
    run: str, step: str, port: str, studio: Studio, item: int = 0, page: Annotated[int, Meta(ge=0)] = 0
) -> Preview:
    """Return what to show of an output."""
    state = _state(studio, run)
    return preview(studio.workspace.store, state, _output(state, step, port), item, page)


@router.get("/runs/{run}/outputs/{step:path}/{port}/content", "outputContent")
def output_content(
    run: str, step: str, port: str, studio: Studio, item: int = 0, *, download: bool = False
) -> FileResponse:
    """Return a file; ranges are answered."""
    artifact = chosen(_output(_state(studio, run), step, port), item)
    path = studio.workspace.store.objects.path(artifact)
    if artifact.folder:
        raise NotFound("this artifact is a folder", culprit=port, hint="name a file inside it: …/files/NAME")
    name = f"{step}.{port}{artifact.suffix}"
    return _file(path, name, download=download)


@router.get("/runs/{run}/outputs/{step:path}/{port}/files/{name:path}", "outputFile")
def output_file(run: str, step: str, port: str, name: str, studio: Studio, item: int = 0) -> FileResponse:
    """Return a file of a folder; ranges are answered."""
    artifact = chosen(_output(_state(studio, run), step, port), item)
    folder = studio.workspace.store.objects.path(artifact)
    if any(part in {"", ".", ".."} for part in name.split("/")) or "\0" in name:
        raise OutsideWorkspace("this path leads out of the artifact", culprit=name)
    path = folder / name
    if not artifact.folder or not path.is_file() or path.is_symlink():
        raise NotFound(f"the artifact has no file {name}", culprit=name)
    return _file(path, Path(name).name, download=False)


def _state(studio: Studio, run: str) -> RunState:
    return studio.workspace.state(studio.workspace.store.runs.run(run).id)


def _output(state: RunState, step: str, port: str) -> Output:
    outputs = state.step(find_step(state, step)).outputs
    found = next((output for name, output in outputs.items() if name == port), None)
    if found is None:
        raise NotFound(
            f"step {step!r} has no output {port!r} (yet)", culprit=port, hint=f"it has {', '.join(outputs) or 'none'}"
        )
    return found


def _file(path: Path, name: str, *, download: bool) -> FileResponse:
    kind = "attachment" if download else "inline"
    headers = {"content-security-policy": _HOSTILE, "cache-control": "private, max-age=31536000, immutable"}
    return FileResponse(
        path, media_type=media_type(name), filename=name, content_disposition_type=kind, headers=headers
    )
