"""The trust report as one HTML page: opens offline, prints well, runs nothing, loads nothing.

Evidence may come from another house, so nothing in it is trusted: every text is escaped, and a drawing is shown as a picture (``<img>``),
in which no script runs and no address is loaded, whatever its SVG says.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from assay.trust.evidence.evidence import EvidenceFigure, Table
from assay.trust.report.page import heading, page, paragraph
from assay.trust.report.sheet import Row, Section, Sheet

_MOST_POINTS = 200
_MOST_TOLD = 25
_PNG = b"\x89PNG\r\n\x1a\n"


def sheet_html(sheet: Sheet) -> str:
    """Return the whole page."""
    parts = [f'<p class="alarm" role="alert" dir="auto">{escape(alarm)}</p>' for alarm in sheet.alarms]
    parts += [paragraph(banner, "banner") for banner in sheet.banners]
    parts += [
        f'<p class="state {escape(str(sheet.state))}" dir="auto">{escape(sheet.headline)}</p>',
        paragraph(
            "Bounds are on the ends of 95 % intervals, so that few patients cannot look like a good model: "
            "“insufficient evidence” means that nothing was shown either way.",
            "note",
        ),
        grid(
            "Rules of the policy",
            ["rule", "level", "state", "why"],
            sheet.rules,
            states=2,
        ),
        heading("Contents"),
        _contents(sheet),
    ]
    for number, section in enumerate(sheet.sections, start=1):
        parts += _section(number, section)
    return page(f"Trust report: {sheet.name}", parts, pictures=True)


def _contents(sheet: Sheet) -> str:
    lines = [
        f'<li><a href="#{escape(str(section.block))}">{escape(section.title)}</a>: {escape(section.summary)}</li>'
        for section in sheet.sections
    ]
    return f"<nav><ol>{''.join(lines)}</ol></nav>"


def _section(number: int, section: Section) -> Iterator[str]:
    yield f'<h2 id="{escape(str(section.block))}">{number}. {escape(section.title)}</h2>'
    yield paragraph(section.help, "note")
    yield from _rows(section)
    if section.facts:
        lines = [f'<dt>{escape(name)}</dt><dd dir="auto">{escape(value)}</dd>' for name, value in section.facts]
        yield f"<dl>{''.join(lines)}</dl>"
    if section.missing:
        yield grid("Not measured", ["what", "why"], section.missing)
    for caveat in section.caveats:
        yield f'<p class="note" dir="auto">{escape(caveat)}</p>'
    drawn = [_figure(figure) for figure in section.figures]
    if drawn:
        yield f'<div class="figures">{"".join(drawn)}</div>'
    for table in section.tables:
        yield _table(table)


def _rows(section: Section) -> Iterator[str]:
    """Yield the figures; many that nobody asked anything of are folded away, so that those which decide are seen."""
    many = len(section.told) > _MOST_TOLD
    shown = section.judged if many else section.rows
    if shown:
        yield _figures("Figures", shown)
    if many:
        told = f"{len(section.told)} more figures, which nobody asked a bound of"
        yield f"<details><summary>{told}</summary>{_figures('Told only', section.told)}</details>"


def _figures(caption: str, rows: Sequence[Row]) -> str:
    return grid(caption, _HEAD, [_cells(row) for row in rows], states=6, numbers=(2, 3, 4, 7))


_HEAD = ("figure", "on", "value", "95 % interval", "n", "threshold", "state", "evidence")


def _cells(row: Row) -> tuple[str, ...]:
    return (row.figure, row.on, row.value, row.interval, row.n, row.asked, row.state, row.digest)


def grid(
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    states: int | None = None,
    numbers: Sequence[int] = (),
) -> str:
    """Return a table that a small window scrolls; column ``states`` holds states, ``numbers`` are set right."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "\n".join(
        f"<tr>{''.join(_cell(cell, state=column == states, number=column in numbers) for column, cell in enumerate(row))}</tr>"
        for row in rows
    )
    return (
        f'<div class="wide"><table>\n<caption dir="auto">{escape(caption)}</caption>\n<thead><tr>{top}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def _cell(text: str, *, state: bool, number: bool) -> str:
    if state:
        return f'<td data-state="{escape(text)}">{escape(text)}</td>'
    return f'<td class="number">{escape(text)}</td>' if number else f'<td dir="auto">{escape(text)}</td>'


def _figure(figure: EvidenceFigure) -> str:
    source = _source(figure)
    caption = f'<figcaption dir="auto">{escape(figure.title)}</figcaption>'
    picture = f'<img src="{source}" alt="{escape(figure.title)}">' if source else ""
    return f"<figure>{picture}{caption}{_numbers(figure)}</figure>"


def _source(figure: EvidenceFigure) -> str:
    """Return the picture as a ``data:`` address; empty when there is none that can be shown."""
    if figure.svg:
        return "data:image/svg+xml;base64," + base64.b64encode(figure.svg.encode()).decode()
    png = picture_bytes(figure)
    return "data:image/png;base64," + base64.b64encode(png).decode() if png else ""


def picture_bytes(figure: EvidenceFigure) -> bytes:
    """Return the PNG of a figure; empty when it has none or it is no PNG."""
    try:
        png = base64.b64decode(figure.png, validate=True)
    except binascii.Error:
        return b""
    return png if png.startswith(_PNG) else b""


def _numbers(figure: EvidenceFigure) -> str:
    """Return the numbers of a chart as a table to unfold: whoever cannot see it, or doubts it, reads them."""
    points = chart_points(figure.specification)
    if not points:
        return ""
    columns = list(dict.fromkeys(key for point in points for key in point))
    rows = [[_number(point.get(column)) for column in columns] for point in points[:_MOST_POINTS]]
    told = f"{len(points)} numbers" if len(points) <= _MOST_POINTS else f"{_MOST_POINTS} of {len(points)} numbers"
    return (
        f"<details><summary>{told}</summary>{grid(figure.title, columns, rows, numbers=range(len(columns)))}</details>"
    )


def chart_points(specification: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the data of a Vega-Lite specification, those of its layers too."""
    found: list[Mapping[str, Any]] = []
    waiting: list[Any] = [specification]
    while waiting:
        part = waiting.pop(0)
        if not isinstance(part, Mapping):
            continue
        data = part.get("data")
        values = data.get("values") if isinstance(data, Mapping) else None
        found += [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []
        for key in ("layer", "hconcat", "vconcat", "concat"):
            waiting += part[key] if isinstance(part.get(key), list) else []
    return found


def _table(table: Table) -> str:
    rows = [[_number(cell) for cell in row] for row in table.rows]
    numbers = [
        column
        for column in range(len(table.columns))
        if table.rows and all(_is_number(row[column]) for row in table.rows)
    ]
    return grid(table.title, [str(name) for name in table.columns], rows, numbers=numbers)


def _number(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
