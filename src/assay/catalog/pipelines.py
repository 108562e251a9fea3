"""Pipeline files, and which of them the steps of one may use."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from assay.errors import NotFound
from assay.model.codec import Document, load, load_bytes


def read_pipeline(file: Path) -> Document:
    """Return the document in ``file``; its faults are inside. Raises ``NotFound`` when it cannot be read."""
    try:
        return load_bytes(file.read_bytes(), os.fspath(file))
    except FileNotFoundError:
        near = sorted(path.name for path in file.parent.glob("*.yaml")) if file.parent.is_dir() else []
        hint = f"there is {', '.join(near[:5])}" if near else "'assay init' makes a new project"
        raise NotFound(f"there is no file {file}", culprit=str(file), hint=hint) from None
    except OSError as error:
        raise NotFound(f"cannot read {file}: {error.strerror}", culprit=str(file)) from None


def pipeline_reader(
    document: Document, root: Path, documents: Mapping[str, str] | None = None
) -> Callable[[Path], Document]:
    """Return what reads the pipelines that ``document`` uses: those below ``root``, or below its own folder.

    Args:
        documents: Texts by absolute path that come before what the files hold.
    """
    folders = [os.path.realpath(folder) for folder in (root, Path(document.file).absolute().parent)]

    def read(file: Path) -> Document:
        text = (documents or {}).get(os.fspath(file))
        if text is not None:
            return load(text, os.fspath(file))
        if not any(Path(os.path.realpath(file)).is_relative_to(folder) for folder in folders):
            hint = "copy it into the project"
            raise NotFound(f"{file.name} is outside the project", culprit=file.name, hint=hint)
        return read_pipeline(file)

    return read
