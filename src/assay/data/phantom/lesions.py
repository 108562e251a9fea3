"""What can be wrong with a lung: COVID-like opacities with their masks, and findings that only resemble them."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.data.phantom.person import Person
from assay.data.phantom.texture import smooth_field

Field = NDArray[np.float32]

VISIBLE = 60.0
"""HU a lesion must add to a pixel for the pixel to belong to the mask."""


class Pattern(enum.StrEnum):
    """What a slice shows."""

    NONE = "none"
    GROUND_GLASS = "ground-glass"
    CRAZY_PAVING = "crazy-paving"
    CONSOLIDATION = "consolidation"
    NODULE = "nodule"
    ATELECTASIS = "atelectasis"
    LOBAR_PNEUMONIA = "lobar-pneumonia"


COVID_PATTERNS = (Pattern.GROUND_GLASS, Pattern.CRAZY_PAVING, Pattern.CONSOLIDATION)


@dataclass(frozen=True, slots=True)
class Place:
    """Where pixels lie in the chest.

    Attributes:
        x: Body x over the chest's half width, size x size; negative is the patient's right.
        y: Body y over its half depth; positive is the back.
        half: Half width and half depth, mm.
        lung: Share of lung, 0..1.
    """

    x: Field
    y: Field
    half: tuple[float, float]
    lung: Field

    @property
    def size(self) -> int:
        """Pixels along an edge."""
        return len(self.lung)


def _blob(place: Place, centre: tuple[float, float], half: tuple[float, float], turn: float) -> Field:
    dx = (place.x - np.float32(centre[0])) * np.float32(place.half[0])
    dy = (place.y - np.float32(centre[1])) * np.float32(place.half[1])
    cos, sin = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    along = (cos * dx + sin * dy) * np.float32(1 / half[0])
    across = (cos * dy - sin * dx) * np.float32(1 / half[1])
    far = along * along + across * across
    hill = 1 / (1 + 0.6 * far + 0.8 * far * far)
    return hill.astype(np.float32, copy=False)


def covid(place: Place, pattern: Pattern, severity: float, level: float, rng: np.random.Generator) -> Field:
    """Return HU added by COVID-like opacities: at the edge, towards the back, on both sides, more in the lower lung.

    Args:
        place: Pixels.
        pattern: One of ``COVID_PATTERNS``.
        severity: 0 (one faint patch) .. 1 (most of the lung).
        level: 0 (aortic arch) .. 1 (base).
        rng: Source of chance.
    """
    extent = severity * (0.65 + 0.5 * level)
    count = 1 + int(rng.poisson(0.6 + 5.0 * extent))
    first = rng.choice([-1, 1])
    hills = np.zeros_like(place.lung)
    for number in range(count):
        side = first if number % 2 == 0 else -first
        turn = rng.triangular(-0.30, 0.24, 0.42) * np.pi
        out = rng.uniform(0.72, 0.97)
        centre = (side * out * abs(np.cos(turn)) ** 0.85, out * np.sign(turn) * abs(np.sin(turn)) ** 0.85)
        across = rng.uniform(8.0, 13.0) + 15.0 * extent * rng.random()
        along = across * rng.uniform(1.2, 2.2)
        slope = np.arctan2(np.cos(turn), -side * np.sin(turn))
        hills = np.maximum(hills, _blob(place, centre, (along, across), slope))
    coarse, fine = smooth_field(rng, place.size, 13), smooth_field(rng, place.size, 36)
    ragged = hills * (1 + 0.42 * coarse + 0.30 * fine)
    soft: Field = np.clip((ragged - 0.22) / 0.55, 0, 1)
    added = soft * np.float32(rng.uniform(170, 290) + 210 * severity)
    if pattern is Pattern.CRAZY_PAVING:
        web = np.clip(1 - np.abs(smooth_field(rng, place.size, 26)) / 0.22, 0, 1)
        added = added + soft * web * np.float32(190)
    elif pattern is Pattern.CONSOLIDATION:
        core = np.clip((ragged - 0.62) / 0.25, 0, 1)
        added = added + core * np.float32(520)
    inside: Field = np.clip(added, 0, 880) * (place.lung > 0.15)
    return inside


def nodule(place: Place, rng: np.random.Generator) -> Field:
    """Return HU added by one to three round nodules, 4 to 11 mm wide, solid or ground glass."""
    added = np.zeros_like(place.lung)
    for _ in range(int(rng.integers(1, 4))):
        centre = (rng.choice([-1, 1]) * rng.uniform(0.45, 0.85), rng.uniform(-0.5, 0.6))
        hill = _blob(place, centre, (radius := rng.uniform(2.5, 6.5), radius), 0.0)
        added += np.clip((hill - 0.3) / 0.3, 0, 1) * np.float32(rng.choice([350.0, 850.0]))
    return added


def atelectasis(place: Place, rng: np.random.Generator) -> Field:
    """Return HU added by dependent lung: a thin grey band along the back, on both sides, that fades forwards."""
    deep = rng.uniform(0.05, 0.10)
    edge = place.x * place.x + place.y * place.y - np.float32(0.42) * place.x * place.x * place.y * place.y
    band = np.clip((edge - np.float32(0.98 - 2 * deep)) / np.float32(2 * deep), 0, 1)
    behind = np.clip((place.y - 0.5) / 0.3, 0, 1)
    added: Field = band * behind * np.float32(rng.uniform(150, 330)) * (1 + 0.2 * smooth_field(rng, place.size, 20))
    return added


def lobar_pneumonia(place: Place, rng: np.random.Generator) -> Field:
    """Return HU added by bacterial pneumonia: one dense patch of one lobe with open bronchi, one side only."""
    side = rng.choice([-1, 1])
    centre = (side * rng.uniform(0.5, 0.68), rng.uniform(-0.45, 0.55))
    hill = _blob(place, centre, (rng.uniform(24, 36), rng.uniform(16, 26)), rng.uniform(0, np.pi))
    ragged = hill * (1 + 0.30 * smooth_field(rng, place.size, 12) + 0.22 * smooth_field(rng, place.size, 32))
    solid = np.clip((ragged - 0.30) / 0.25, 0, 1) * np.float32(rng.uniform(700, 860))
    open_bronchi = np.clip(1 - np.abs(smooth_field(rng, place.size, 11)) / 0.07, 0, 1)
    added: Field = solid * (1 - 0.75 * open_bronchi)
    return added


def look_alike(place: Place, pattern: Pattern, rng: np.random.Generator) -> Field | np.float32:
    """Return HU added by a finding that is not COVID; 0 when the pattern is none of these."""
    match pattern:
        case Pattern.NODULE:
            return nodule(place, rng)
        case Pattern.ATELECTASIS:
            return atelectasis(place, rng)
        case Pattern.LOBAR_PNEUMONIA:
            return lobar_pneumonia(place, rng)
        case _:
            return np.float32(0)


def mask_of(added: Field, place: Place) -> NDArray[np.bool_]:
    """Return which pixels a lesion visibly covers."""
    return (added > VISIBLE) & (place.lung > 0.5)


def severity_of(rng: np.random.Generator, person: Person) -> float:
    """Draw a severity, 0..1; a little worse in the old."""
    return float(np.clip(rng.beta(1.5, 1.9) + 0.002 * (person.age - 50), 0.03, 1.0))
