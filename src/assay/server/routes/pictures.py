"""Pictures of any depth and format as PNG that a screen can show, in a window that is told with each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta
from starlette.responses import Response

from assay.errors import NotFound
from assay.server.previews.pictures import picture_kind
from assay.server.routes.explore import Edge, Item, png
from assay.server.routing import Routes
from assay.server.state import Studio

router = Routes("pictures")

Window = Literal["auto", "lung", "mediastinum", "percentiles", "full"]
Frame = Annotated[int, Meta(ge=0)] | None


@router.get("/runs/{run}/outputs/{step:path}/{port}/picture/{name:path}", "imagePicture", media="image/png")
def image_picture(
    run: str,
    step: str,
    port: str,
    name: str,
    studio: Studio,
    edge: Edge = 1024,
    window: Window = "auto",
    item: Item = 0,
) -> Response:
    """Return an image of an Images folder as PNG; the header ``x-shown`` says in JSON what is black and what is white."""
    folder = studio.desk.folder(studio.desk.artifact(run, step, port, item))
    return _shown(studio, {"do": "windowed", "folder": str(folder), "name": name, "window": window, "edge": edge})


@router.get("/runs/{run}/outputs/{step:path}/{port}/mask/{name:path}", "imageMask", media="image/png")
def image_mask(run: str, step: str, port: str, name: str, studio: Studio, item: Item = 0) -> Response:
    """Return a mask of an Images folder as PNG with opacity."""
    folder = studio.desk.folder(studio.desk.artifact(run, step, port, item))
    return png(studio.desk.pictures.ask({"do": "mask", "folder": str(folder), "name": name}).content)


@router.get("/runs/{run}/outputs/{step:path}/{port}/rendered", "renderedPicture", media="image/png")
def rendered_picture(
    run: str,
    step: str,
    port: str,
    studio: Studio,
    name: str = "",
    frame: Frame = None,
    window: Window = "auto",
    edge: Edge = 1024,
    item: Item = 0,
) -> Response:
    """Return a deep PNG or TIFF, a DICOM file or a slice of a NIfTI volume as PNG; ``name`` is a file of a folder.

    The header ``x-shown`` says in JSON what is black and what is white, and which ``frame`` of how many ``frames`` this is.
    """
    path = _file(studio, run, step, port, name, item)
    kind = picture_kind(path)
    if kind is None:
        raise NotFound("this is no picture that has to be rendered", culprit=name or port)
    order = {"do": "render", "file": str(path), "kind": kind, "frame": frame, "window": window, "edge": edge}
    return _shown(studio, order)


def _file(studio: Studio, run: str, step: str, port: str, name: str, item: int) -> Path:
    artifact = studio.desk.artifact(run, step, port, item)
    if not artifact.folder:
        return studio.workspace.store.objects.path(artifact)
    path = studio.desk.folder(artifact) / name
    parts = name.split("/")
    if any(part in {"", ".", ".."} for part in parts) or "\0" in name or not path.is_file() or path.is_symlink():
        raise NotFound(f"the artifact has no file {name}", culprit=name)
    return path


def _shown(studio: Studio, order: Mapping[str, object]) -> Response:
    answer = studio.desk.pictures.ask(order)
    return png(answer.content, {"x-shown": json.dumps(answer.body)})
