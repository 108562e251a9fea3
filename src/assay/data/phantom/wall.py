"""The chest wall: skin, fat, muscles, breasts, ribs, sternum, shoulder blades, spine, and the table under it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.data.phantom.canvas import Canvas, closed_curve
from assay.data.phantom.person import Person

AIR, SKIN, FAT, MUSCLE, CORTEX, CARTILAGE, CORD = -1000.0, 15.0, -102.0, 52.0, 620.0, 110.0, 30.0

_ALONG_RIB = np.linspace(0, 1, 7)
_RIB_PROFILE = np.array([0.35, 0.85, 1.0, 1.0, 1.0, 0.85, 0.35])
_TURN = np.linspace(0, 2 * np.pi, 73)[:-1]


def cavity_half(person: Person, level: float) -> tuple[float, float]:
    """Return half width and half depth (mm) of the chest's inside at a level (0: aortic arch, 1: lung base)."""
    widths, depths = (0.86, 0.95, 0.99, 1.0, 1.0), (0.80, 0.90, 0.96, 1.0, 1.02)
    stops = (0.0, 0.25, 0.5, 0.8, 1.0)
    return person.width * float(np.interp(level, stops, widths)), person.depth * float(np.interp(level, stops, depths))


def oval(half: tuple[float, float], squareness: float, turns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points of a superellipse at ``turns`` (radians, 0 to the image's right, growing to the back)."""
    points = np.empty((len(turns), 2))
    points[:, 0], points[:, 1] = np.cos(turns), np.sin(turns)
    return np.copysign(np.abs(points) ** squareness, points) * half


def body_half(person: Person, level: float) -> tuple[float, float, float]:
    """Return half width, front depth and back depth (mm) of the body's outline."""
    width, depth = cavity_half(person, level)
    shoulder = 26.0 * max(0.0, 1 - level / 0.55)
    side = width + 11 + person.muscle * 0.8 + person.fat + shoulder
    return side, depth + 14 + 0.5 * person.muscle + 0.6 * person.fat, depth + 24 + person.muscle + 0.5 * person.fat


def _body_outline(person: Person, level: float, inset: float) -> NDArray[np.float64]:
    side, front, back = body_half(person, level)
    outline = oval((side - inset, 1.0), 0.80, _TURN)
    x, y = outline[:, 0], outline[:, 1]
    y *= np.where(y < 0, front - inset, back - inset)
    y -= np.where(y > 0, 7.0 * np.exp(-((x / 20.0) ** 2)), 0.0)
    y += np.where(y < 0, 5.0 * np.exp(-((x / 22.0) ** 2)), 0.0)
    bulge = person.breast * float(np.exp(-(((level - 0.62) / 0.3) ** 2)))
    y -= np.where(y < 0, bulge * np.exp(-(((np.abs(x) - 0.55 * side) / (0.27 * side)) ** 2)), 0.0)
    return outline


def paint_wall(canvas: Canvas, person: Person, level: float, rng: np.random.Generator) -> None:
    """Paint everything from the skin to the inner side of the ribs; the inside is left as fat."""
    canvas.polygon(_body_outline(person, level, 0.0), SKIN)
    canvas.polygon(_body_outline(person, level, 2.2), FAT)
    if person.sex == "F":
        _paint_breasts(canvas, person, level, rng)
    half = cavity_half(person, level)
    _paint_muscles(canvas, person, level, half)
    ring = (half[0] + 9, half[1] + 9)
    canvas.polygon(oval(ring, person.squareness, _TURN), MUSCLE)
    if level < 0.62:
        _paint_shoulder_blades(canvas, person, level, half)
    canvas.polygon(oval(half, person.squareness, _TURN), FAT)
    _paint_ribs(canvas, person, half, rng)
    _paint_sternum(canvas, person, level, half)
    _paint_spine(canvas, person, half, rng)


def _paint_breasts(canvas: Canvas, person: Person, level: float, rng: np.random.Generator) -> None:
    here = float(np.exp(-(((level - 0.62) / 0.22) ** 2)))
    side, front, _ = body_half(person, level)
    for mirror in (-1, 1):
        centre = np.array([mirror * 0.56 * side, -0.82 * front - 0.45 * person.breast * here])
        for _ in range(round(9 * person.gland * here)):
            place = centre + rng.normal(0, 1, 2) * (0.1 * side, 0.14 * person.breast + 2)
            half = rng.uniform(2.5, 8.0) * np.array([1.0, 0.5])
            canvas.ellipse(place, half, float(rng.uniform(-20, 40)), float(rng.normal(0, 0.6)))


def _paint_muscles(canvas: Canvas, person: Person, level: float, half: tuple[float, float]) -> None:
    width, depth = half
    thick = person.muscle
    upper = max(0.0, 1 - level / 0.7)
    for mirror in (-1, 1):
        canvas.ellipse((mirror * 0.19 * width, depth + 17), (22, 9 + 0.55 * thick), MUSCLE, mirror * -0.12)
        canvas.ellipse((mirror * 0.52 * width, depth * 0.88 + 12), (30, 4 + 0.35 * thick), MUSCLE, mirror * -0.5)
        if upper > 0.05:
            canvas.ellipse(
                (mirror * 0.52 * width, -0.86 * depth - 10),
                (50 * upper + 14, 5 + 0.75 * thick * upper),
                MUSCLE,
                mirror * 0.42,
            )
        canvas.ellipse(
            (mirror * (width + 12), 0.28 * depth), (4 + 0.62 * thick, 34 + 16 * upper), MUSCLE, mirror * 0.14
        )


def _paint_shoulder_blades(canvas: Canvas, person: Person, level: float, half: tuple[float, float]) -> None:
    width, depth = half
    grow = 1 - level / 0.62
    ring = (width + 16, depth + 15)
    for mirror in (-1, 1):
        turns = np.linspace(0.23 * np.pi, (0.34 - 0.16 * grow) * np.pi - 0.1, 7)
        blade = oval(ring, person.squareness, turns) * (mirror, 1)
        middle = blade[3]
        canvas.ellipse(
            middle + np.array([mirror * 3.0, 3.0]), (20 + 20 * grow, 9 + person.muscle * 0.7), MUSCLE, mirror * -0.72
        )
        canvas.line(blade, 6.0, CORTEX)
        canvas.line(blade, 2.6, person.bone + 60)
        if grow > 0.55:
            spur = np.stack([blade[4], blade[4] + (mirror * 17, 9)])
            canvas.line(spur, 5.5, CORTEX)


def _paint_ribs(canvas: Canvas, person: Person, half: tuple[float, float], rng: np.random.Generator) -> None:
    gaps, lengths = rng.uniform(0.05, 0.10, (2, 8)) * np.pi, rng.uniform(0.05, 0.12, (2, 8)) * np.pi
    starts = (
        -0.42 * np.pi + rng.uniform(-0.04, 0.04, (2, 1)) * np.pi + np.cumsum(gaps + lengths, axis=1) - lengths - gaps
    )
    mirror = np.repeat([[-1.0], [1.0]], 8, axis=1)
    shown = starts < 0.385 * np.pi
    starts, lengths, mirror = starts[shown], lengths[shown], mirror[shown]
    turns = starts[:, None] + lengths[:, None] * _ALONG_RIB
    thick = rng.uniform(6.5, 8.5, len(starts))
    drift = rng.uniform(-2.5, 1.0, len(starts))[:, None] * (_ALONG_RIB - 0.5)
    cartilage = starts < -0.33 * np.pi
    shell = np.where(cartilage, CARTILAGE + 3.0 * max(0, person.age - 45), CORTEX)
    marrow = np.where(cartilage, shell, person.bone)
    for width, values in ((thick, shell), (thick - 4.0, marrow)):
        profile = width[:, None] * _RIB_PROFILE / 2
        outlines = [
            oval((half[0] + 1, half[1] + 1), person.squareness, turns.ravel()).reshape(*turns.shape, 2)
            * (1 + ((4.5 + drift + sign * profile) / half[0])[..., None])
            for sign in (1, -1)
        ]
        around = np.concatenate([outlines[0], outlines[1][:, ::-1]], axis=1)
        around[..., 0] *= mirror[:, None]
        canvas.polygons(around, values.tolist())


def _paint_sternum(canvas: Canvas, person: Person, level: float, half: tuple[float, float]) -> None:
    y = -half[1] - 5.0
    size = np.array([19.0 if level < 0.3 else 15.0, 6.0])
    canvas.ellipse((0.0, y), size, CORTEX - 160)
    canvas.ellipse((0.0, y), size - 2.2, person.bone - 40)


def _paint_spine(canvas: Canvas, person: Person, half: tuple[float, float], rng: np.random.Generator) -> None:
    scale = person.width / 130.0
    y = 0.60 * half[1]
    back = y + 14 * scale
    arch = np.array(
        [[-24, 15], [-30, 26], [-15, 27], [-5, 33], [-3.5, 52], [3.5, 52], [5, 33], [15, 27], [30, 26], [24, 15]]
    )
    canvas.polygon(np.vstack([arch * scale + (0.0, y), [[13 * scale, y + 6], [-13 * scale, y + 6]]]), CORTEX - 220)
    body = np.array([[-17, 2], [-16, -9], [-8, -14.5], [8, -14.5], [16, -9], [17, 2], [12, 11.5], [0, 10], [-12, 11.5]])
    outline = closed_curve(body * scale * rng.normal(1.0, 0.03, (1, 2))) + np.array([0.0, y])
    canvas.polygon(outline, CORTEX - 80)
    canvas.polygon((outline - (0, y)) * 0.87 + (0, y), person.bone)
    canvas.disc((0.0, back + 6 * scale), 9.5 * scale, FAT + 60)
    canvas.disc((0.0, back + 6 * scale), 7.0 * scale, CORD)
    for mirror in (-1, 1):
        rib = np.array([[21.0, 6.0], [30.0, 16.0], [44.0, 24.0]]) * scale * (mirror, 1) + (0, y)
        canvas.line(rib, 8.0, CORTEX - 60)
        canvas.line(rib, 3.6, person.bone)


def paint_table(canvas: Canvas, person: Person, level: float, *, curved: bool) -> None:
    """Paint the table's shell and its cushion under the back."""
    _, _, back = body_half(person, level)
    x = np.linspace(-230, 230, 25)
    sag = 26.0 * (1 - (x / 150) ** 2) if curved else 6.0 * (1 - (x / 230) ** 2)
    top = back + 6.0 + (sag - sag.max())
    cushion = np.concatenate([np.stack([x, top - 3], axis=1), np.stack([x, top + 4], axis=1)[::-1]])
    canvas.polygon(cushion, -920.0)
    canvas.line(np.stack([x, top + 5], axis=1), 2.2, -250.0)
    canvas.line(np.stack([x, top + 26], axis=1), 2.2, -300.0)
