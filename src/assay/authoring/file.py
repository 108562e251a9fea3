"""A whole file as one component: a notebook or a script, told by its ending."""

from __future__ import annotations

from pathlib import Path

from assay.authoring.notebook import read_notebook
from assay.authoring.reading import Reading
from assay.authoring.script import is_script, read_script

__all__ = ["SUFFIXES", "is_script", "read_whole_file"]

SUFFIXES = (".ipynb", ".py", ".sh", ".R", ".r")
"""Endings of the files that are a component as a whole."""


def read_whole_file(file: Path, name: str) -> Reading:
    """Read a notebook or script; never raises for what is in the file.

    Args:
        file: ``.ipynb``, ``.py``, ``.sh`` or ``.R``.
        name: What the component is called: nothing in the file says it.
    """
    return read_notebook(file, name) if file.suffix == ".ipynb" else read_script(file, name)
