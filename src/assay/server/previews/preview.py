"""Choosing how an output is looked at: by its type, then by its name."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import json
import mimetypes
import os
from pathlib import Path
from typing import Any, Literal

from assay.errors import NotFound
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType, Output, Value
from assay.model.state import RunState
from assay.server.explore.sources import outputs
from assay.server.previews.heatmaps import heatmaps_preview
from assay.server.previews.pictures import picture_kind
from assay.server.previews.table import table_preview
from assay.server.wire.converting import convert
from assay.server.wire.explore import OutputPlace
from assay.server.wire.runs import (
    FilePreview,
    FolderPreview,
    ImagesPreview,
    JsonPreview,
    ModelPreview,
    PicturePreview,
    Preview,
    TextPreview,
    ValuePreview,
    VerdictPreview,
)
from assay.signing import SignatureFault
from assay.store import Store
from assay.views.verdict import verdict_view

_LARGEST_JSON = 4_000_000
_LONGEST_TEXT = 64_000
_MOST_FILES = 1000
_IMAGES_A_PAGE = 200
_TABLES = frozenset({ArtifactType.DATASET, ArtifactType.PREDICTIONS})
_About = Literal["evidence", "metrics", "notebook", "json"]
_JSON: dict[ArtifactType, _About] = {ArtifactType.EVIDENCE: "evidence", ArtifactType.METRICS: "metrics"}
_SUFFIXES: dict[str, _About] = {".json": "json", ".ipynb": "notebook"}


def preview(store: Store, state: RunState, output: Output, item: int, page: int) -> Preview:
    """Return what to show of an output.

    Args:
        state: The run that it is of.
        item: Which artifact of a list.
        page: Which page of a table or of many images, from 0.

    Raises:
        NotFound: The list has no such element.
        StoreError: The content is no longer in the store.
    """
    if isinstance(output, Value):
        return ValuePreview(body=output.json)
    artifact = chosen(output, item)
    path = store.objects.path(artifact)
    if artifact.folder:
        return _folder(store, state, artifact, page)
    if artifact.type in _TABLES and artifact.suffix in {".csv", ""}:
        return table_preview(path, page)
    if artifact.type is ArtifactType.VERDICT and artifact.size <= _LARGEST_JSON:
        return _verdict(path)
    about = _JSON.get(artifact.type) or _SUFFIXES.get(artifact.suffix)
    if about and artifact.size <= _LARGEST_JSON:
        return _json(path, about)
    rendered = picture_kind(path)
    if rendered:
        return PicturePreview(format=rendered, size=artifact.size)
    media = media_type(artifact.suffix)
    if media.startswith(("image/", "text/html", "application/pdf")):
        return FilePreview(media_type=media, size=artifact.size)
    return _text(path, artifact.size)


def chosen(output: Output, item: int) -> Artifact:
    """Return the artifact of a port, or one of its list. Raises ``NotFound``."""
    if isinstance(output, Artifact):
        return output
    if isinstance(output, ArtifactList) and 0 <= item < len(output.items):
        return output.items[item]
    raise NotFound("the port carries no such artifact", culprit=str(item))


def media_type(name: str) -> str:
    """Return the media type that a file name's ending stands for; bytes otherwise."""
    return mimetypes.guess_type(f"x{Path(name).suffix or name}")[0] or "application/octet-stream"


def _verdict(path: Path) -> Preview:
    try:
        found = verdict_view(path.read_bytes(), "this file", dt.datetime.now(dt.UTC))
    except SignatureFault:
        return _json(path, "json")  # not one of ours: as it is
    return convert(found.json(), VerdictPreview)


def _json(path: Path, about: _About) -> Preview:
    try:
        return JsonPreview(about=about, body=json.loads(path.read_bytes()))
    except ValueError:
        return _text(path, path.stat().st_size)


def _model(state: RunState, model: Artifact, facts: Path) -> Preview:
    found = _json(facts, "json")
    if not isinstance(found, JsonPreview):
        return found
    places = list(outputs(state))
    makers = {place.step for place in places if place.artifact.digest == model.digest}
    curves = [
        OutputPlace(step=place.step, port=place.port, item=place.item)
        for place in places
        if place.step in makers and place.artifact.type is ArtifactType.FIGURE and place.artifact.suffix == ".svg"
    ]
    return ModelPreview(body=found.body, curves=curves)


def _text(path: Path, size: int) -> TextPreview:
    with path.open("rb") as file:
        data = file.read(_LONGEST_TEXT)
    return TextPreview(text=data.decode("utf-8", errors="replace"), whole=size <= _LONGEST_TEXT)


def _folder(store: Store, state: RunState, artifact: Artifact, page: int) -> Preview:
    path = store.objects.path(artifact)
    if artifact.type is ArtifactType.IMAGES and (path / "index.csv").is_file():
        return _images(path, page)
    if artifact.type is ArtifactType.MODEL and (path / "model.json").is_file():
        return _model(state, artifact, path / "model.json")
    maps = heatmaps_preview(store, state, artifact, page)
    if maps:
        return maps
    found = (os.path.relpath(os.path.join(root, name), path) for root, _, names in os.walk(path) for name in names)
    return FolderPreview(files=sorted(itertools.islice(found, _MOST_FILES)), total=artifact.files)


def _images(path: Path, page: int) -> ImagesPreview:
    facts: dict[str, Any] = {}
    if (path / "images.json").is_file():
        facts = json.loads((path / "images.json").read_bytes())
    with (path / "index.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    start = page * _IMAGES_A_PAGE
    shown = [{name: row[name] or "" for name in row if name} for row in rows[start : start + _IMAGES_A_PAGE]]
    return ImagesPreview(facts=facts, columns=list(reader.fieldnames or ()), rows=shown, start=start, total=len(rows))
