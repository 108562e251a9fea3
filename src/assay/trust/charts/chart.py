"""What a chart shows, before anybody draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A named line through points (x, y), in order.

    Attributes:
        dashed: For a reference such as chance.
        band: Ends (low, high) of the interval of each point, shaded; as many as points, or none.
    """

    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False
    band: Sequence[tuple[float, float]] = ()

    def __post_init__(self) -> None:
        if self.band and len(self.band) != len(self.points):
            raise ValueError(f"line {self.name!r}: a band has an interval for each of its {len(self.points)} points")


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


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One estimate with its interval; ``low`` and ``high`` are ``None`` together when there is none.

    Attributes:
        label: Whose figure it is, in words.
        series: Rows of one series share a colour and stand in the legend; empty: none.
    """

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    series: str = ""

    def __post_init__(self) -> None:
        if (self.low is None) != (self.high is None):
            raise ValueError(f"row {self.label!r}: an interval has both ends or none")


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """Labelled estimates with their intervals, one below the other, over one numeric axis (a forest plot).

    Attributes:
        title: One line above the chart; say 'synthetic' here when the data are.
        x: Axis title, with its unit.
        rows: From top to bottom, at least one.
        reference: A value to compare with, drawn as a dashed line: no difference, the whole population.
        allowed: Ends of what was declared as good enough, shaded; ``None``: nothing was.
        x_range: Ends of the axis; ``None``: as far as the intervals reach.
    """

    title: str
    x: str
    rows: Sequence[IntervalRow]
    reference: float | None = None
    allowed: tuple[float, float] | None = None
    x_range: tuple[float, float] | None = None

    def ends(self) -> tuple[float, float]:
        """Return the ends of the axis: ``x_range``, or what holds every interval, the reference and the allowed range."""
        if self.x_range is not None:
            return self.x_range
        reach = [row.value for row in self.rows]
        reach += [end for row in self.rows for end in (row.low, row.high) if end is not None]
        reach += [*(self.allowed or ()), *([] if self.reference is None else [self.reference])]
        low, high = min(reach), max(reach)
        margin = 0.05 * (high - low) or 0.5
        return low - margin, high + margin


Chart = LineChart | MatrixChart | IntervalChart
