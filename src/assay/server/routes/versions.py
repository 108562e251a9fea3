"""Pictures of a pipeline, and what its versions differ in."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from starlette.responses import Response

from assay.model.codec import Document, load, load_bytes
from assay.server.confinement import existing, inside
from assay.server.routing import Routes
from assay.server.state import Studio
from assay.server.wire.converting import convert
from assay.server.wire.documents import Draft
from assay.server.wire.versions import Against, Revision, VersionDifference
from assay.views.difference import Difference, compare, difference_page
from assay.views.drawing import draw_outline
from assay.views.outline import outline
from assay.views.revisions import content, history

router = Routes("versions")


@router.get("/revisions/{path:path}", "listRevisions")
def list_revisions(path: str, studio: Studio) -> list[Revision]:
    """List the git commits that changed a file, newest first; none when it is in no repository."""
    return [convert(asdict(one), Revision) for one in history(inside(studio.settings.root, path))]


@router.post("/differences", "findDifference")
def find_difference(body: Against, studio: Studio) -> VersionDifference:
    """Hold a text, saved or not, against a revision of its file or against the file on disk."""
    before, found = _difference(studio, body)
    return convert({**found.json(), "summary": found.summary(), "before": before.text}, VersionDifference)


@router.post("/differences/page", "differencePage", media="text/html")
def page_of_difference(body: Against, studio: Studio) -> Response:
    """Return the same as a page of its own, with a picture."""
    return Response(difference_page(_difference(studio, body)[1]), media_type="text/html")


@router.post("/drawings", "drawPipeline", media="image/svg+xml")
def draw_pipeline(body: Draft, studio: Studio) -> Response:
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
