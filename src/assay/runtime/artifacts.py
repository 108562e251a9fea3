"""Artifacts as a component sees them: thin handles on files and folders, one class for each artifact type."""

from __future__ import annotations

import os
from pathlib import Path

TYPE_CHECKING = False  # the one of typing costs a fresh interpreter milliseconds
if TYPE_CHECKING:
    from typing import ClassVar


class Handle:
    """A file or folder of a known type. Made from any path; nothing is read or checked.

    Works wherever a path does (``os.PathLike``), and ``handle / "index.csv"`` is a ``pathlib.Path`` inside it.
    """

    __slots__ = ("path",)
    suffix: ClassVar[str] = ""
    """Ending of the file name when a component names none."""

    path: Path

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def __fspath__(self) -> str:
        return str(self.path)

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and type(self) is type(other) and self.path == other.path

    def __hash__(self) -> int:
        return hash((type(self), self.path))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r})"


class File(Handle):
    """Any single file."""

    __slots__ = ()


class Folder(Handle):
    """Any folder."""

    __slots__ = ()


class Dataset(File):
    """A table: CSV with a header row, or Parquet."""

    __slots__ = ()
    suffix = ".csv"


class Images(Folder):
    """A folder of images with ``index.csv``: one row an image."""

    __slots__ = ()


class Model(Folder):
    """A folder with ``model.onnx`` and ``model.json``."""

    __slots__ = ()


class Metrics(File):
    """JSON: named figures with intervals."""

    __slots__ = ()
    suffix = ".json"


class Predictions(Dataset):
    """CSV: scores beside truth, patient, age, sex."""

    __slots__ = ()


class Evidence(File):
    """JSON: one machine-readable trust result."""

    __slots__ = ()
    suffix = ".json"


class Figure(File):
    """A picture or a Vega-Lite specification."""

    __slots__ = ()


class Report(File):
    """A self-contained HTML page."""

    __slots__ = ()
    suffix = ".html"


class Verdict(File):
    """JSON: the gate's signed decision."""

    __slots__ = ()
    suffix = ".json"


class Bundle(Folder):
    """What crosses to another hospital."""

    __slots__ = ()


CLASSES: dict[str, type[Handle]] = {
    kind.__name__: kind
    for kind in (File, Folder, Dataset, Images, Model, Metrics, Predictions, Evidence, Figure, Report, Verdict, Bundle)
}
"""Artifact type name to its class; the same set as ``model.ArtifactType`` without ``Value``."""
