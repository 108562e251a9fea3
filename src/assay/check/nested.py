"""Pipelines that steps use: which they are, each read and checked once, never in a circle."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from assay.check.checked import Checked
from assay.check.subject import Subject, output_type
from assay.errors import AssayError, InvalidDocument, Severity
from assay.ids import ComponentName
from assay.model.artifacts import ArtifactType, PortType
from assay.model.codec.document import Document
from assay.model.component import ComponentSpec, PipelineImplementation, PortSpec
from assay.model.pipeline import Pipeline

Read = Callable[[Path], Document]
"""Returns the document in a file; raises ``NotFound``."""

_DEEPEST = 20
MOST_STEPS = 10_000
"""Of a pipeline with the steps of all that it uses: files that use each other twice double with each of them."""

_NAMED = re.compile(r"\.{1,2}/.*\.ya?ml")
_CALLED = re.compile(r"(^|[/.])pipeline\.ya?ml$")
_BEGINS = re.compile(r"^assay[ \t]*:", re.MULTILINE)


class PipelineCircle(AssayError):  # noqa: N818  (names a state of files, like its kin in errors.py)
    """Pipelines use each other in a circle. The circle is drawn as arrows."""

    code: ClassVar[str] = "pipeline-circle"


class PipelineTooLarge(AssayError):  # noqa: N818  (as above)
    """Pipelines use each other too deeply, or come to too many steps."""

    code: ClassVar[str] = "pipeline-size"


@dataclass(frozen=True, slots=True)
class Trail:
    """The files that are being checked, outermost first."""

    files: tuple[Path, ...]

    def into(self, file: Path) -> Trail:
        """Return the trail with one more file; raises ``PipelineCircle`` when it is on it already."""
        if file in self.files:
            circle = [*self.files[self.files.index(file) :], file]
            shown = " → ".join(_names(circle))
            raise PipelineCircle(f"the pipelines run in a circle: {shown}", culprit=file.name, hint="cut one of them")
        if len(self.files) >= _DEEPEST:
            raise PipelineTooLarge(
                f"pipelines use each other more than {_DEEPEST} deep", culprit=file.name, hint="flatten some of them"
            )
        return Trail((*self.files, file))


def _names(files: list[Path]) -> list[str]:
    base = os.path.commonpath([file.parent for file in files])
    return [os.path.relpath(file, base) for file in files]


@dataclass(slots=True)
class Nest:
    """The pipelines that were read on the way, by file."""

    read: Read | None = None
    known: dict[Path, Checked] = field(default_factory=dict)

    def find(self, use: str, base: Path) -> tuple[Path, Document] | None:
        """Return the file and document when ``use`` names a pipeline: by what it is called, or by how it begins."""
        if self.read is None or not _NAMED.fullmatch(use):
            return None
        file = Path(os.path.normpath(base.absolute() / use))
        if file in self.known:
            return file, self.known[file].document
        there = os.path.isfile(file)
        if not _CALLED.search(file.name) and not there:
            return None  # the catalog says what is missing
        try:
            document = self.read(file)
        except AssayError:
            if _CALLED.search(file.name):
                raise
            return None  # as above
        return (file, document) if _CALLED.search(file.name) or _BEGINS.search(document.text) else None


def spec_of(use: str, file: Path, checked: Checked) -> ComponentSpec:
    """Return a pipeline as the component that a step sees. Raises ``InvalidDocument`` when it has errors."""
    errors = [fault for fault in checked.faults if fault.severity is Severity.ERROR]
    pipeline = checked.pipeline
    if errors or pipeline is None:
        raise InvalidDocument(errors, what=str(file))
    subject = Subject(checked.document, pipeline, checked.specs)
    outputs = {
        name: PortSpec(name, output_type(subject, output.source) or PortType(ArtifactType.FILE), help=output.help)
        for name, output in pipeline.outputs.items()
    }
    return ComponentSpec(
        ComponentName(use),
        PipelineImplementation(os.fspath(file), hashlib.sha256(checked.document.text.encode()).hexdigest()),
        title=pipeline.description.partition("\n")[0] or pipeline.name,
        description=pipeline.description,
        params=pipeline.params,
        inputs=pipeline.inputs,
        outputs=outputs,
    )


def size_of(pipeline: Pipeline, nested: Iterable[Checked]) -> int:
    """Return the number of steps with those of all pipelines used; raises ``PipelineTooLarge``."""
    count = len(pipeline.steps) + len(pipeline.final) + sum(inner.size - 1 for inner in nested)
    if count > MOST_STEPS:
        message = f"with the pipelines that it uses, this one comes to {count:,} steps; at most {MOST_STEPS:,} run"
        raise PipelineTooLarge(message, hint="use fewer of them, or map over a list with 'foreach:' in one")
    return count
