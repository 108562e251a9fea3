"""A chart as one self-contained SVG file: no script, no font, no address; every text escaped.

Drawn by hand because the two kept ways cost too much for it: matplotlib is 30 MB and most of a second to import,
a Vega renderer brings a JavaScript engine.
"""

from __future__ import annotations

import json
import re
from html import escape

from assay.trust.charts.chart import Chart, Line, LineChart, MatrixChart
from assay.trust.charts.vega import specification

_COLOURS = ("#0b5394", "#b45f06", "#38761d", "#741b47", "#45818e", "#7f6000")
_PLOT = 320
_LEFT, _TOP = 60, 40
_LINE_HEIGHT = 18
_SPECIFICATION = re.compile(r'<metadata class="vega-lite">(.*?)</metadata>', re.DOTALL)


def draw(chart: Chart) -> str:
    """Return the chart as SVG text, its Vega-Lite specification kept inside as metadata (see ``embedded``)."""
    parts, height = _line_chart(chart) if isinstance(chart, LineChart) else _matrix_chart(chart)
    width = _LEFT + _PLOT + 30
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
        parts.append(f'<polyline points="{_points(chart, line)}" {stroke}/>')
        parts.append(f'<path d="M{_LEFT} {key - 4}h24" {stroke}/>')
        parts.append(_text(_LEFT + 30, key, line.name))
    return parts, bottom + 60 + len(chart.lines) * _LINE_HEIGHT


def _points(chart: LineChart, line: Line) -> str:
    (left, right), (low, high) = chart.x_range, chart.y_range
    across, up = _PLOT / ((right - left) or 1.0), _PLOT / ((high - low) or 1.0)
    return " ".join(f"{_LEFT + (x - left) * across:.1f},{_TOP + _PLOT - (y - low) * up:.1f}" for x, y in line.points)


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
