"""A sketch as SVG text: fonts by the system's own names, no script, no id, no address; light and dark by the reader's setting.

The same sketch gives the same bytes on every machine: nothing is measured, and numbers are written in one way.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from assay.views.drawing.layout import Extent, Places, laid_out
from assay.views.drawing.sketch import (
    HEAD,
    LETTER,
    NOTE,
    PORT,
    SLIP_EDGE,
    WIDTH,
    Box,
    Frame,
    Line,
    Mark,
    Sketch,
    Slip,
)
from assay.views.drawing.words import safe

_MARGIN = 24
_LEGEND = 30
_LONGEST_TEXT = 20_000
_HALF, _WHOLE = 14, 30
"""Columns of text that fit beside another port, and across a box."""

_LIGHT: Final = {
    "ground": "#f6f7f9", "paper": "#ffffff", "ink": "#16191d", "faint": "#59616b", "line": "#8a939e",
    "added": "#1a7340", "removed": "#b3261e", "changed": "#8a5a00", "renamed": "#5b4bb3",
    "slip": "#fff6cf", "slip-line": "#c9b458", "words": "#2b2400",
    "f-grey": "#6b7280", "f-blue": "#2563eb", "f-green": "#15803d", "f-amber": "#b45309", "f-red": "#b91c1c", "f-violet": "#7c3aed",
}  # fmt: skip
_DARK: Final = {
    "ground": "#14171b", "paper": "#1d2126", "ink": "#eceff3", "faint": "#a5aeb9", "line": "#77828e",
    "added": "#6fd49a", "removed": "#ff9a92", "changed": "#f0bf5a", "renamed": "#b6a9ff",
    "slip": "#3a3415", "slip-line": "#8d7c33", "words": "#f5ecc4",
    "f-grey": "#9aa3ad", "f-blue": "#7ea6ff", "f-green": "#6fd49a", "f-amber": "#f0bf5a", "f-red": "#ff9a92", "f-violet": "#b6a9ff",
}  # fmt: skip
_KINDS: Final = {
    "input": "#0e7490", "transform": "#0369a1", "filter": "#0369a1", "train": "#b45309", "evaluate": "#15803d",
    "explain": "#7c3aed", "fairness": "#be185d", "robustness": "#9a3412", "gate": "#a21caf", "publish": "#4d7c0f",
}  # fmt: skip
_SHAPE: Final = (
    ".assay text{font-family:system-ui,sans-serif;font-size:11px;unicode-bidi:isolate}.assay .name{font-size:13px;font-weight:600}"
    ".assay .wire{fill:none;stroke-width:1.6}.assay .value{stroke-dasharray:6 4}.assay .order{stroke-dasharray:2 4}"
    ".assay .end{text-anchor:end}.assay .mid{text-anchor:middle}.assay .sign{font-size:15px;font-weight:700}"
    ".assay rect.box{stroke-width:1}.assay rect.added,.assay rect.changed,.assay rect.renamed,.assay rect.removed{stroke-width:2.5}"
    ".assay rect.removed,.assay .wire.removed{stroke-dasharray:5 3}.assay .wire.added,.assay .wire.removed{stroke-width:2.6}"
    ".assay .same{opacity:.55}.assay .frame{fill-opacity:.08;stroke-width:2}"
    ".assay .frame.added,.assay .frame.changed,.assay .frame.removed{stroke-width:3}.assay .frame.removed,.assay .slip.removed{stroke-dasharray:5 3}"
    ".assay .slip.added,.assay .slip.changed,.assay .slip.removed{stroke-width:2.5}"
)


def draw(sketch: Sketch) -> str:
    """Return the sketch as one SVG document, ended by a line break."""
    places, slips, frames = laid_out(sketch)
    extents: list[Extent] = [
        *((x, y, x + WIDTH, y + sketch.boxes[key].height) for key, (x, y) in places.items()),
        *((x, y, x + sketch.slips[key].width, y + sketch.slips[key].height) for key, (x, y) in slips.items()),
        *(extent for _, extent in frames),
    ] or [(0.0, 0.0, 0.0, 0.0)]
    left = min(extent[0] for extent in extents) - _MARGIN
    top = min(extent[1] for extent in extents) - _MARGIN - (_LEGEND if sketch.legend else 0)
    right = max(extent[2] for extent in extents) + _MARGIN
    bottom = max(extent[3] for extent in extents) + _MARGIN
    if sketch.legend:
        right = max(right, left + 2 * _MARGIN + 110 * len(sketch.legend))
    box = f"{_number(left)} {_number(top)} {_number(right - left)} {_number(bottom - top)}"
    size = f'width="{_number(right - left)}" height="{_number(bottom - top)}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="assay" role="img" viewBox="{box}" {size}>',
        f"<title>{safe(sketch.title)}</title>",
        f"<desc>{safe(sketch.text, _LONGEST_TEXT)}</desc>",
        f"<style>{_SHAPE}{_colours(_LIGHT)}{_kinds()}@media (prefers-color-scheme:dark){{{_colours(_DARK)}}}</style>",
        f'<rect class="ground" x="{_number(left)}" y="{_number(top)}" {size}/>',
        *_legend(sketch, left + _MARGIN, top + _MARGIN),
        *(part for frame, extent in frames for part in _frame(frame, *extent)),
        *(part for line in sketch.lines for part in _line(line, sketch, places)),
        *(part for key, slip in sketch.slips.items() for part in _slip(slip, *slips[key])),
        *(part for key, one in sketch.boxes.items() for part in _box(one, *places[key])),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _frame(frame: Frame, left: float, top: float, right: float, bottom: float) -> Iterator[str]:
    width, mark = right - left, f" {frame.mark}" if frame.mark else ""
    signed = frame.mark not in {None, Mark.SAME}
    size = f'width="{_number(width)}" height="{_number(bottom - top)}"'
    yield f'<g transform="translate({_number(left)} {_number(top)})"><title>{safe(frame.title + mark)}</title>'
    yield f'<rect class="frame f-{frame.colour}{mark}" {size} rx="10"/>'
    # a frame that went says so at its foot: another may be in its place
    base = _number(bottom - top - 5 if frame.mark is Mark.REMOVED else 20)
    room = int((width - (40 if signed else 20)) / (1.3 * LETTER))
    yield f'<text class="name" x="10" y="{base}">{safe(frame.title, room)}</text>'
    if signed and frame.mark:
        yield f'<text class="sign {frame.mark} end" x="{_number(width - 10)}" y="{base}">{_sign(frame.mark)}</text>'
    yield "</g>"


def _slip(slip: Slip, x: float, y: float) -> Iterator[str]:
    mark = f" {slip.mark}" if slip.mark else ""
    size = f'width="{_number(slip.width)}" height="{_number(slip.height)}"'
    yield f'<g transform="translate({_number(x)} {_number(y)})"><title>{safe(" ".join(slip.text.split()) + mark)}</title>'
    yield f'<rect class="slip{mark}" {size} rx="3"/>'
    for row, line in enumerate(slip.lines):
        if line:
            yield f'<text class="words" x="{SLIP_EDGE}" y="{SLIP_EDGE + NOTE * row + 11}">{escape(line)}</text>'
    if slip.mark not in {None, Mark.SAME} and slip.mark:
        yield f'<text class="sign {slip.mark} end" x="{_number(slip.width - 4)}" y="14">{_sign(slip.mark)}</text>'
    yield "</g>"


def _box(box: Box, x: float, y: float) -> Iterator[str]:
    mark = f" {box.mark}" if box.mark else ""
    faint = ' class="same"' if box.mark is Mark.SAME else ""
    told = f"{box.name}: {box.subtitle}" + (f" ({box.mark})" if box.mark else "")
    yield f'<g{faint} transform="translate({_number(x)} {_number(y)})"><title>{safe(told)}</title>'
    yield f'<rect class="box{mark}" width="{WIDTH}" height="{box.height}" rx="{18 if box.final else 6}"/>'
    kind = box.kind if box.kind in _KINDS else "other"
    yield f'<rect class="k-{kind}" y="8" width="4" height="{box.height - 16}"/>'
    signed = box.mark not in {None, Mark.SAME}
    yield f'<text class="name" x="12" y="20">{safe(box.name, 21 if signed else 25)}</text>'
    if signed and box.mark:
        yield f'<text class="sign {box.mark} end" x="{WIDTH - 10}" y="20">{_sign(box.mark)}</text>'
    yield f'<text class="faint" x="12" y="37">{safe(box.subtitle, _WHOLE)}</text>'
    for side, other, anchor, place in (
        (box.inputs, box.outputs, "", 12),
        (box.outputs, box.inputs, " end", WIDTH - 12),
    ):
        for row, name in enumerate(side):
            room = _HALF if row < len(other) else _WHOLE
            middle = HEAD + PORT * row
            yield f'<circle class="dot" cx="{WIDTH if anchor else 0}" cy="{middle}" r="4"/>'
            yield f'<text class="faint{anchor}" x="{place}" y="{middle + 4}">{safe(name, room)}</text>'
    base = HEAD + PORT * max(len(box.inputs), len(box.outputs)) + 6
    for row, note in enumerate(box.notes):
        yield f'<text class="note{mark}" x="12" y="{base + NOTE * row}">{safe(note, _WHOLE)}</text>'
    yield "</g>"


def _line(line: Line, sketch: Sketch, places: Places) -> Iterator[str]:
    if line.source not in places or line.target not in places:
        return
    (x1, y1), (x2, y2) = places[line.source], places[line.target]
    x1 += WIDTH
    y1 += _height(line.port, sketch.boxes[line.source].outputs)
    y2 += _height(line.into, sketch.boxes[line.target].inputs)
    bend = max(40.0, abs(x2 - x1) / 2)
    mark = f" {line.mark}" if line.mark else ""
    told = f"{line.source}.{line.port}".rstrip(".") + f" → {line.target}.{line.into}".rstrip(".")
    path = f"M{_number(x1)} {_number(y1)}C{_number(x1 + bend)} {_number(y1)} {_number(x2 - bend)} {_number(y2)} {_number(x2)} {_number(y2)}"
    yield f'<path class="wire {line.style}{mark}" d="{path}"><title>{safe(told + mark)}</title></path>'
    if line.mark in {Mark.ADDED, Mark.REMOVED} and line.mark:
        yield f'<text class="sign {line.mark} mid" x="{_number((x1 + x2) / 2)}" y="{_number((y1 + y2) / 2 - 4)}">{_sign(line.mark)}</text>'


def _sign(mark: Mark) -> str:
    return mark.sign.replace("-", "\N{MINUS SIGN}")  # a hyphen is hard to see


def _height(port: str, ports: tuple[str, ...]) -> int:
    return HEAD + PORT * ports.index(port) if port in ports else HEAD // 2


def _legend(sketch: Sketch, x: float, y: float) -> Iterator[str]:
    for place, mark in enumerate(sketch.legend):
        yield f'<text class="sign {mark}" x="{_number(x + 110 * place)}" y="{_number(y)}">{_sign(mark)} {mark}</text>'


def _colours(of: dict[str, str]) -> str:
    frames = "".join(
        f".assay .{name}{{fill:{colour};stroke:{colour}}}" for name, colour in of.items() if name.startswith("f-")
    )
    marks = "".join(
        f".assay rect.{mark},.assay .wire.{mark}{{stroke:{of[mark]}}}.assay text.{mark}{{fill:{of[mark]}}}"
        for mark in ("added", "removed", "changed", "renamed")
    )
    return (
        f".assay .ground{{fill:{of['ground']}}}.assay .box{{fill:{of['paper']};stroke:{of['line']}}}.assay text{{fill:{of['ink']}}}"
        f".assay .faint{{fill:{of['faint']}}}.assay .wire{{stroke:{of['line']}}}.assay .dot{{fill:{of['line']}}}{frames}"
        f".assay .slip{{fill:{of['slip']};stroke:{of['slip-line']}}}.assay text.words{{fill:{of['words']}}}{marks}"
    )


def _kinds() -> str:
    return (
        "".join(f".assay .k-{kind}{{fill:{colour}}}" for kind, colour in _KINDS.items())
        + ".assay .k-other{fill:#6b7280}"
    )


def _number(value: float) -> str:
    """Two digits at most, no exponent, no trailing zero, no negative zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
