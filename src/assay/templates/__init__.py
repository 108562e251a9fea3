"""Templates: whole projects to begin with, for ``assay init`` and the Studio's gallery."""

from assay.templates.project import (
    Template,
    Written,
    find_template,
    pipeline_text,
    project_name,
    templates,
    write_project,
)

__all__ = ["Template", "Written", "find_template", "pipeline_text", "project_name", "templates", "write_project"]
