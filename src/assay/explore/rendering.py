"""One picture of a file from anywhere, as PNG that a screen can show: deep PNG and TIFF, DICOM, NIfTI."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from assay.data.dicom import read_dicom
from assay.data.nifti import read_nifti
from assay.data.pictures import read_picture
from assay.data.reading import Frames, Intensity, Reading, Unreadable
from assay.errors import ComponentError
from assay.explore.pictures import grey_png
from assay.explore.windows import Window, greys

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class _One(Frames):
    """One position, the last where there are fewer; none chosen: the middle. ``counts`` hears how many there are."""

    position: int | None = None
    counts: list[int] = field(default_factory=list)

    def chosen(self, count: int) -> Sequence[int]:
        self.counts.append(count)
        position = count // 2 if self.position is None else min(self.position, count - 1)
        return range(position, position + 1)


def rendered(path: Path, kind: str, frame: int | None, window: Window, edge: int) -> tuple[dict[str, Any], bytes]:
    """Return what was shown (``window``, ``low``, ``high``, ``unit``, ``frame``, ``frames``), and PNG.

    Args:
        path: The file, whatever it is called.
        kind: ``dicom``, ``nifti`` or ``picture``.
        frame: Which picture of several, from 0; ``None``: the middle one.
        window: See ``greys``.
        edge: Longer edge in pixels, at most.

    Raises:
        ComponentError: It cannot be read.
        MissingDependency: The package that reads it is not installed.
        NotFound: See ``greys``.
    """
    frames = _One(position=frame)
    try:
        reading = next(_readings(path, kind, frames))
    except Unreadable as error:
        raise ComponentError(f"this cannot be shown: {error.reason}", culprit=kind, hint=error.hint) from error
    values, deep = reading.pixels, reading.pixels.dtype != np.uint8
    if np.issubdtype(values.dtype, np.integer):
        values = values.astype(np.float32) / np.float32(np.iinfo(values.dtype).max)
    values = np.nan_to_num(values.astype(np.float32))
    made = greys(values, Intensity(reading.intensity), window, deep=deep)
    told = {"window": str(made.window), "low": made.low, "high": made.high, "unit": made.unit}
    count = frames.counts[0] if frames.counts else 1
    return told | {"frame": reading.frame or 0, "frames": count}, grey_png(made.shares, edge)


def _readings(path: Path, kind: str, frames: Frames) -> Iterator[Reading]:
    if kind == "dicom":
        yield from read_dicom(path, frames)
    elif kind == "nifti":
        with _named(path) as named:
            yield from read_nifti(named, frames)
    else:
        yield from read_picture(path)


@contextmanager
def _named(path: Path) -> Iterator[Path]:
    """Yield another name of a file with the ending that nibabel goes by: what the store holds has none."""
    with path.open("rb") as stream:
        suffix = ".nii.gz" if stream.read(2) == _GZIP else ".nii"
    with tempfile.TemporaryDirectory() as folder:
        named = Path(folder) / f"volume{suffix}"
        os.symlink(path.absolute(), named)
        yield named
