"""Which kind of description a YAML file is, by what stands in it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from pathlib import Path

from assay.authoring.documents.container import is_container, read_container
from assay.authoring.documents.cwl import is_cwl, read_cwl
from assay.authoring.documents.kfp import is_kfp, read_kfp
from assay.authoring.documents.pipelinespec import is_pipelinespec, read_pipelinespec
from assay.authoring.documents.text import LARGEST_DOCUMENT, Text, read_text
from assay.authoring.reading import Reading
from assay.errors import Fault, Location
from assay.model.codec.nodes import MapNode


class DocumentKind(enum.StrEnum):
    """What a YAML file describes."""

    CONTAINER = "container component"
    KFP = "KFP component"
    PIPELINESPEC = "compiled KFP component"
    CWL = "CWL tool"
    PIPELINE = "pipeline"


Reader = Callable[[Text, MapNode, str], Reading]
_READERS: dict[DocumentKind, tuple[Callable[[MapNode], bool], Reader]] = {
    DocumentKind.CONTAINER: (is_container, read_container),
    DocumentKind.CWL: (is_cwl, read_cwl),
    DocumentKind.PIPELINESPEC: (is_pipelinespec, read_pipelinespec),
    DocumentKind.KFP: (is_kfp, read_kfp),
}


def document_kind(file: Path) -> DocumentKind | None:
    """Return what a file describes; ``None`` for YAML of another kind, and for what cannot be read."""
    try:
        if file.stat().st_size > LARGEST_DOCUMENT:
            return None
        text = read_text(file, file.read_bytes(), more_documents=True)
    except OSError:
        return None
    return _kind(text)


def _kind(text: Text) -> DocumentKind | None:
    if not isinstance(text.root, MapNode):
        return None
    for kind, (matches, _) in _READERS.items():
        if matches(text.root):
            return kind
    return DocumentKind.PIPELINE if "steps" in text.root.entries and "assay" in text.root.entries else None


def read_document(file: Path, name: str) -> Reading:
    """Read a YAML file as one component; never raises for what is in it."""
    file = file.absolute()
    start = Location(str(file), 1, 1)
    try:
        size = file.stat().st_size
        if size > LARGEST_DOCUMENT:
            message = f"a description of {size // 2**20} MiB, at most {LARGEST_DOCUMENT // 2**20} MiB"
            return Reading((), (Fault("too-large", message, file.name, start, "keep data in files of their own"),))
        text = read_text(file, file.read_bytes(), more_documents=True)
    except OSError as error:
        return Reading((), (Fault("not-found", f"cannot read {file}: {error.strerror}", str(file)),))
    kind = _kind(text)
    if kind is not None and kind in _READERS and isinstance(text.root, MapNode):
        return _READERS[kind][1](text, text.root, name)
    if not text.faults:
        what = (
            "a pipeline, which is no component" if kind else "neither a component of ours, nor of KFP, nor a CWL tool"
        )
        hint = "begin with 'component: 1' and 'image: …'"
        text.faults.append(Fault("not-a-component", f"this is {what}", file.name, start, hint))
    return Reading((), tuple(text.faults))
