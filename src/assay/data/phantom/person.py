"""Who lies in the scanner: body measures that follow from age and sex, and the scanner's settings."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

import numpy as np


class Sex(enum.StrEnum):
    """Sex as recorded in the index."""

    F = "F"
    M = "M"


@dataclass(frozen=True, slots=True)
class Person:
    """Body measures of one patient, in mm and HU unless said otherwise.

    Attributes:
        age: Years, 18..90.
        sex: Drives size, breasts, fat and muscle.
        width: Half the inner width of the chest at its widest.
        depth: Half its inner depth.
        squareness: Exponent of the chest's outline; smaller is squarer.
        fat: Thickness of the fat under the skin at the side.
        muscle: Thickness of the muscles outside the ribs.
        breast: How far the breasts stand out; 0 for men.
        gland: Share of gland in the breast, 0..1.
        heart: Size against the usual, about 1.
        vessel: Width of the lung vessels against the usual, about 1.
        bone: HU of spongy bone.
        calcified: How much calcium the aortic wall holds, 0..1.
        lung: HU of the lung between its vessels.
        emphysema: How much of the lung is destroyed, 0..1.
        roll: Turn of the body on the table, radians.
        shift: Off-centre position.
        margin: Air at each side of the picture.
    """

    age: int
    sex: Sex
    width: float
    depth: float
    squareness: float
    fat: float
    muscle: float
    breast: float
    gland: float
    heart: float
    vessel: float
    bone: float
    calcified: float
    lung: float
    emphysema: float
    roll: float
    shift: tuple[float, float]
    margin: float


def draw_person(rng: np.random.Generator, age: int, sex: Sex) -> Person:
    """Draw body measures for an age (years) and a sex."""
    woman = sex is Sex.F
    size = float(rng.normal(1.0, 0.045))
    weight = float(rng.gamma(4.0, 0.25))
    old = max(0.0, (age - 45) / 45)
    return Person(
        age=age,
        sex=sex,
        width=(117.0 if woman else 130.0) * size,
        depth=(86.0 if woman else 97.0) * size * float(rng.normal(1.0, 0.04)) * (1 + 0.08 * old),
        squareness=float(rng.uniform(0.76, 0.86)),
        fat=4.0 + (11.0 if woman else 8.0) * weight,
        muscle=(10.0 if woman else 14.0) * float(rng.uniform(0.85, 1.2)) * (1 - 0.25 * old),
        breast=(10.0 + 22.0 * weight) * float(rng.uniform(0.7, 1.2)) if woman else 0.0,
        gland=float(rng.uniform(0.2, 0.9)) * max(0.1, 1 - age / 85),
        heart=float(rng.normal(1.0 + 0.06 * old, 0.05)),
        vessel=float(rng.normal(1.0, 0.08)),
        bone=float(rng.normal(230.0 - 120.0 * old, 25.0)),
        calcified=float(rng.random() < 0.9 * old) * float(rng.uniform(0.4, 1.0)),
        lung=float(rng.normal(-858.0 - 14.0 * old, 12.0)),
        emphysema=float(rng.random() < 0.35 * old) * float(rng.uniform(0.2, 0.8)),
        roll=float(rng.normal(0.0, 0.03)),
        shift=(float(rng.normal(0.0, 4.0)), float(rng.normal(-4.0, 5.0))),
        margin=float(rng.uniform(6.0, 20.0)),
    )


class Kernel(enum.StrEnum):
    """Reconstruction kernel, from smooth to edge-enhancing."""

    SOFT = "soft"
    MEDIUM = "medium"
    SHARP = "sharp"


class Vendor(enum.StrEnum):
    """Scanner make: B blanks what lies outside the round field of view and has a flatter table."""

    A = "A"
    B = "B"


@dataclass(frozen=True, slots=True)
class Scanner:
    """Settings of one examination.

    Attributes:
        vendor: Make.
        kv: Tube voltage in kV, 100 or 120.
        mas: Tube current-time product in mAs, 20..200; noise falls with its square root.
        kernel: Sharpness.
        slice_mm: Slice thickness in mm; thicker slices are blurred and less noisy.
    """

    vendor: Vendor
    kv: int
    mas: int
    kernel: Kernel
    slice_mm: float


class Park(enum.StrEnum):
    """What scanners a hospital has."""

    MIXED = "mixed"
    SMOOTH = "smooth"
    SHARP = "sharp"
    LOW_DOSE = "low-dose"


def draw_scanner(rng: np.random.Generator, park: Park = Park.MIXED) -> Scanner:
    """Draw the settings of one examination; a park of one kind fixes some of them, and the draw stays as it was."""
    drawn = Scanner(
        vendor=Vendor.A if rng.random() < 0.6 else Vendor.B,
        kv=int(rng.choice([100, 120], p=[0.3, 0.7])),
        mas=round(float(rng.uniform(30, 180))),
        kernel=list(Kernel)[int(rng.choice(3, p=[0.35, 0.4, 0.25]))],
        slice_mm=float(rng.choice([1.0, 2.5, 5.0], p=[0.4, 0.35, 0.25])),
    )
    match park:
        case Park.MIXED:
            return drawn
        case Park.SMOOTH:
            return replace(drawn, vendor=Vendor.A, kv=120, kernel=Kernel.SOFT, slice_mm=5.0)
        case Park.SHARP:
            return replace(drawn, vendor=Vendor.B, kv=120, kernel=Kernel.SHARP, slice_mm=1.0)
        case Park.LOW_DOSE:
            return replace(drawn, vendor=Vendor.B, kv=100, mas=20 + drawn.mas % 20, kernel=Kernel.MEDIUM, slice_mm=2.5)
