"""What a file says of itself beside its pixels: a network never sees it, yet it may tell the label.

Kept because decoding loses it: every picture in an Images folder is a grey PNG. Fields that name a person, a place, a date or an
examination are never kept.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image
    from pydicom.dataset import Dataset

COLUMNS = {
    "file_type": "Format of the original file: PNG, JPEG, DICOM, …",
    "file_mode": "Colour mode of the original file: L, RGB, RGBA, P, I;16, MONOCHROME2, …",
    "file_width": "Columns of pixels of the original file.",
    "file_height": "Rows of pixels of the original file.",
    "file_bytes": "Size of the original file in bytes.",
    "file_quality": "JPEG quality, 1..100, estimated from the quantisation table; empty for other formats.",
    "file_header": "Header fields that identify nobody: name=value, parted by semicolons.",
}
"""The columns of ``index.csv`` that hold file facts, one sentence each."""

_EXIF = {0x010F: "Make", 0x0110: "Model", 0x0112: "Orientation", 0x0131: "Software", 0xA001: "ColorSpace"}
_PNG_TEXTS = frozenset({"Software"})
_PRESENCE = ("icc_profile", "transparency", "gamma", "progressive", "interlace", "adobe", "jfif")
_DICOM = (
    "Manufacturer",
    "ManufacturerModelName",
    "Modality",
    "BodyPartExamined",
    "ViewPosition",
    "PatientPosition",
    "KVP",
    "ConvolutionKernel",
    "SliceThickness",
    "PixelSpacing",
    "BitsStored",
    "RescaleIntercept",
    "WindowCenter",
    "WindowWidth",
    "BurnedInAnnotation",
    "LossyImageCompression",
)
_LONGEST_VALUE = 60
_MEAN_OF_STANDARD_TABLE = 57.625
"""Mean of the luminance table of JPEG Annex K, which is quality 50 in the scale of the Independent JPEG Group."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Facts of one original file; see ``COLUMNS``."""

    type: str
    mode: str
    width: int
    height: int
    bytes: int
    quality: int | None = None
    header: Mapping[str, str] = field(default_factory=dict)

    def cells(self) -> dict[str, object]:
        """Return the cells of ``COLUMNS``."""
        return {
            "file_type": self.type,
            "file_mode": self.mode,
            "file_width": self.width,
            "file_height": self.height,
            "file_bytes": self.bytes,
            "file_quality": "" if self.quality is None else self.quality,
            "file_header": "; ".join(f"{name}={value}" for name, value in sorted(self.header.items())),
        }


def picture_facts(image: Image, path: os.PathLike[str] | str) -> FileFacts:
    """Return the facts of an opened picture; its pixels need not be decoded."""
    header = {name: _plain(value) for tag, name in _EXIF.items() if (value := image.getexif().get(tag)) is not None}
    for name in _PRESENCE:
        if name in image.info:
            header[name] = "yes"
    for name in _PNG_TEXTS:
        if isinstance(image.info.get(name), str):
            header.setdefault(name, _plain(image.info[name]))
    if dpi := image.info.get("dpi"):
        header["dpi"] = _plain(round(float(dpi[0])))
    tables = getattr(image, "quantization", None)
    quality = _jpeg_quality(tables[min(tables)]) if image.format == "JPEG" and tables else None
    width, height = image.size
    return FileFacts(image.format or "", image.mode, width, height, os.path.getsize(path), quality, header)


def dicom_facts(data: Dataset, path: os.PathLike[str] | str) -> FileFacts:
    """Return the facts of a DICOM data set: of its header only fields that name no person, place, date or examination."""
    header = {name: text for name in _DICOM if (text := _plain(data.get(name, "")))}
    syntax = getattr(getattr(data, "file_meta", None), "TransferSyntaxUID", None)
    if syntax is not None:
        header["TransferSyntax"] = _plain(syntax.name)
    mode = str(data.get("PhotometricInterpretation", ""))
    return FileFacts("DICOM", mode, int(data.Columns), int(data.Rows), os.path.getsize(path), None, header)


def volume_facts(path: os.PathLike[str] | str, kind: str, width: int, height: int) -> FileFacts:
    """Return the facts of a volume: stored number type ``kind`` and the extent of one slice."""
    return FileFacts("NIFTI", kind, width, height, os.path.getsize(path))


def _plain(value: Any) -> str:
    text = re.sub(r"[;=\s]+", " ", str(value)).strip().strip("\0")
    return text[:_LONGEST_VALUE]


def _jpeg_quality(table: Any) -> int:
    """Return the quality at which the Independent JPEG Group's scaling would give a table of this mean."""
    scale = 100.0 * (sum(table) / len(table)) / _MEAN_OF_STANDARD_TABLE
    quality = (200 - scale) / 2 if scale <= 100 else 5000 / scale
    return int(max(1, min(100, round(quality))))
