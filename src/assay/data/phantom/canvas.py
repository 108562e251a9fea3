"""A supersampled drawing surface in millimetres: outlines become pixels that know how much of each tissue they hold."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float] | NDArray[np.float64]

_CIRCLE = np.stack([np.cos(np.linspace(0, 2 * np.pi, 28)[:-1]), np.sin(np.linspace(0, 2 * np.pi, 28)[:-1])], axis=1)


@dataclass(frozen=True, slots=True)
class Frame:
    """How body millimetres (x to the image's right, y to the back, 0 in mid-chest) lie on the pixels.

    Attributes:
        size: Pixels along an edge of the picture.
        fov: Millimetres along an edge.
        angle: Roll of the body on the table, radians.
        shift: Body centre against picture centre, mm.
    """

    size: int
    fov: float
    angle: float
    shift: tuple[float, float]

    @property
    def spacing(self) -> float:
        """Millimetres a pixel."""
        return self.fov / self.size

    @property
    def supersampling(self) -> int:
        """Drawn pixels a picture pixel, along an edge: finer for small pictures."""
        return 3 if self.size <= 320 else 2

    def body_grid(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return body x and y (mm) of all pixel centres, each size x size."""
        axis = ((np.arange(self.size) + 0.5) * self.spacing - self.fov / 2).astype(np.float32)
        x, y = axis[None, :] - np.float32(self.shift[0]), axis[:, None] - np.float32(self.shift[1])
        cos, sin = np.float32(np.cos(self.angle)), np.float32(np.sin(self.angle))
        return cos * x + sin * y, cos * y - sin * x

    def projection(self, finer: int = 1) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return matrix and offset that take body points (n x 2, mm) to pixels ``finer`` times as fine."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        scale = finer / self.spacing
        return np.array([[cos, sin], [-sin, cos]]) * scale, (np.array(self.shift) + self.fov / 2) * scale


class Canvas:
    """Draw filled outlines over each other, then average the fine pixels.

    Args:
        frame: Where the body lies.
        mode: ``F`` for Hounsfield units, ``L`` for shares (0..255).
        value: What the empty canvas holds.
    """

    def __init__(self, frame: Frame, mode: str, value: float) -> None:
        from PIL import Image, ImageDraw  # heavy; kept out of `import assay.data`

        self._fine = frame.supersampling
        self._matrix, self._offset = frame.projection(self._fine)
        self.spacing = frame.spacing
        self._scale = self._fine / frame.spacing
        self._image = Image.new(mode, (frame.size * self._fine,) * 2, value)
        self._draw = ImageDraw.Draw(self._image)

    def polygon(self, points: NDArray[np.float64], value: float) -> None:
        """Fill a closed outline (n x 2, mm)."""
        self._draw.polygon((points @ self._matrix + self._offset).ravel().tolist(), fill=value)

    def polygons(self, outlines: NDArray[np.float64], values: Iterable[float]) -> None:
        """Fill many closed outlines of as many points each (n x points x 2, mm)."""
        flat = (outlines @ self._matrix + self._offset).reshape(len(outlines), -1).tolist()
        for points, value in zip(flat, values, strict=True):
            self._draw.polygon(points, fill=value)

    def ellipse(self, centre: Point, half: Point, value: float, turn: float = 0.0) -> None:
        """Fill an ellipse with half axes ``half`` (mm), turned by ``turn`` radians."""
        cos, sin = math.cos(turn), math.sin(turn)
        self.polygon((_CIRCLE * half) @ np.array([[cos, sin], [-sin, cos]]) + centre, value)

    def disc(self, centre: Point, radius: float, value: float) -> None:
        """Fill a circle (mm)."""
        x, y = np.asarray(centre) @ self._matrix + self._offset
        reach = radius * self._scale
        self._draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=value)

    def line(self, points: NDArray[np.float64], width: float, value: float) -> None:
        """Draw a band of ``width`` mm along ``points`` (n x 2, mm), with tapered ends."""
        self.polygon(band(points, width), value)

    def strokes(self, starts: NDArray[np.float64], ends: NDArray[np.float64], widths: NDArray[np.float64]) -> None:
        """Draw many straight strokes (n x 2 each, mm) at full share; what is finer than a fine pixel gets a lesser share."""
        fine = widths * self._scale
        lines = np.concatenate([starts @ self._matrix, ends @ self._matrix], axis=1) + np.tile(self._offset, 2)
        whole = np.maximum(1, np.rint(fine)).astype(int).tolist()
        shares = np.clip(np.rint(255 * fine), 30, 255).astype(int).tolist()
        for line, width, share in zip(lines.tolist(), whole, shares, strict=True):
            self._draw.line(line, fill=share, width=width)

    def dots(self, centres: NDArray[np.float64], radii: NDArray[np.float64]) -> None:
        """Draw many discs (n x 2, mm) at full share; what is finer than a fine pixel gets a lesser share."""
        places = centres @ self._matrix + self._offset
        fine = radii * self._scale
        shares = np.clip(np.rint(255 * fine), 30, 255).astype(int).tolist()
        boxes = np.concatenate([places - fine[:, None], places + fine[:, None]], axis=1).tolist()
        for box, share in zip(boxes, shares, strict=True):
            self._draw.ellipse(box, fill=share)

    def averaged(self) -> NDArray[np.float32]:
        """Return the picture, size x size."""
        return np.asarray(self._image.reduce(self._fine), dtype=np.float32)


def band(points: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Return the outline of a band of ``width`` along an open line (n x 2), narrower at both ends."""
    along = np.empty_like(points)
    along[1:-1] = points[2:] - points[:-2]
    along[0], along[-1] = points[1] - points[0], points[-1] - points[-2]
    along *= (0.5 * width / np.hypot(along[:, 0], along[:, 1]))[:, None]
    across = along[:, ::-1] * (-1.0, 1.0)
    tips = 0.55 * across
    left, right = points + across, points - across
    return np.concatenate(
        [
            (points[:1] - along[:1] * 0.8 + tips[:1]),
            left,
            (points[-1:] + along[-1:] * 0.8 + tips[-1:]),
            (points[-1:] + along[-1:] * 0.8 - tips[-1:]),
            right[::-1],
            (points[:1] - along[:1] * 0.8 - tips[:1]),
        ]
    )


def closed_curve(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a smooth closed curve (Catmull-Rom, six points a piece) through ``points`` (n x 2)."""
    around = points[(np.arange(len(points))[:, None] + _NEIGHBOURS) % len(points)]
    curve: NDArray[np.float64] = np.einsum("mk,nkd->nmd", _CATMULL_ROM, around).reshape(-1, 2)
    return curve


def _catmull_rom(steps: int) -> NDArray[np.float64]:
    t = np.arange(steps) / steps
    powers = np.stack([np.ones_like(t), t, t**2, t**3], axis=1)
    basis = 0.5 * np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]])
    weights: NDArray[np.float64] = powers @ basis
    return weights


_NEIGHBOURS = np.array([-1, 0, 1, 2])
_CATMULL_ROM = _catmull_rom(6)
