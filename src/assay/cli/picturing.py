"""Pipelines from files and revisions for what draws and compares them, and pictures into files."""

from __future__ import annotations

from pathlib import Path

from assay.catalog.pipelines import read_pipeline
from assay.cli.faults import faults_text
from assay.cli.terminal import note
from assay.errors import AssayError
from assay.model.codec import Document, load_bytes
from assay.views.difference import Difference, compare
from assay.views.outline import Outline, outline
from assay.views.revisions import content


def opened(file: Path) -> Outline:
    """Return what stands in a file. Raises ``NotFound``, and ``InvalidDocument`` when it is no pipeline."""
    return _told(read_pipeline(file))


def difference(a: str, b: str | None, rev: str | None) -> Difference:
    """Return what two versions differ in.

    Args:
        a: A file, or ``REVISION:FILE``.
        b: The same; ``None``: ``a`` as it lies there, held against ``rev``.
        rev: ``REV`` or ``FROM..TO``; default ``HEAD``. Only without ``b``.

    Raises:
        AssayError: Both were given; or the file or revision cannot be had.
    """
    if b is not None and rev is not None:
        raise AssayError("B and --rev are two ways to say the same", culprit=rev, hint="leave one out")
    if b is not None:
        return compare(_side(a), _side(b), a, b)
    start, dots, end = (rev or "HEAD").partition("..")
    first = f"{start or 'HEAD'}:{a}"
    second = f"{end.lstrip('.') or 'HEAD'}:{a}" if dots else a
    return compare(_revision(first), _revision(second) if dots else _side(a), first, second)


def written(file: Path, text: str) -> None:
    """Write a picture or page; raises ``AssayError`` when that cannot be."""
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise AssayError(f"cannot write {file}: {error.strerror}", culprit=str(file)) from None


def _side(text: str) -> Outline:
    """Read a file of that name, or else a revision."""
    return _revision(text) if ":" in text and not Path(text).exists() else opened(Path(text))


def _revision(text: str) -> Outline:
    revision, _, path = text.partition(":")
    file = Path(path)
    inside = not file.is_absolute() and ".." not in file.parts
    folder, name = (Path.cwd(), file.as_posix()) if inside else (file.parent.resolve(), file.name)
    return _told(load_bytes(content(folder, revision, name), text))


def _told(document: Document) -> Outline:
    """Faults do not stop a look, but what is said of parts that cannot be read is said with them in sight."""
    found = outline(document)
    if document.faults:
        note(faults_text(document.faults, {document.file: document.text}))
    return found
