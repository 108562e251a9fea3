"""NIfTI volumes: axial slices as a radiologist hangs them, read one at a time."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.filefacts import volume_facts
from assay.data.pictures import MOST_PIXELS
from assay.data.reading import Frames, Intensity, Reading, Unreadable
from assay.errors import MissingDependency

_AIR = -200.0
"""A volume that goes below this holds Hounsfield units: no grey scale has such numbers."""


def read_nifti(path: Path, frames: Frames, unit: Intensity | None = None) -> Iterator[Reading]:
    """Yield the chosen axial slices, the patient's right at the picture's left, front at the top.

    Slices count from the feet. Only one slice is in memory at a time, so the volume is turned to its closest canonical
    orientation slice by slice. Grey volumes are scaled to 0..1 over the chosen slices.

    Args:
        path: ``.nii`` or ``.nii.gz``.
        frames: Which slices.
        unit: What the numbers mean; ``None``: Hounsfield units when they go below -200.

    Raises:
        MissingDependency: nibabel is not installed.
        Unreadable: Not NIfTI, broken, or not one volume.
    """
    try:
        import nibabel as nib  # an optional package
        from nibabel import orientations
        from nibabel.spatialimages import SpatialImage
    except ImportError as error:
        raise MissingDependency("NIfTI files need nibabel", hint="pip install 'assay-ml[medical]'") from error
    try:
        image = nib.load(path)
        if not isinstance(image, SpatialImage):
            raise Unreadable("not a volume")
        volume = _Axial(image.dataobj, orientations.io_orientation(image.affine))  # type: ignore[no-untyped-call]
        chosen = list(frames.chosen(volume.count))
        ends = [(float(pixels.min()), float(pixels.max())) for pixels in map(volume.slice, chosen)]
        lowest, highest = min(low for low, _ in ends), max(high for _, high in ends)
        found = unit or (Intensity.HOUNSFIELD if lowest < _AIR else Intensity.GREY)
        for position in chosen:
            pixels = volume.slice(position)
            if found is Intensity.GREY:
                pixels = (pixels - np.float32(lowest)) / np.float32(max(highest - lowest, 1e-6))
            modality = "CT" if found is Intensity.HOUNSFIELD else ""
            facts = volume_facts(path, str(image.get_data_dtype()), pixels.shape[1], pixels.shape[0])
            frame = position if volume.count > 1 else None
            yield Reading(pixels, found, frame=frame, modality=modality, facts=facts)
    except FileNotFoundError as error:
        raise Unreadable("the file is not there") from error
    except nib.filebasedimages.ImageFileError as error:
        raise Unreadable("not a NIfTI file") from error
    except (OSError, ValueError, EOFError, zlib.error) as error:
        raise Unreadable(f"broken NIfTI file: {error}") from error


class _Axial:
    """Axial slices of a lazily read array with any axis order and directions."""

    def __init__(self, data: Any, orientation: NDArray[np.float64]) -> None:
        shape = tuple(data.shape)
        if len(shape) < 3 or any(extent != 1 for extent in shape[3:]):
            raise Unreadable(f"a NIfTI image of shape {' x '.join(map(str, shape))} is not one volume")
        if np.isnan(orientation).any():
            raise Unreadable("the NIfTI header does not say how the volume lies")
        axes = orientation[:, 0].astype(int).tolist()
        self._data = data
        self._across, self._deep, self._up = (axes.index(axis) for axis in range(3))
        self._signs = orientation[:, 1].tolist()
        self._rest = (0,) * (len(shape) - 3)
        self.count = shape[self._up]
        if shape[self._across] * shape[self._deep] > MOST_PIXELS:
            raise Unreadable(f"a slice has more than the {MOST_PIXELS} pixels allowed")

    def slice(self, position: int) -> NDArray[np.float32]:
        """Return slice ``position``, counted from the feet: rows from front to back, columns from right to left."""
        at: list[Any] = [slice(None)] * 3
        at[self._up] = position if self._signs[self._up] > 0 else self.count - 1 - position
        plane = np.asarray(self._data[(*at, *self._rest)], dtype=np.float32)
        rows_first = plane.T if self._across < self._deep else plane
        columns = slice(None, None, -1 if self._signs[self._across] > 0 else 1)
        rows = slice(None, None, -1 if self._signs[self._deep] > 0 else 1)
        return np.ascontiguousarray(rows_first[rows, columns])
