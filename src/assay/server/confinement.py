"""Paths of a request, kept inside the workspace."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from assay.errors import AssayError, NotFound

HIDDEN = frozenset({".assay", ".git", ".venv", "__pycache__", "node_modules"})


class OutsideWorkspace(AssayError):  # noqa: N818  (like its kin in errors.py)
    """A path leads out of the workspace, or into what the server does not show."""

    code: ClassVar[str] = "outside-workspace"


def inside(root: Path, relative: str) -> Path:
    """Return the absolute path of ``relative`` below ``root``; it need not be there.

    Raises ``OutsideWorkspace`` for absolute paths, ``..``, hidden folders, and links that lead out.
    """
    parts = relative.split("/")
    odd = not relative or "\0" in relative or "\\" in relative or relative.startswith("/")
    if odd or any(part in {"", ".", ".."} or part in HIDDEN for part in parts):
        raise OutsideWorkspace(
            "this path is not one of the workspace's files", culprit=relative, hint="name a file below the workspace"
        )
    path = root.joinpath(*parts)
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        raise OutsideWorkspace("this path leads out of the workspace", culprit=relative)
    return path


def existing(root: Path, relative: str) -> Path:
    """Return the same for a file that is there; raises ``NotFound`` otherwise."""
    path = inside(root, relative)
    if not path.is_file():
        raise NotFound(f"there is no file {relative}", culprit=relative, hint="it may have been moved or deleted")
    return path
