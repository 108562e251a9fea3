"""What ports carry, and when one type fits another."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from assay.ids import Digest

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""Any JSON value."""


class ArtifactType(enum.StrEnum):
    """The closed set of things a port may carry."""

    FILE = "File"
    FOLDER = "Folder"
    DATASET = "Dataset"
    IMAGES = "Images"
    MODEL = "Model"
    METRICS = "Metrics"
    PREDICTIONS = "Predictions"
    EVIDENCE = "Evidence"
    FIGURE = "Figure"
    REPORT = "Report"
    VERDICT = "Verdict"
    BUNDLE = "Bundle"
    VALUE = "Value"


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """What is known of an artifact type: its more general type, its shape on disk, one sentence of help."""

    parent: ArtifactType | None
    folder: bool
    help: str


FACTS: dict[ArtifactType, TypeFacts] = {
    ArtifactType.FILE: TypeFacts(None, False, "Any single file."),
    ArtifactType.FOLDER: TypeFacts(None, True, "Any folder."),
    ArtifactType.DATASET: TypeFacts(ArtifactType.FILE, False, "A table: CSV with a header row, or Parquet."),
    ArtifactType.IMAGES: TypeFacts(ArtifactType.FOLDER, True, "A folder of images with index.csv: one row an image."),
    ArtifactType.MODEL: TypeFacts(ArtifactType.FOLDER, True, "A folder with model.onnx and model.json."),
    ArtifactType.METRICS: TypeFacts(ArtifactType.FILE, False, "JSON: named figures with intervals."),
    ArtifactType.PREDICTIONS: TypeFacts(ArtifactType.DATASET, False, "CSV: scores beside truth, patient, age, sex."),
    ArtifactType.EVIDENCE: TypeFacts(ArtifactType.FILE, False, "JSON: one machine-readable trust result."),
    ArtifactType.FIGURE: TypeFacts(ArtifactType.FILE, False, "A picture or a Vega-Lite specification."),
    ArtifactType.REPORT: TypeFacts(ArtifactType.FILE, False, "A self-contained HTML page."),
    ArtifactType.VERDICT: TypeFacts(ArtifactType.FILE, False, "JSON: the gate's signed decision."),
    ArtifactType.BUNDLE: TypeFacts(ArtifactType.FOLDER, True, "What crosses to another hospital."),
    ArtifactType.VALUE: TypeFacts(None, False, "A small JSON value, kept in the run's record."),
}


@dataclass(frozen=True, slots=True)
class PortType:
    """The type of a port: one artifact, or (``many``) an ordered list of them."""

    artifact: ArtifactType
    many: bool = False

    def __str__(self) -> str:
        return f"list[{self.artifact}]" if self.many else str(self.artifact)


def misfit(source: PortType, target: PortType) -> str | None:
    """Return why ``source`` may not feed ``target``, or ``None`` when it may.

    A type fits itself and every more general type (Predictions → Dataset → File). One artifact fits a list of its type;
    a list does not fit a single port. A Value feeds parameters, never a port.
    """
    if ArtifactType.VALUE in (source.artifact, target.artifact):
        return "a Value feeds a parameter (under 'with:'), not a port"
    if source.many and not target.many:
        return f"{source} is a list, {target} takes one; map over it with 'foreach:'"
    kind: ArtifactType | None = source.artifact
    while kind is not None:
        if kind is target.artifact:
            return None
        kind = FACTS[kind].parent
    return f"{source} is not {_article(target.artifact)} {target.artifact}"


def _article(word: str) -> str:
    return "an" if word[0] in "AEIOU" else "a"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file or folder in the store.

    Attributes:
        digest: sha256 of the content; for a folder, of its manifest.
        type: What it is.
        folder: Whether it is a folder.
        size: Bytes, of all files together.
        files: Number of files (1 for a file).
        suffix: File name ending with its dot, such as ``.csv``; empty for a folder.
        origin: For a file that is still in an object store: which version of which object, and then the digest is that of this
            text. Empty for everything in this store.
    """

    digest: Digest
    type: ArtifactType
    folder: bool
    size: int
    files: int = 1
    suffix: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class ArtifactList:
    """The ordered artifacts of a list port."""

    items: tuple[Artifact, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A small JSON value."""

    json: Json


Output = Artifact | ArtifactList | Value
"""What a finished step put on one port."""
