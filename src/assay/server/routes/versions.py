"""Pictures of a pipeline, and what its versions differ in."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from assay.model.codec import Document, load, load_bytes
from assay.server.confinement import existing, inside
from assay.server.state import Served, Studio
from assay.server.wire.documents import Draft
from assay.server.wire.versions import Against, Revision, VersionDifference
from assay.views.difference import Difference, compare, difference_page
from assay.views.drawing import draw_outline
from assay.views.outline import outline
from assay.views.revisions import content, history

router = APIRouter(tags=["versions"])


def _text(kind: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {kind: {"schema": {"type": "string"}}}}}


@router.get("/revisions/{path:path}", operation_id="listRevisions")
def list_revisions(path: str, studio: Served) -> list[Revision]:
    """List the git commits that changed a file, newest first; none when it is in no repository."""
    return [Revision.model_validate(asdict(one)) for one in history(inside(studio.settings.root, path))]


@router.post("/differences", operation_id="findDifference")
def find_difference(body: Against, studio: Served) -> VersionDifference:
    """Hold a text, saved or not, against a revision of its file or against the file on disk."""
    before, found = _difference(studio, body)
    return VersionDifference.model_validate({**found.json(), "summary": found.summary(), "before": before.text})


@router.post("/differences/page", operation_id="differencePage", response_class=Response, responses=_text("text/html"))
def page_of_difference(body: Against, studio: Served) -> Response:
    """Return the same as a page of its own, with a picture."""
    return Response(difference_page(_difference(studio, body)[1]), media_type="text/html")


@router.post("/drawings", operation_id="drawPipeline", response_class=Response, responses=_text("image/svg+xml"))
def draw_pipeline(body: Draft, studio: Served) -> Response:
    """Return a text as a picture, as ``assay draw`` does."""
    file = inside(studio.settings.root, body.path)
    return Response(draw_outline(outline(load(body.text, str(file)))), media_type="image/svg+xml")


def _difference(studio: Studio, body: Against) -> tuple[Document, Difference]:
    file = inside(studio.settings.root, body.path)
    before = load_bytes(_before(studio.settings.root, file, body), body.path)
    name = f"{body.revision}:{body.path}" if body.revision is not None else f"{body.path} on disk"
    after = load(body.text, body.path)
    return before, compare(outline(before), outline(after), name, body.path)


def _before(root: Path, file: Path, body: Against) -> bytes:
    if body.revision is None:
        return existing(root, body.path).read_bytes()
    return content(file.parent, body.revision, file.name, root_too=False)
