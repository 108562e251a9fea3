"""The lungs: outlines that follow the level, vessels and bronchi that branch from the hilum, and the tissue between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.data.phantom.canvas import Canvas, closed_curve
from assay.data.phantom.mediastinum import LIVER_TOP, liver_dome
from assay.data.phantom.person import Person
from assay.data.phantom.texture import smooth_field
from assay.data.phantom.wall import oval

_STOPS = np.array([0.0, 0.33, 0.55, 0.85, 1.0])
_EYE = np.eye(len(_STOPS))
_MEDIAL_Y = np.array([0.80, 0.50, 0.23, -0.02, -0.30, -0.60, -0.86])
_RIGHT_X = -np.array(
    [
        [0.19, 0.18, 0.18, 0.19, 0.20],
        [0.19, 0.17, 0.14, 0.15, 0.19],
        [0.20, 0.21, 0.21, 0.22, 0.26],
        [0.21, 0.26, 0.30, 0.26, 0.25],
        [0.20, 0.25, 0.27, 0.27, 0.28],
        [0.11, 0.14, 0.18, 0.20, 0.23],
        [0.05, 0.05, 0.06, 0.08, 0.14],
    ]
)
_LEFT_X = np.array(
    [
        [0.20, 0.21, 0.22, 0.22, 0.22],
        [0.27, 0.29, 0.29, 0.26, 0.26],
        [0.30, 0.23, 0.25, 0.33, 0.38],
        [0.29, 0.24, 0.34, 0.57, 0.62],
        [0.23, 0.23, 0.30, 0.67, 0.71],
        [0.12, 0.14, 0.21, 0.47, 0.54],
        [0.05, 0.05, 0.06, 0.14, 0.26],
    ]
)
_SIDE_TURNS = np.array([-0.42, -0.33, -0.22, -0.11, 0.0, 0.11, 0.22, 0.32, 0.40, 0.455]) * np.pi
_PLEURA = 0.985
_GENERATIONS = 5
_CURVED = 3
"""Generations of vessels drawn with a bend."""
_COARSE = 2.0
"""Millimetres a pixel above which the finest generation of vessels is not seen."""


def paint_lungs(
    share: Canvas, person: Person, level: float, half: tuple[float, float], rng: np.random.Generator
) -> None:
    """Fill both lungs on a share canvas; near the base the liver's dome is left out of the right lung."""
    between = np.array([np.interp(level, _STOPS, stop) for stop in _EYE])
    for mirror, table in ((-1, _RIGHT_X), (1, _LEFT_X)):
        medial_x = table @ between
        medial_x = medial_x * (1 + 0.05 * rng.normal(size=len(medial_x))) * (0.85 + 0.15 * person.heart)
        medial = np.stack([medial_x, _MEDIAL_Y], axis=1) * half
        side = oval((half[0] * _PLEURA, half[1] * _PLEURA), person.squareness, _SIDE_TURNS) * (mirror, 1)
        share.polygon(closed_curve(np.vstack([side, medial])), 255)
    if level > LIVER_TOP:
        share.ellipse(*liver_dome(level, half), 0)


def paint_vessels(
    share: Canvas, person: Person, level: float, half: tuple[float, float], rng: np.random.Generator
) -> None:
    """Draw vessels and faint fissures on a share canvas (255: all soft tissue)."""
    _paint_trees(share, person, level, half, rng)
    if 0.25 < level < 0.85:
        for mirror in (-1, 1):
            turn = np.array([0.1 * np.pi + rng.uniform(-0.2, 0.25)])
            edge = oval((half[0] * 0.98, half[1] * 0.98), person.squareness, turn)[0] * (mirror, 1)
            bend = 0.5 * edge + np.array([mirror * 0.15 * half[0], -0.06 * half[1]])
            share.line(np.stack([edge, bend, (mirror * 0.34 * half[0], 0.02 * half[1])]), 1.0, 60)
    count = round(60 * person.vessel)
    place = rng.uniform((0.22, -0.95), (0.98, 0.95), (count, 2)) * half
    place[::2, 0] *= -1
    from_centre = np.hypot(*(place / half).T)
    radius = person.vessel * np.minimum(2.4, 0.42 / rng.random(count) ** 0.5) * np.clip(1.3 - from_centre, 0.35, 1.0)
    share.dots(place, radius)


def _paint_trees(
    share: Canvas, person: Person, level: float, half: tuple[float, float], rng: np.random.Generator
) -> None:
    stems = 7
    mirror = np.repeat([-1.0, 1.0], stems)
    roots = (
        np.interp(level, _STOPS, [0.24, 0.28, 0.31, 0.29, 0.30]),
        np.interp(level, _STOPS, [0.26, 0.28, 0.33, 0.46, 0.5]),
    )
    place = np.stack([mirror * np.repeat(roots, stems) * half[0], np.full(2 * stems, 0.10 * half[1])], axis=1)
    place += rng.normal(0, 5.0, place.shape) * (0.6, 1.6)
    turn = np.tile(np.linspace(-1.3, 1.3, stems), 2) + rng.normal(0, 0.14, 2 * stems)
    radius = person.vessel * rng.uniform(1.2, 3.1, 2 * stems)
    starts, ends, widths = [], [], []
    for generation in range(_GENERATIONS - (share.spacing > _COARSE)):
        for _ in range(2 if generation < _CURVED else 1):
            turn = turn + rng.normal(0, 0.15, len(turn))
            step = rng.uniform(0.07, 0.16, len(turn)) * half[1]
            end = place + np.stack([mirror * step * np.cos(turn), step * np.sin(turn)], axis=1)
            shown = rng.random(len(turn)) < 0.95 - 0.15 * generation
            starts.append(place[shown])
            ends.append(end[shown])
            widths.append(2 * radius[shown])
            place, radius = end, radius * 0.92
        fork = rng.uniform(0.15, 0.50, len(turn))
        keep = rng.random(2 * len(turn)) < (0.85, 0.72, 0.66, 0.62, 0.0)[generation]
        mirror = np.concatenate([mirror, mirror])[keep]
        place = np.concatenate([place, place])[keep]
        turn = np.concatenate([turn - fork, turn + fork])[keep]
        radius = np.concatenate([radius * 0.78, radius * 0.62])[keep]
    share.strokes(np.concatenate(starts), np.concatenate(ends), np.concatenate(widths))


def bronchi(half: tuple[float, float], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return x, y and radius (mm) of some bronchi seen end on, near the hila: n x 3."""
    count = 6
    side = np.where(np.arange(count) % 2 == 0, -1.0, 1.0)
    x = side * rng.uniform(0.36, 0.62, count) * half[0]
    y = rng.normal(0.12, 0.26, count) * half[1]
    radius = rng.uniform(1.2, 2.9, count) * np.clip(1.5 - np.abs(x) / half[0], 0.5, 1)
    return np.stack([x, y, radius], axis=1)


def tissue(
    person: Person, y: NDArray[np.float32], half: tuple[float, float], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return HU of the lung between its vessels: denser towards the back, finely mottled, dark where destroyed."""
    size = len(y)
    air = np.float32(person.lung) + np.float32(30.0 / half[1]) * y
    air = air + 13 * smooth_field(rng, size, 7) + 15 * smooth_field(rng, size, 40)
    if person.emphysema:
        holes = smooth_field(rng, size, 22)
        air -= np.float32(75 * person.emphysema) * np.clip(holes - 0.5, 0, 1.5)
    return air
