"""One axial slice: paint the tissues, add what is wrong, let the scanner look at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.data.phantom import lesions, lungs, mediastinum, wall
from assay.data.phantom.canvas import Canvas, Frame
from assay.data.phantom.lesions import COVID_PATTERNS, Pattern, Place
from assay.data.phantom.person import Person, Scanner, Vendor
from assay.data.phantom.scanner import acquire


@dataclass(frozen=True, slots=True)
class Slice:
    """A picture and its truth.

    Attributes:
        pixels: HU, float32, size x size.
        mask: True where a COVID-like lesion is visible; ``None`` when there is none.
        lesion_share: Lesion's share of the lung's area, 0..1.
    """

    pixels: NDArray[np.float32]
    mask: NDArray[np.bool_] | None
    lesion_share: float


def frame_of(person: Person, size: int) -> Frame:
    """Return the field of view for a person: the same for all slices, as in an examination."""
    side = max(wall.body_half(person, level)[0] for level in (0.15, 0.5, 0.9))
    return Frame(size=size, fov=2 * (side + person.margin), angle=person.roll, shift=person.shift)


def render(
    person: Person,
    scanner: Scanner,
    level: float,
    findings: tuple[Pattern, ...],
    severity: float,
    size: int,
    rng: np.random.Generator,
) -> Slice:
    """Return one slice.

    Args:
        person: Body.
        scanner: Settings.
        level: 0 (aortic arch) .. 1 (lung base).
        findings: What is wrong; COVID-like patterns give the mask.
        severity: Of the COVID-like findings, 0..1.
        size: Pixels along an edge.
        rng: Source of chance for this slice.
    """
    frame = frame_of(person, size)
    half = wall.cavity_half(person, level)
    soft = _paint_soft(person, scanner, level, half, frame, rng)
    share = Canvas(frame, "L", 0)
    lungs.paint_lungs(share, person, level, half, rng)
    lung = share.averaged() * np.float32(1 / 255)
    x, y = frame.body_grid()
    place = Place(x / np.float32(half[0]), y / np.float32(half[1]), half, lung)
    air = lungs.tissue(person, y, half, rng)
    air, mask = _add_findings(air, place, findings, severity, level, rng)
    vessel = _vessels(person, level, half, frame, rng)
    inside = air + vessel * (np.float32(mediastinum.BLOOD) - air)
    tissue = soft + lung * (inside - soft)
    bulk: NDArray[np.float32] = np.float32(1.25) - np.float32(0.55) * np.clip(
        place.x * place.x * 0.5 + place.y * place.y * 0.35, 0, 1.2
    )
    pixels = acquire(tissue, scanner, frame, bulk, rng)
    covered = float(mask.sum() / max(1.0, float((lung > 0.5).sum()))) if mask is not None else 0.0
    return Slice(pixels, mask, round(covered, 4))


def _paint_soft(
    person: Person,
    scanner: Scanner,
    level: float,
    half: tuple[float, float],
    frame: Frame,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    canvas = Canvas(frame, "F", wall.AIR)
    wall.paint_table(canvas, person, level, curved=scanner.vendor is Vendor.A)
    wall.paint_wall(canvas, person, level, rng)
    mediastinum.paint_mediastinum(canvas, person, level, half, rng)
    mediastinum.paint_airways(canvas, person, level, half)
    pixels = canvas.averaged()
    if scanner.kv == 100:
        pixels = np.where(pixels > 100, pixels * np.float32(1.18) - 18, pixels)
    return pixels


def _add_findings(
    air: NDArray[np.float32],
    place: Place,
    findings: tuple[Pattern, ...],
    severity: float,
    level: float,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.bool_] | None]:
    mask = None
    for pattern in findings:
        if pattern in COVID_PATTERNS:
            lesion = lesions.covid(place, pattern, severity, level, rng)
            visible = lesions.mask_of(lesion, place)
            mask = visible if visible.any() else None
            air = air + lesion
        else:
            air = air + lesions.look_alike(place, pattern, rng)
    return np.minimum(air, np.float32(60)), mask


def _vessels(
    person: Person, level: float, half: tuple[float, float], frame: Frame, rng: np.random.Generator
) -> NDArray[np.float32]:
    canvas = Canvas(frame, "L", 0)
    lungs.paint_vessels(canvas, person, level, half, rng)
    for x, y, radius in lungs.bronchi(half, rng):
        canvas.disc((x, y), radius + 1.0, 120)
        canvas.disc((x, y), radius, 0)
    return canvas.averaged() * np.float32(1 / 255)
