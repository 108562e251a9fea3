"""What a form offers for parameters that name a file, a folder or a column."""

from __future__ import annotations

from assay.model.codec import load
from assay.server.columns import Columns
from assay.server.confinement import inside
from assay.server.folders import folder_list
from assay.server.routing import Routes
from assay.server.state import Studio
from assay.server.wire.pickers import ColumnsAsked, ColumnsKnown, FolderList

router = Routes("pickers")


@router.get("/folder", "listFolder")
def list_folder(studio: Studio, path: str = "") -> FolderList:
    """List one folder of the workspace; an empty path is the workspace itself."""
    return folder_list(studio.settings.root, path)


@router.post("/columns", "listColumns")
def list_columns(body: ColumnsAsked, studio: Studio) -> ColumnsKnown:
    """Say which columns a parameter of a draft may name: those of the last run's artifact, or of the file that is read."""
    document = load(body.text, str(inside(studio.settings.root, body.path)))
    checked = studio.workspace.check(document)
    return Columns(studio.workspace, checked, body.run, body.within).of(body.step, body.param)
