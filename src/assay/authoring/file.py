"""A whole file as one component: a notebook, a script or a description, told by its ending."""

from __future__ import annotations

from pathlib import Path

from assay.authoring.notebook import read_notebook
from assay.authoring.reading import Reading
from assay.authoring.script import is_script, read_script
from assay.authoring.uncollected import uncollected

__all__ = ["DOCUMENT_SUFFIXES", "SUFFIXES", "is_described", "is_script", "read_whole_file"]

DOCUMENT_SUFFIXES = (".yaml", ".yml", ".cwl")
"""Endings of the files that describe a component."""

SUFFIXES = (".ipynb", ".py", ".sh", ".R", ".r", *DOCUMENT_SUFFIXES)
"""Endings of the files that are a component as a whole."""


def read_whole_file(file: Path, name: str) -> Reading:
    """Read a notebook, script or description; never raises for what is in the file.

    Args:
        file: ``.ipynb``, ``.py``, ``.sh``, ``.R``, ``.yaml`` or ``.cwl``.
        name: What the component is called: nothing in the file says it.
    """
    with uncollected():
        return _read(file, name)


def _read(file: Path, name: str) -> Reading:
    if file.suffix == ".ipynb":
        return read_notebook(file, name)
    if file.suffix in DOCUMENT_SUFFIXES:
        from assay.authoring.documents import read_document  # YAML: 10 ms that other components need not pay

        return read_document(file, name)
    return read_script(file, name)


def is_described(file: Path) -> bool:
    """Whether a YAML file of a component folder is meant as a component, by its name or by what stands in it."""
    if file.name.endswith((".component.yaml", ".component.yml", ".kfp.yaml", ".cwl")):
        return True
    from assay.authoring.documents import DocumentKind, document_kind  # YAML, as above

    return document_kind(file) not in (None, DocumentKind.PIPELINE)
