"""DICOM files: Hounsfield units or grey pixels of the chosen frames, and who was imaged. Names and UIDs are not read."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assay.data.filefacts import dicom_facts
from assay.data.pictures import MOST_PIXELS
from assay.data.reading import Frames, Intensity, Reading, Unreadable, age_in_years, sex_of
from assay.errors import MissingDependency

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_DECODERS = "pip install pylibjpeg pylibjpeg-libjpeg pylibjpeg-openjpeg"
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)

# What pydicom and its decoders raise on damaged or unusual files; it documents no common base.
_FAULTS = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    OSError,
    TypeError,
    ValueError,
    struct.error,
)


def read_dicom(path: Path, frames: Frames) -> Iterator[Reading]:
    """Yield the chosen frames of a DICOM file, one at a time.

    CT: HU by rescale slope and intercept (PS3.3 C.11.1). Others: grey in 0..1, by the stated window (C.11.2) or else
    over the range of the stored bits; MONOCHROME1 is inverted, so that bright stays dense.

    Raises:
        MissingDependency: pydicom is not installed.
        Unreadable: Not DICOM, no or broken pixels, too large, or a compression without an installed decoder.
    """
    try:
        from pydicom import dcmread  # an optional package
    except ImportError as error:
        raise MissingDependency("DICOM files need pydicom", hint="pip install 'assay-ml[medical]'") from error
    with _guarded():
        data = dcmread(path)
        chosen = frames.chosen(_count(data))
    for frame in chosen:
        with _guarded(data):
            reading = _read_frame(data, frame, path)
        yield reading


@contextmanager
def _guarded(data: Dataset | None = None) -> Iterator[None]:
    """Keep pydicom's warnings of odd tags out of the log, and say in one way what it raises."""
    from pydicom.errors import InvalidDicomError  # an optional package, found by the caller

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except FileNotFoundError as error:
            raise Unreadable("the file is not there") from error
        except InvalidDicomError as error:
            raise Unreadable("not a DICOM file") from error
        except NotImplementedError as error:
            raise Unreadable(f"pixels of an unknown kind: {error}") from error
        except RuntimeError as error:
            raise _undecodable(data, error) from error
        except _FAULTS as error:
            raise Unreadable(f"broken DICOM file: {error}") from error


def _count(data: Dataset) -> int:
    if "PixelData" not in data:
        raise Unreadable("a DICOM file without pixels")
    if int(data.Rows) * int(data.Columns) > MOST_PIXELS:
        raise Unreadable(f"{data.Rows} x {data.Columns} pixels are more than the {MOST_PIXELS} allowed")
    return int(data.get("NumberOfFrames") or 1)


def _read_frame(data: Dataset, frame: int, path: Path) -> Reading:
    from pydicom.pixels.utils import pixel_array  # an optional package, found by the caller

    modality = str(data.get("Modality", ""))
    pixels, intensity = _values(pixel_array(data, index=frame), data, modality)
    return Reading(
        pixels,
        intensity,
        frame=frame if _count(data) > 1 else None,
        modality=modality,
        patient=str(data.get("PatientID", "")).strip(),
        age=age_in_years(str(data.get("PatientAge", ""))),
        sex=sex_of(str(data.get("PatientSex", ""))),
        facts=dicom_facts(data, path),
    )


def _values(stored: NDArray[Any], data: Dataset, modality: str) -> tuple[NDArray[np.float32], Intensity]:
    if stored.ndim == 3:
        return stored.astype(np.float32) @ _LUMA / np.float32(2 ** int(data.BitsStored) - 1), Intensity.GREY
    slope, intercept = float(data.get("RescaleSlope", 1)), float(data.get("RescaleIntercept", 0))
    values = stored.astype(np.float32) * np.float32(slope) + np.float32(intercept)
    if modality == "CT" and str(data.get("RescaleType", "HU")) in {"HU", "US", ""}:
        return values, Intensity.HOUNSFIELD
    lowest, highest = _range(data, slope, intercept)
    grey = np.clip((values - np.float32(lowest)) / np.float32(max(highest - lowest, 1e-6)), 0, 1)
    return (1 - grey if data.PhotometricInterpretation == "MONOCHROME1" else grey), Intensity.GREY


def _range(data: Dataset, slope: float, intercept: float) -> tuple[float, float]:
    level, width = (_first(data.get(name)) for name in ("WindowCenter", "WindowWidth"))
    if level is not None and width is not None and width > 0:
        return level - width / 2, level + width / 2
    bits, signed = int(data.BitsStored), int(data.PixelRepresentation)
    lowest, highest = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    ends = sorted((lowest * slope + intercept, highest * slope + intercept))
    return ends[0], ends[1]


def _first(value: Any) -> float | None:
    if value is None or value == "":
        return None
    return float(value if isinstance(value, (str, float, int)) else value[0])


def _undecodable(data: Dataset | None, error: RuntimeError) -> Unreadable:
    syntax = getattr(getattr(data, "file_meta", None), "TransferSyntaxUID", None)
    if syntax is None or not syntax.is_compressed:
        return Unreadable(f"broken DICOM file: {error}")
    if "missing dependencies" in str(error):
        return Unreadable(f"no decoder for {syntax.name} is installed", hint=_DECODERS)
    return Unreadable(f"{syntax.name} pixels cannot be decoded: {error}", hint=_DECODERS)
