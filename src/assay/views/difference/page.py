"""A difference as one HTML file: the picture, and tables of what it shows. No script, no address, light and dark."""

from __future__ import annotations

from collections.abc import Iterable

from assay.views.difference.changes import ABSENT, Change, Difference, Side, value_text
from assay.views.difference.drawing import draw_difference
from assay.views.drawing.sketch import Mark
from assay.views.drawing.words import safe

_STYLE = (
    ":root{color-scheme:light dark}body{font:14px/1.5 system-ui,sans-serif;margin:24px auto;max-width:1400px;padding:0 16px;"
    "background:#fff;color:#16191d}h1{font-size:1.3rem}h2{font-size:1.05rem;margin-top:2rem}.picture{overflow:auto;border:1px solid #8a939e}"
    "table{border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:3px 14px 3px 0;border-bottom:1px solid #8a939e}"
    "code{font-size:.92em;overflow-wrap:anywhere}.added{color:#1a7340}.removed{color:#b3261e}.changed{color:#8a5a00}.renamed{color:#5b4bb3}"
    "@media (prefers-color-scheme:dark){body{background:#14171b;color:#eceff3}.added{color:#6fd49a}.removed{color:#ff9a92}"
    ".changed{color:#f0bf5a}.renamed{color:#b6a9ff}}"
)


def difference_page(found: Difference) -> str:
    """Return the page."""
    title = f"{safe(found.a)} → {safe(found.b)}"
    tables = [
        _table("The pipeline", ("", "Entry", "Before", "After"), [_row(change) for change in found.head]),
        _table("Steps", ("", "Step", "Entry", "Before", "After"), _steps(found)),
        _table("Wires", ("", "Wire"), [[_mark(wire.mark), safe(str(wire.wire))] for wire in found.wires]),
        _table("Notes and groups", ("", "Note or group", "Entry", "Before", "After"), _annotations(found)),
    ]
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{_STYLE}</style></head><body><main>',
            f"<h1>{title}</h1>\n<p>{safe(found.summary())}. Where steps stand is no difference.</p>",
            f'<div class="picture" tabindex="0" role="region" aria-label="Picture">\n{draw_difference(found)}</div>',
            *tables,
            "</main></body></html>\n",
        ]
    )


def _steps(found: Difference) -> list[list[str]]:
    rows: list[list[str]] = []
    for step in found.steps:
        name = f"<b>{safe(step.name)}</b>" + (f" (was {safe(step.was)})" if step.was else "")
        rows.append([_mark(step.mark), f"{name} <code>{safe(step.use)}</code>", "", "", ""])
        rows += [["", "", *_row(change)[1:]] for change in step.changes]
    return rows


def _annotations(found: Difference) -> list[list[str]]:
    rows: list[list[str]] = []
    for one in found.annotations:
        title = f": {safe(one.title)}" if one.title and one.title != one.name else ""
        rows.append([_mark(one.mark), f"{one.kind} <b>{safe(one.name)}</b>{title}", "", "", ""])
        rows += [["", "", *_row(change)[1:]] for change in one.changes]
    return rows


def _row(change: Change) -> list[str]:
    return [_mark(change.mark), f"<code>{safe(change.path)}</code>", _value(change.before), _value(change.after)]


def _value(side: Side) -> str:
    return "" if side is ABSENT else f"<code>{safe(value_text(side))}</code>"


def _mark(mark: Mark) -> str:
    return f'<span class="{mark}">{mark.sign} {mark}</span>'


def _table(title: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    body = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    if not body:
        return ""
    head = "".join(f'<th scope="col">{name or "Change"}</th>' for name in heads)
    return f"<h2>{title}</h2>\n<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
