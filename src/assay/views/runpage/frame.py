"""The frame of the page and its parts: no script, no address, own style named by its digest; every text escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence

from assay.views.drawing.words import safe

LONGEST = 2000
"""Characters of a text in a cell."""
_STYLE = """
:root { color-scheme: light dark; --ink: #16191d; --paper: #fff; --faint: #59616b; --line: #c8ced6; --good: #1a7340; --bad: #b3261e; --warn: #8a5a00; --note: #5b4bb3; --soft: #f3f5f7; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceff3; --paper: #14171b; --faint: #a5aeb9; --line: #3a424c; --good: #6fd49a; --bad: #ff9a92; --warn: #f0bf5a; --note: #b6a9ff; --soft: #1d2126; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin: 0 0 .2rem; overflow-wrap: anywhere; } h2 { margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); font-size: 1.25rem; } h3 { margin: 1.2rem 0 .3rem; font-size: 1.05rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; min-width: 26rem; } caption { text-align: start; font-weight: 600; padding: .4rem 0; } th, td { padding: .2rem .8rem .2rem 0; text-align: start; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: break-word; } td { max-width: 46ch; }
th { font-weight: 600; } td.number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; } code, pre { font: .88em/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .6rem; white-space: pre-wrap; margin: .3rem 0 .8rem; } dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .1rem 1rem; } dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; } .note { color: var(--faint); } .picture { max-width: 100%; height: auto; } figure { margin: 1rem 0; break-inside: avoid; } figure img { max-width: 100%; height: auto; background: #fff; } summary { cursor: pointer; }
.caution { color: var(--warn); font-weight: 600; } .failure { color: var(--bad); } [data-state] { font-weight: 600; white-space: nowrap; } nav ol { columns: 14rem; column-gap: 2.5rem; }
[data-state="succeeded"], [data-state="pass"] { color: var(--good); } [data-state="failed"], [data-state="fail"], [data-state="overridden"] { color: var(--bad); }
[data-state="reused"] { color: var(--note); } [data-state="insufficient"], [data-state="cancelled"], [data-state="interrupted"], [data-state="skipped"], [data-state="retrying"] { color: var(--warn); }
@media print { :root { --ink: #000; --paper: #fff; --faint: #333; --line: #999; --soft: #f3f3f3; --good: #14532d; --bad: #8b0000; --warn: #5c3b00; --note: #2e2470; } body { margin: 0; max-width: none; font-size: 10pt; } nav { display: none; }
  h2, h3 { break-after: avoid; } tr, figure { break-inside: avoid; } thead { display: table-header-group; } .wide { overflow: visible; } table { font-size: 8.5pt; } details::details-content { content-visibility: visible; height: auto; } a { color: inherit; } }
"""


def frame(title: str, parts: Iterable[str]) -> str:
    """Return the whole document of ready-made parts; its policy allows its own style and the pictures that stand in it."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def section(name: str, title: str, parts: Sequence[str]) -> str:
    """Return a section with a heading that the contents lead to; nothing when it has no parts."""
    body = "\n".join(part for part in parts if part)
    return f'<section aria-labelledby="{name}">\n<h2 id="{name}">{safe(title)}</h2>\n{body}\n</section>' if body else ""


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph; ``kind`` is ``note``, ``caution`` or ``failure``."""
    return (
        f'<p class="{kind}" dir="auto">{safe(text, LONGEST)}</p>'
        if kind
        else f'<p dir="auto">{safe(text, LONGEST)}</p>'
    )


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names and what they are, those that are empty left out."""
    told = "".join(f'<dt>{safe(name)}</dt><dd dir="auto">{safe(value, LONGEST)}</dd>' for name, value in pairs if value)
    return f"<dl>{told}</dl>" if told else ""


def grid(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = (), state: int = -1
) -> str:
    """Return a table; columns ``numbers`` are set right, column ``state`` bears a state's colour. Nothing without rows."""
    right = frozenset(numbers)
    lines = [
        "<tr>"
        + "".join(_cell(cell, number=place in right, state=place == state) for place, cell in enumerate(row))
        + "</tr>"
        for row in rows
    ]
    if not lines:
        return ""
    top = "".join(f'<th scope="col">{safe(name)}</th>' for name in head)
    body = "\n".join(lines)
    return (
        f'<div class="wide"><table>\n<caption dir="auto">{safe(caption)}</caption>\n<thead><tr>{top}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def folded(title: str, body: str, *, opened: bool = False) -> str:
    """Return a part that is unfolded on demand, without a script."""
    return f"<details{' open' if opened else ''}><summary>{safe(title)}</summary>{body}</details>"


def picture(source: str, told: str) -> str:
    """Return a picture that stands in the page: nothing in it runs, whatever it says. ``source`` is an
    address that ``drawing`` made, or of a PNG that was read as one: it needs no escape."""
    return f'<img class="picture" src="{source}" alt="{safe(told, LONGEST)}">'


def drawing(svg: str) -> str:
    """Return the ``data:`` address of an SVG."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8", "replace")).decode()


def _cell(text: str, *, number: bool, state: bool) -> str:
    if state:
        return f'<td data-state="{safe(text.split(" ", maxsplit=1)[0])}">{safe(text)}</td>'
    return f'<td class="number">{safe(text)}</td>' if number else f'<td dir="auto">{safe(text, LONGEST)}</td>'
