"""What lies between the lungs: heart, great vessels, windpipe and main bronchi, gullet, and the fat around them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.data.phantom.canvas import Canvas, closed_curve
from assay.data.phantom.person import Person

BLOOD, HEART, AIRWAY, GULLET, CALCIUM = 42.0, 44.0, -985.0, 35.0, 520.0

LIVER = 58.0

CARINA = 0.33
"""Level at which the windpipe divides."""

LIVER_TOP = 0.88
"""Level of the highest point of the right diaphragm."""


def paint_mediastinum(
    canvas: Canvas, person: Person, level: float, half: tuple[float, float], rng: np.random.Generator
) -> None:
    """Paint the organs between the lungs; ``half`` is the chest's inner half width and depth in mm."""
    scale = person.width / 130.0
    _paint_gullet(canvas, half, rng)
    if level < 0.2:
        _paint_arch(canvas, person, half, rng)
    else:
        _paint_aorta(canvas, person, level, half, rng)
    if level < 0.62:
        canvas.disc((-0.19 * half[0], -0.22 * half[1]), 9.0 * scale, BLOOD)
    if 0.38 < level < 0.66:
        _paint_pulmonary_trunk(canvas, half, scale)
    if level > 0.58:
        _paint_heart(canvas, person, level, half)
    if level > LIVER_TOP:
        canvas.ellipse(*liver_dome(level, half), LIVER)
    for _ in range(int(rng.integers(3, 8))):
        place = rng.normal(0, 1, 2) * (0.09 * half[0], 0.2 * half[1]) + (0, -0.12 * half[1])
        if level < 0.58:
            canvas.ellipse(place, rng.uniform(1.8, 4.0, 2), float(rng.uniform(0, 40)))


def liver_dome(level: float, half: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return centre and half axes (mm) of the liver where it pushes into the right lung from below."""
    dome = ((level - LIVER_TOP) / (1 - LIVER_TOP)) ** 0.5
    return (-0.52 * half[0], -0.08 * half[1]), (0.37 * half[0] * dome, 0.50 * half[1] * dome)


def _paint_arch(canvas: Canvas, person: Person, half: tuple[float, float], rng: np.random.Generator) -> None:
    width, depth = half
    path = np.array([[-0.10, -0.34], [0.02, -0.30], [0.13, -0.14], [0.18, 0.12], [0.20, 0.34]]) * (width, depth)
    canvas.line(path, 25.0 * person.heart * person.width / 130, BLOOD)
    if person.calcified:
        _paint_calcium(canvas, path[2:4].mean(axis=0) + np.array([11.0, 0.0]), person, rng)


def _paint_aorta(
    canvas: Canvas, person: Person, level: float, half: tuple[float, float], rng: np.random.Generator
) -> None:
    width, depth = half
    radius = person.width / 130 * person.heart * (1 + 0.12 * max(0.0, (person.age - 50) / 40))
    falling = np.array([0.19 * width - 0.04 * width * level, 0.44 * depth + 0.03 * depth * level])
    canvas.disc(falling, 12.5 * radius, BLOOD)
    if level < 0.72:
        canvas.disc((-0.07 * width, -0.33 * depth), 16.0 * radius, BLOOD)
    for _ in range(round(3 * person.calcified)):
        turn = rng.uniform(0, 2 * np.pi)
        _paint_calcium(canvas, falling + 12.0 * radius * np.array([np.cos(turn), np.sin(turn)]), person, rng)


def _paint_calcium(canvas: Canvas, place: NDArray[np.float64], person: Person, rng: np.random.Generator) -> None:
    size = rng.uniform(1.5, 4.5, 2) * (0.6 + person.calcified)
    canvas.ellipse(place.tolist(), size, CALCIUM, float(rng.uniform(0, 3)))


def _paint_pulmonary_trunk(canvas: Canvas, half: tuple[float, float], scale: float) -> None:
    width, depth = half
    right = np.array([[0.16, -0.30], [0.10, -0.10], [-0.10, -0.03], [-0.27, 0.03]]) * (width, depth)
    left = np.array([[0.16, -0.30], [0.22, -0.08], [0.30, 0.10]]) * (width, depth)
    canvas.line(right, 18.0 * scale, BLOOD)
    canvas.line(left, 17.0 * scale, BLOOD)
    canvas.disc((0.15 * width, -0.36 * depth), 15.0 * scale, BLOOD)


def _paint_heart(canvas: Canvas, person: Person, level: float, half: tuple[float, float]) -> None:
    grow = min(1.0, (level - 0.58) / 0.12) * person.heart
    shape = np.array(
        [[-0.30, -0.10], [-0.28, -0.40], [-0.12, -0.64], [0.16, -0.70], [0.52, -0.56], [0.74, -0.22],
         [0.64, 0.06], [0.32, 0.26], [0.02, 0.30], [-0.20, 0.20]]
    )  # fmt: skip
    centre = np.array([0.12, -0.22])
    outline = closed_curve(((shape - centre) * (0.6 + 0.4 * grow) + centre) * half)
    canvas.polygon(outline, HEART)
    groove = np.array([[0.10, -0.70], [0.20, -0.50], [0.24, -0.38]]) * half
    canvas.line(groove, 3.0, -60.0)
    groove = np.array([[-0.34, -0.34], [-0.22, -0.26], [-0.16, -0.22]]) * half
    canvas.line(groove, 3.5, -55.0)
    if person.calcified > 0.6:
        canvas.ellipse((0.12 * half[0], -0.36 * half[1]), (1.8, 3.8), CALCIUM, 0.7)


def _paint_gullet(canvas: Canvas, half: tuple[float, float], rng: np.random.Generator) -> None:
    place = (0.045 * half[0], 0.36 * half[1])
    canvas.ellipse(place, (8.0, 5.5), GULLET)
    if rng.random() < 0.4:
        canvas.ellipse(place, (2.6, 1.5), -600.0)


def paint_airways(canvas: Canvas, person: Person, level: float, half: tuple[float, float]) -> None:
    """Paint windpipe, carina or main bronchi, walls first; after the lungs are cut out, so that bronchi reach them."""
    width, depth = half
    scale = person.width / 130.0 * (1.08 if person.sex == "M" else 0.95)
    if level < CARINA - 0.06:
        tubes = [((-0.015 * width, 0.10 * depth), (9.0, 9.5), 0.0)]
    elif level < CARINA + 0.02:
        tubes = [((0.0, 0.10 * depth), (15.0, 8.0), 0.0)]
    elif level < 0.68:
        away = (level - CARINA) / 0.35
        tubes = [
            ((-(0.10 + 0.13 * away) * width, (0.10 + 0.04 * away) * depth), (8.0 - 2 * away, 7.0 - 1.5 * away), -0.3),
            (((0.11 + 0.16 * away) * width, (0.12 + 0.06 * away) * depth), (9.0 - 3 * away, 6.0 - 1.2 * away), 0.35),
        ]
    else:
        tubes = []
    for centre, size, turn in tubes:
        canvas.ellipse(centre, np.array(size) * scale + 1.6, 20.0, turn)
        canvas.ellipse(centre, np.array(size) * scale, AIRWAY, turn)
