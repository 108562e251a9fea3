"""From what a caller sends to the pixels a model takes: tensors as they are, pictures by the bundle's own preprocessing."""

from __future__ import annotations

import base64
import binascii
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.images import ImagesMeta, prepared
from assay.data.reading import Frames, Intensity, Reading, Unreadable
from assay.errors import MissingDependency
from assay.serving.faults import RequestFault
from assay.training.predictor import ModelFacts

Pixels = NDArray[np.float32]
"""N x channels x size x size in 0..1."""

MOST_PICTURES = 256
"""Pictures in one request."""

_DEEPEST_8, _DEEPEST_16 = 255, 65535
_DICOM_MARK = slice(128, 132)


def from_tensor(values: NDArray[Any], facts: ModelFacts) -> Pixels:
    """Return prepared pixels; unsigned 8 bits count as 0..255, floats as 0..1.

    Raises:
        RequestFault: Another shape than N x channels x size x size (of grey pictures also N x size x size), no finite numbers, or numbers outside the range.
    """
    size, channels = facts.preprocessing.size, facts.channels
    if values.ndim == 3 and channels == 1:
        values = values[:, None]
    if values.shape[1:] != (channels, size, size) or not len(values):
        wanted = f"N x {channels} x {size} x {size}"
        raise RequestFault(
            f"the model takes {wanted}, this is {' x '.join(map(str, values.shape))}",
            culprit="shape",
            hint="send the picture itself (input 'picture') to have it prepared",
        )
    if len(values) > MOST_PICTURES:
        raise RequestFault(f"{len(values)} pictures, at most {MOST_PICTURES}", status=413, culprit="shape")
    if values.dtype == np.uint8:
        return values.astype(np.float32) / np.float32(_DEEPEST_8)
    pixels = values.astype(np.float32, copy=False)
    least, most = float(np.minimum.reduce(pixels, axis=None)), float(np.maximum.reduce(pixels, axis=None))
    if not (math.isfinite(least) and math.isfinite(most)):  # either is NaN when any number is
        raise RequestFault("some numbers are not finite", culprit="data")
    if least < 0 or most > 1:
        hint = "scale with the model's window first, or send the picture itself"
        raise RequestFault("pixels are numbers from 0 to 1", culprit="data", hint=hint)
    return pixels


def other_modality(stated: str, facts: ModelFacts) -> list[str]:
    """Return a warning when pictures are said to be of another modality than the model was fitted on."""
    if stated and facts.modality and stated != facts.modality:
        return [f"this is {stated}, the model was fitted on {facts.modality}"]
    return []


def from_pictures(contents: Sequence[bytes], facts: ModelFacts, stated: str = "") -> tuple[Pixels, list[str]]:
    """Return the prepared pixels of PNG, JPEG or DICOM files, and what is unusual about them for this model.

    Args:
        contents: The files.
        facts: Of the model.
        stated: Modality by the caller's word, for files that do not say it themselves.

    Raises:
        RequestFault: A file cannot be read, or its numbers mean something that the model cannot take.
    """
    if facts.channels != 1:
        raise RequestFault(
            "the model takes colours, which are taken as tensors only", culprit="inputs", hint="send the input 'image'"
        )
    if not contents:
        raise RequestFault("no pictures", culprit="inputs")
    if len(contents) > MOST_PICTURES:
        raise RequestFault(f"{len(contents)} pictures, at most {MOST_PICTURES}", status=413, culprit="inputs")
    pixels, warnings = [], dict[str, None]()
    for content in contents:
        reading = _read(content)
        pixels.append(_prepared(reading, facts))
        if reading.intensity is not Intensity(facts.intensity):
            warnings["no Hounsfield units: the grey values are taken to be those of the model's own window"] = None
        warnings |= dict.fromkeys(other_modality(reading.modality or stated, facts))
        if not (reading.modality or stated) and facts.modality:
            warnings[f"the picture does not say what it is; the model was fitted on {facts.modality}"] = None
    return np.stack(pixels)[:, None], list(warnings)


def from_base64(text: object) -> bytes:
    """Return what base64 text holds; raises ``RequestFault``."""
    if not isinstance(text, str):
        raise RequestFault("a picture is base64 text", culprit=type(text).__name__)
    try:
        return base64.b64decode(text.partition("base64,")[2] or text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestFault(f"this is no base64: {error}", culprit="data") from None


def _read(content: bytes) -> Reading:
    from assay.data.dicom import read_dicom  # pydicom only where DICOM comes
    from assay.data.pictures import read_picture

    with tempfile.NamedTemporaryFile(
        prefix="assay-request-"
    ) as file:  # the readers take files; gone before this returns
        file.write(content)
        file.flush()
        try:
            path = Path(file.name)
            is_dicom = content[_DICOM_MARK] == b"DICM"
            return next(iter(read_dicom(path, Frames()) if is_dicom else read_picture(path)))
        except Unreadable as error:
            raise RequestFault(
                f"the picture cannot be read: {error.reason}", hint=error.hint, culprit="picture"
            ) from None
        except MissingDependency as error:
            raise RequestFault(error.message, status=415, hint=error.hint, culprit="picture") from None


def _prepared(reading: Reading, facts: ModelFacts) -> NDArray[np.float32]:
    wanted = Intensity(facts.intensity)
    steps = facts.preprocessing
    values = np.asarray(reading.pixels)
    if reading.intensity is wanted is Intensity.HOUNSFIELD:
        return prepared(values.astype(np.float32), ImagesMeta(wanted), steps.window, steps.size)
    if reading.intensity is Intensity.HOUNSFIELD:
        hint = "send a picture of grey values"
        raise RequestFault(
            "the model was fitted on grey pictures, this has Hounsfield units", culprit="picture", hint=hint
        )
    deepest = {np.dtype(np.uint8): _DEEPEST_8, np.dtype(np.uint16): _DEEPEST_16}.get(values.dtype, 1)
    grey: NDArray[np.float32] = values.astype(np.float32) / np.float32(deepest)
    if wanted is Intensity.GREY:
        return prepared(grey, ImagesMeta(wanted), steps.window, steps.size)
    # An exported picture of a CT: its window is lost, and taken to be the model's own.
    return prepared(grey, ImagesMeta(Intensity.GREY), None, steps.size)


def as_numbers(data: object, kind: np.dtype[Any]) -> NDArray[Any]:
    """Return flat or nested JSON numbers as an array; raises ``RequestFault``."""
    if not isinstance(data, list):
        raise RequestFault("'data' is a list", culprit="data")
    try:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is told so
            return np.asarray(data, dtype=kind)
    except (ValueError, TypeError, OverflowError) as error:
        raise RequestFault(f"'data' cannot be read as {kind}: {error}", culprit="data") from None


def as_shape(values: NDArray[Any], shape: Sequence[int]) -> NDArray[Any]:
    """Return the values in ``shape``; raises ``RequestFault`` when their number is another."""
    if values.size != math.prod(shape):
        raise RequestFault(f"{values.size} numbers do not fill {' x '.join(map(str, shape))}", culprit="shape")
    return values.reshape(tuple(shape))
