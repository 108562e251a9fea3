"""The gallery: whole projects to begin with."""

from __future__ import annotations

from dataclasses import asdict

from assay.server.confinement import inside
from assay.server.routing import Routes
from assay.server.state import Studio
from assay.server.wire.converting import convert
from assay.server.wire.templates import Made, NewProject, Template
from assay.templates import find_template, pipeline_text, templates, write_project

router = Routes("templates")


@router.get("/templates", "listTemplates")
def list_templates() -> list[Template]:
    """List the templates, each with its pipeline, from which its picture is drawn."""
    return [convert({**asdict(one), "text": pipeline_text(one, one.name)}, Template) for one in templates()]


@router.post("/templates/{name}", "useTemplate")
def use_template(name: str, body: NewProject, studio: Studio) -> Made:
    """Write the files of a template into a folder of the workspace; 409 when one of them is there already."""
    root = studio.settings.root
    template = find_template(name)
    folder = inside(root, body.folder)
    written = write_project(template, folder)
    new, kept = ([path.relative_to(root).as_posix() for path in paths] for paths in (written.new, written.kept))
    return Made(pipeline=f"{body.folder}/{template.pipeline}", new=new, kept=kept)
