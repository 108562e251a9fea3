"""What a chart shows, before anybody draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A named line through points (x, y), in order; ``dashed`` for a reference such as chance."""

    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines over two numeric axes.

    Attributes:
        title: One line above the chart; say 'synthetic' here when the data are.
        x: Axis title, with its unit.
        y: Axis title, with its unit.
        lines: The lines, at least one.
        x_range: Ends of the axis.
        y_range: Ends of the axis.
    """

    title: str
    x: str
    y: str
    lines: Sequence[Line]
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class MatrixChart:
    """Counts of truth (rows) against answer (columns), each shaded by its share of its row.

    Attributes:
        counts: Shape labels x labels.
    """

    title: str
    labels: Sequence[str]
    counts: Sequence[Sequence[int]]


Chart = LineChart | MatrixChart
