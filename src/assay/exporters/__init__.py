"""Build targets: a component as a program, a package, an image, or a document for a platform that runs such."""

from assay.exporters.exporter import (
    DEFAULT_BASE,
    Document,
    Documents,
    Exporter,
    Finisher,
    Request,
    UnknownTarget,
    export,
    find_exporter,
    targets,
)

__all__ = [
    "DEFAULT_BASE",
    "Document",
    "Documents",
    "Exporter",
    "Finisher",
    "Request",
    "UnknownTarget",
    "export",
    "find_exporter",
    "targets",
]
