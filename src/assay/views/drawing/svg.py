"""A sketch as SVG text: fonts by the system's own names, no script, no id, no address; light and dark by the reader's setting.

The same sketch gives the same bytes on every machine: nothing is measured, and numbers are written in one way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from assay.views.drawing.layout import Places, placed
from assay.views.drawing.sketch import HEAD, NOTE, PORT, WIDTH, Box, Line, Mark, Sketch
from assay.views.drawing.words import safe

_MARGIN = 24
_LEGEND = 30
_LONGEST_TEXT = 20_000
_HALF, _WHOLE = 14, 30
"""Columns of text that fit beside another port, and across a box."""

_LIGHT: Final = {
    "ground": "#f6f7f9", "paper": "#ffffff", "ink": "#16191d", "faint": "#59616b", "line": "#8a939e",
    "added": "#1a7340", "removed": "#b3261e", "changed": "#8a5a00", "renamed": "#5b4bb3",
}  # fmt: skip
_DARK: Final = {
    "ground": "#14171b", "paper": "#1d2126", "ink": "#eceff3", "faint": "#a5aeb9", "line": "#77828e",
    "added": "#6fd49a", "removed": "#ff9a92", "changed": "#f0bf5a", "renamed": "#b6a9ff",
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
    ".assay .same{opacity:.55}"
)


def draw(sketch: Sketch) -> str:
    """Return the sketch as one SVG document, ended by a line break."""
    places = placed(sketch)
    left = min((x for x, _ in places.values()), default=0.0) - _MARGIN
    top = min((y for _, y in places.values()), default=0.0) - _MARGIN - (_LEGEND if sketch.legend else 0)
    right = max((x + WIDTH for x, _ in places.values()), default=0.0) + _MARGIN
    bottom = max((y + sketch.boxes[key].height for key, (_, y) in places.items()), default=0.0) + _MARGIN
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
        *(part for line in sketch.lines for part in _line(line, sketch, places)),
        *(part for key, one in sketch.boxes.items() for part in _box(one, *places[key])),
        "</svg>\n",
    ]
    return "\n".join(parts)


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
    marks = "".join(
        f".assay rect.{mark},.assay .wire.{mark}{{stroke:{of[mark]}}}.assay text.{mark}{{fill:{of[mark]}}}"
        for mark in ("added", "removed", "changed", "renamed")
    )
    return (
        f".assay .ground{{fill:{of['ground']}}}.assay .box{{fill:{of['paper']};stroke:{of['line']}}}.assay text{{fill:{of['ink']}}}"
        f".assay .faint{{fill:{of['faint']}}}.assay .wire{{stroke:{of['line']}}}.assay .dot{{fill:{of['line']}}}{marks}"
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
