"""A chart as one self-contained SVG file: no script, no font, no address; every text escaped.

Drawn by hand because the two kept ways cost too much for it: matplotlib is 30 MB and most of a second to import,
a Vega renderer brings a JavaScript engine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape

from assay.trust.charts.chart import Chart, IntervalChart, Line, LineChart, MatrixChart
from assay.trust.charts.vega import specification

_COLOURS = ("#0b5394", "#b45f06", "#38761d", "#741b47", "#45818e", "#7f6000")
_PLOT = 320
_LEFT, _TOP = 60, 40
_LINE_HEIGHT = 18
_ROW = 24
_SPECIFICATION = re.compile(r'<metadata class="vega-lite">(.*?)</metadata>', re.DOTALL)


def draw(chart: Chart) -> str:
    """Return the chart as SVG text, its Vega-Lite specification kept inside as metadata (see ``embedded``)."""
    parts, height = _drawn(chart)
    width = _LEFT + _PLOT + 30 + (_label_width(chart) if isinstance(chart, IntervalChart) else 0)
    data = escape(json.dumps(specification(chart), ensure_ascii=False, allow_nan=False), quote=False)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="system-ui, sans-serif" font-size="12">'
    )
    title = _text(width / 2, 22, chart.title, anchor="middle", size=14)
    background = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    name = f"<title>{escape(chart.title)}</title>"
    return "\n".join(
        [head, name, f'<metadata class="vega-lite">{data}</metadata>', background, title, *parts, "</svg>\n"]
    )


def _drawn(chart: Chart) -> tuple[list[str], int]:
    match chart:
        case LineChart():
            return _line_chart(chart)
        case MatrixChart():
            return _matrix_chart(chart)
        case IntervalChart():
            return _interval_chart(chart)


def embedded(svg: str) -> dict[str, object] | None:
    """Return the Vega-Lite specification inside an SVG made by ``draw``, or ``None`` when there is none."""
    import html  # only readers need it

    found = _SPECIFICATION.search(svg)
    return json.loads(html.unescape(found[1])) if found else None


def _line_chart(chart: LineChart) -> tuple[list[str], int]:
    bottom = _TOP + _PLOT
    parts = [f'<rect x="{_LEFT}" y="{_TOP}" width="{_PLOT}" height="{_PLOT}" fill="none" stroke="#999999"/>']
    for tick in range(6):
        across, up = _LEFT + _PLOT * tick / 5, bottom - _PLOT * tick / 5
        parts.append(f'<path d="M{across:.1f} {_TOP}V{bottom}M{_LEFT} {up:.1f}H{_LEFT + _PLOT}" stroke="#e4e4e4"/>')
        parts.append(_text(across, bottom + 16, _number(chart.x_range, tick / 5), anchor="middle"))
        parts.append(_text(_LEFT - 6, up + 4, _number(chart.y_range, tick / 5), anchor="end"))
    parts.append(_text(_LEFT + _PLOT / 2, bottom + 34, chart.x, anchor="middle"))
    centre = _TOP + _PLOT / 2
    parts.append(f'<g transform="rotate(-90 16 {centre})">{_text(16, centre, chart.y, anchor="middle")}</g>')
    for index, line in enumerate(chart.lines):
        colour = "#777777" if line.dashed else _COLOURS[index % len(_COLOURS)]
        dash = ' stroke-dasharray="5 4"' if line.dashed else ""
        stroke = f'fill="none" stroke="{colour}" stroke-width="2"{dash}'
        key = bottom + 52 + index * _LINE_HEIGHT
        if line.band:
            parts.append(f'<polygon points="{_band(chart, line)}" fill="{colour}" fill-opacity="0.18"/>')
        parts.append(f'<polyline points="{_points(chart, line)}" {stroke}/>')
        parts.append(f'<path d="M{_LEFT} {key - 4}h24" {stroke}/>')
        parts.append(_text(_LEFT + 30, key, line.name))
    return parts, bottom + 60 + len(chart.lines) * _LINE_HEIGHT


def _points(chart: LineChart, line: Line) -> str:
    return _path(chart, line.points)


def _band(chart: LineChart, line: Line) -> str:
    low = [(x, ends[0]) for (x, _), ends in zip(line.points, line.band, strict=True)]
    high = [(x, ends[1]) for (x, _), ends in zip(line.points, line.band, strict=True)]
    return _path(chart, [*low, *reversed(high)])


def _path(chart: LineChart, points: Sequence[tuple[float, float]]) -> str:
    (left, right), (low, high) = chart.x_range, chart.y_range
    across, up = _PLOT / ((right - left) or 1.0), _PLOT / ((high - low) or 1.0)
    return " ".join(f"{_LEFT + (x - left) * across:.1f},{_TOP + _PLOT - (y - low) * up:.1f}" for x, y in points)


def _label_width(chart: IntervalChart) -> int:
    return round(6.2 * max(len(row.label) for row in chart.rows))


def _interval_chart(chart: IntervalChart) -> tuple[list[str], int]:
    left, (low, high) = 20 + _label_width(chart), chart.ends()
    bottom = _TOP + _ROW * len(chart.rows)
    series = list(dict.fromkeys(row.series for row in chart.rows))

    def at(value: float) -> float:
        return left + _PLOT * (min(max(value, low), high) - low) / ((high - low) or 1.0)

    parts = []
    if chart.allowed is not None:
        start, end = map(at, chart.allowed)
        parts.append(
            f'<rect x="{start:.1f}" y="{_TOP}" width="{end - start:.1f}" height="{bottom - _TOP}" fill="#38761d" fill-opacity="0.1"/>'
        )
    for tick in range(6):
        across = left + _PLOT * tick / 5
        parts.append(f'<path d="M{across:.1f} {_TOP}V{bottom}" stroke="#e4e4e4"/>')
        parts.append(_text(across, bottom + 16, _number((low, high), tick / 5), anchor="middle"))
    parts.append(_text(left + _PLOT / 2, bottom + 34, chart.x, anchor="middle"))
    if chart.reference is not None:
        parts.append(
            f'<path d="M{at(chart.reference):.1f} {_TOP}V{bottom}" stroke="#777777" stroke-width="1.5" stroke-dasharray="5 4"/>'
        )
    for index, row in enumerate(chart.rows):
        middle, colour = _TOP + _ROW * (index + 0.5), _COLOURS[series.index(row.series) % len(_COLOURS)]
        parts.append(_text(left - 8, middle + 4, row.label, anchor="end"))
        if row.low is not None and row.high is not None:
            parts.append(
                f'<path d="M{at(row.low):.1f} {middle}H{at(row.high):.1f}" stroke="{colour}" stroke-width="2"/>'
            )
        parts.append(f'<circle cx="{at(row.value):.1f}" cy="{middle}" r="4" fill="{colour}"/>')
    named = [name for name in series if name]
    for index, name in enumerate(named):
        key = bottom + 54 + index * _LINE_HEIGHT
        parts.append(
            f'<circle cx="{left + 6}" cy="{key - 4}" r="4" fill="{_COLOURS[series.index(name) % len(_COLOURS)]}"/>'
        )
        parts.append(_text(left + 18, key, name))
    return parts, bottom + 48 + len(named) * _LINE_HEIGHT


def _matrix_chart(chart: MatrixChart) -> tuple[list[str], int]:
    side = _PLOT / len(chart.labels)
    parts = [_text(_LEFT + _PLOT / 2, _TOP + _PLOT + 36, "model's answer", anchor="middle")]
    centre = _TOP + _PLOT / 2
    parts.append(f'<g transform="rotate(-90 14 {centre})">{_text(14, centre, "truth", anchor="middle")}</g>')
    for row, (truth, counts) in enumerate(zip(chart.labels, chart.counts, strict=True)):
        middle = _TOP + side * (row + 0.5)
        parts.append(f'<g transform="rotate(-90 {_LEFT - 10} {middle})">')
        parts.append(_text(_LEFT - 10, middle, truth, anchor="middle") + "</g>")
        parts.append(_text(_LEFT + side * (row + 0.5), _TOP + _PLOT + 18, truth, anchor="middle"))
        for column, count in enumerate(counts):
            share = count / max(1, sum(counts))
            x, y, dark = _LEFT + side * column, _TOP + side * row, share > 0.5
            cell = f'<rect x="{x:.1f}" y="{y:.1f}" width="{side:.1f}" height="{side:.1f}" stroke="#ffffff"'
            parts.append(f'{cell} fill="#0b5394" fill-opacity="{0.06 + 0.94 * share:.2f}"/>')
            label = f"{count} ({share:.0%})"
            colour = "#ffffff" if dark else "#111111"
            parts.append(_text(x + side / 2, y + side / 2, label, anchor="middle", size=14, colour=colour))
    return parts, _TOP + _PLOT + 50


def _number(ends: tuple[float, float], share: float) -> str:
    return f"{ends[0] + (ends[1] - ends[0]) * share:.3g}"


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, colour: str = "#111111") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"'
    return f"<text {place}>{escape(text)}</text>"
