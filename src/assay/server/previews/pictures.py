"""Which files a browser cannot show, or shows nearly black: told by their first bytes, because the store keeps no names."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Literal

PictureKind = Literal["dicom", "nifti", "picture"]

_PNG, _DEPTH_AT, _DEEP = b"\x89PNG\r\n\x1a\n", 24, 16
_TIFF = (b"II*\x00", b"MM\x00*")
_DICOM_AT, _DICOM = 128, b"DICM"
_NIFTI_AT, _NIFTI = 344, (b"n+1\x00", b"n+2\x00")
_NIFTI_2_AT = 4
_GZIP = b"\x1f\x8b"
_LOOKED_AT = 540
"""Bytes of the longer of the two NIfTI headers."""


def picture_kind(path: Path) -> PictureKind | None:
    """Return what a file is that has to be rendered; ``None`` for any other."""
    with path.open("rb") as stream:
        head = stream.read(_LOOKED_AT)
    if head.startswith(_PNG):
        return "picture" if len(head) > _DEPTH_AT and head[_DEPTH_AT] == _DEEP else None
    if head.startswith(_TIFF):
        return "picture"
    if head[_DICOM_AT : _DICOM_AT + len(_DICOM)] == _DICOM:
        return "dicom"
    if head.startswith(_GZIP):
        try:
            with gzip.open(path) as packed:
                head = packed.read(_LOOKED_AT)
        except (OSError, EOFError, zlib.error):
            return None
    if head[_NIFTI_AT : _NIFTI_AT + 4] in _NIFTI or head[_NIFTI_2_AT : _NIFTI_2_AT + 4] in _NIFTI:
        return "nifti"
    return None
