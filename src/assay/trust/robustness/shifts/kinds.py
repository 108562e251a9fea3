"""The closed set of acquisition shifts, each with five severities that are met in hospitals or beyond them."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from assay.trust.robustness.shifts import dose, exposure, files, geometry, sharpness, thickness
from assay.trust.robustness.shifts.picture import Picture

SEVERITIES = (1, 2, 3, 4, 5)


class Family(enum.StrEnum):
    """Shifts that are shown in one chart."""

    EXPOSURE = "window and level"
    DETAIL = "kernel, dose and slice"
    GEOMETRY = "position and field of view"
    FILES = "compression and resolution"


class ShiftName(enum.StrEnum):
    """The closed set of shifts."""

    BRIGHTER = "brighter"
    DARKER = "darker"
    WIDER = "wider window"
    NARROWER = "narrower window"
    BLUR = "softer kernel"
    SHARPEN = "sharper kernel"
    DOSE = "lower dose"
    THICKNESS = "thicker slices"
    ROTATION = "rotation"
    CROP = "smaller field of view"
    JPEG = "JPEG"
    RESOLUTION = "lower resolution"


@dataclass(frozen=True, slots=True)
class Shift:
    """One acquisition shift.

    Attributes:
        family: Chart it belongs to.
        unit: What its amounts count.
        amounts: One for each severity, 1 to 5.
        apply: From a picture, an amount and a source of chance to the shifted picture.
        help: What happens in the hospital, in a sentence.
    """

    family: Family
    unit: str
    amounts: Sequence[float]
    apply: Callable[[Picture, float, np.random.Generator], Picture]
    help: str


def shifted(picture: Picture, name: ShiftName, severity: int, random: np.random.Generator) -> Picture:
    """Return a picture under a shift; ``severity`` is 1 (everyday) to 5 (hardly readable)."""
    shift = SHIFTS[name]
    return shift.apply(picture, shift.amounts[severity - 1], random)


SHIFTS: dict[ShiftName, Shift] = {
    ShiftName.BRIGHTER: Shift(
        Family.EXPOSURE,
        "HU",
        (20, 50, 100, 150, 200),
        lambda picture, amount, _: exposure.levelled(picture, amount),
        "Another calibration or level: all values are higher.",
    ),
    ShiftName.DARKER: Shift(
        Family.EXPOSURE,
        "HU",
        (20, 50, 100, 150, 200),
        lambda picture, amount, _: exposure.levelled(picture, -amount),
        "Another calibration or level: all values are lower.",
    ),
    ShiftName.WIDER: Shift(
        Family.EXPOSURE,
        "times the width",
        (1.1, 1.25, 1.5, 1.75, 2.0),
        lambda picture, amount, _: exposure.widened(picture, amount),
        "Saved in a wider window: less contrast.",
    ),
    ShiftName.NARROWER: Shift(
        Family.EXPOSURE,
        "times the contrast",
        (1.1, 1.25, 1.5, 1.75, 2.0),
        lambda picture, amount, _: exposure.widened(picture, 1 / amount),
        "Saved in a narrower window: more contrast.",
    ),
    ShiftName.BLUR: Shift(
        Family.DETAIL,
        "mm",
        (0.7, 1.2, 2.0, 3.0, 4.5),
        lambda picture, amount, _: sharpness.blurred(picture, amount),
        "A softer kernel, or breathing: standard deviation of the blur.",
    ),
    ShiftName.SHARPEN: Shift(
        Family.DETAIL,
        "share of detail added",
        (0.3, 0.6, 1.0, 1.6, 2.4),
        lambda picture, amount, _: sharpness.sharpened(picture, amount),
        "A lung or bone kernel instead of a soft one.",
    ),
    ShiftName.DOSE: Shift(
        Family.DETAIL,
        "share of the dose",
        (0.5, 0.25, 0.125, 0.0625, 0.03125),
        dose.low_dose,
        "A low-dose protocol: noise by the square root of the dose.",
    ),
    ShiftName.THICKNESS: Shift(
        Family.DETAIL,
        "slices averaged on each side",
        (1, 2, 3, 4, 5),
        lambda picture, amount, _: thickness.thickened(picture, amount),
        "Thicker reconstruction: partial volume and less noise.",
    ),
    ShiftName.ROTATION: Shift(
        Family.GEOMETRY,
        "degrees",
        (2, 5, 10, 15, 25),
        geometry.rotated,
        "The patient lies turned.",
    ),
    ShiftName.CROP: Shift(
        Family.GEOMETRY,
        "share cut at each edge",
        (0.02, 0.05, 0.08, 0.12, 0.18),
        lambda picture, amount, _: geometry.cropped(picture, amount),
        "A smaller field of view, or a figure cut out of a page.",
    ),
    ShiftName.JPEG: Shift(
        Family.FILES,
        "quality",
        (90, 70, 50, 30, 10),
        lambda picture, amount, _: files.compressed(picture, amount),
        "Exported as 8-bit JPEG in the window.",
    ),
    ShiftName.RESOLUTION: Shift(
        Family.FILES,
        "share of rows and columns",
        (0.75, 0.5, 0.35, 0.25, 0.18),
        lambda picture, amount, _: files.coarsened(picture, amount),
        "Stored smaller and shown large again.",
    ),
}
