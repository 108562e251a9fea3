"""What reading one file of images gives, whatever its format."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from assay.data.filefacts import FileFacts


class Intensity(enum.StrEnum):
    """What a pixel's number means."""

    HOUNSFIELD = "hounsfield"
    GREY = "grey"


class Unreadable(Exception):  # noqa: N818  (a state of one file: it is listed, and ends nothing)
    """One file cannot be read.

    Args:
        reason: One sentence.
        hint: The next thing to do.
    """

    def __init__(self, reason: str, hint: str = "") -> None:
        self.reason = reason
        self.hint = hint
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Reading:
    """One picture of a file.

    Attributes:
        pixels: height x width; HU as float32, or grey as uint8, uint16, or float32 in 0..1.
        intensity: What they mean.
        frame: Position in the file, from 0; ``None`` when it holds one picture.
        modality: As the file says, such as ``CT``.
        patient: As the file says; empty when it does not.
        age: Years.
        sex: ``F``, ``M``, ``other`` or ``unknown``.
        facts: What the file says of itself beside its pixels.
    """

    pixels: NDArray[Any]
    intensity: Intensity
    frame: int | None = None
    modality: str = ""
    patient: str = ""
    age: float | None = None
    sex: str = "unknown"
    facts: FileFacts | None = None


@dataclass(frozen=True, slots=True)
class Frames:
    """Which pictures of a file with several are read: the middle one, all, or every n-th from half a step on."""

    which: Literal["middle", "all", "every"] = "middle"
    step: int = 5

    def chosen(self, count: int) -> Sequence[int]:
        """Return positions in ``range(count)``."""
        match self.which:
            case "middle":
                return range(count // 2, count // 2 + 1)
            case "all":
                return range(count)
            case "every":
                return range(min(self.step // 2, count // 2), count, self.step)


_AGE = re.compile(r"\s*0*(\d+(?:\.\d+)?)\s*([YMWD]?)[A-Z]*\s*", re.IGNORECASE)
_YEARS = {"": 1.0, "Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_OLDEST = 125.0
_SEXES = {
    "F": ("f", "female", "woman", "girl", "w"),
    "M": ("m", "male", "man", "boy"),
    "other": ("o", "other", "x", "d", "diverse"),
}
_SEX_OF = {word: sex for sex, words in _SEXES.items() for word in words}


def age_in_years(text: str) -> float | None:
    """Return an age such as ``63``, ``63.5``, ``063Y`` or ``018M`` (DICOM AS) in years; ``None`` when it is none."""
    match = _AGE.fullmatch(text)
    if not match:
        return None
    years = float(match[1]) * _YEARS[match[2].upper()]
    return round(years, 2) if years <= _OLDEST else None


def sex_of(text: str) -> str:
    """Return ``F``, ``M``, ``other`` or ``unknown`` for the usual ways to write a sex."""
    return _SEX_OF.get(text.strip().lower(), "unknown")
