"""The frame of every report page: strict policy, own style, every text escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #111; background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: .2rem; } h2 { margin-top: 2rem; border-bottom: 1px solid #ccc; }
table { border-collapse: collapse; } th, td { padding: .3rem .8rem; text-align: left; border-bottom: 1px solid #e4e4e4; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.banner { background: #7a1f1f; color: #fff; font-weight: 700; padding: .8rem 1rem; border-radius: .3rem; }
.verdict { font-size: 1.15rem; } .figures { display: flex; flex-wrap: wrap; gap: 1rem; } .note { color: #444; }
figure { margin: 0; } svg { max-width: 100%; height: auto; }
h1, h2, td, p, li, dt, summary, figcaption { overflow-wrap: anywhere; } caption { text-align: start; font-weight: 600; padding: .4rem 0; }
.state { border-radius: .3rem; padding: .8rem 1rem; font-size: 1.25rem; font-weight: 700; border-left: .6rem solid; }
.state.pass { background: #e6f4ea; border-color: #1e7b34; } .state.fail { background: #fbe9e9; border-color: #a31515; }
.state.insufficient { background: #fff4da; border-color: #9a6700; } .alarm { background: #c00000; color: #fff; font-size: 1.2rem; }
.alarm, .notice { font-weight: 700; padding: .8rem 1rem; border-radius: .3rem; } .notice { border: 2px solid #9a6700; }
.wide { overflow-x: auto; } .wide table { font-size: .85rem; } .wide td, .wide th { padding: .2rem .5rem; } td[data-state="fail"] { color: #a31515; font-weight: 700; }
td[data-state] { min-width: 6rem; overflow-wrap: normal; } td[data-state="pass"] { color: #1e7b34; } td[data-state^="insufficient"] { color: #7a5200; font-weight: 600; } td[dir] { min-width: 5rem; } td.number { white-space: nowrap; overflow-wrap: normal; }
dl { display: grid; grid-template-columns: minmax(8rem, 16rem) 1fr; gap: .2rem 1rem; } dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
figure img { max-width: 100%; height: auto; } nav ol { columns: 18rem; column-gap: 2.5rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
@media print {
  body { margin: 0; max-width: none; font-size: 10pt; } .wide { overflow: visible; } .wide table { font-size: 8pt; } a { color: inherit; text-decoration: none; }
  h2, h3 { break-after: avoid; } tr, figure, .state, .alarm, .banner, .notice { break-inside: avoid; } thead { display: table-header-group; }
  .state, .alarm, .banner { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


def page(title: str, parts: Sequence[str], *, pictures: bool = False) -> str:
    """Return a whole HTML document of ready-made (escaped) parts.

    Its Content-Security-Policy forbids scripts, frames, forms and every address; only this page's own style, named by its
    digest, applies. With ``pictures``, those that stand in the page itself (``data:``) are shown too.
    """
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    policy += "; img-src data:" if pictures else ""
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<h1 dir="auto">{escape(title)}</h1>\n'
    )
    return head + "\n".join(parts) + "\n</body>\n</html>\n"


def heading(text: str) -> str:
    """Return a section heading."""
    return f"<h2>{escape(text)}</h2>"


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph; ``kind`` is a class of the page's style: banner, verdict, note."""
    role = ' role="alert"' if kind == "banner" else ""
    return f'<p class="{escape(kind)}"{role}>{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers_from: int = 1) -> str:
    """Return a table; columns from ``numbers_from`` on are aligned as numbers."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = [
        "<tr>"
        + "".join(
            f'<td class="number">{escape(cell)}</td>' if column >= numbers_from else f"<td>{escape(cell)}</td>"
            for column, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    ]
    body = "\n".join(lines)
    return f"<table>\n<caption>{escape(caption)}</caption>\n<tr>{top}</tr>\n{body}\n</table>"


def figures(drawings: Sequence[str]) -> str:
    """Return SVG drawings (already markup) side by side."""
    return '<div class="figures">' + "\n".join(f"<figure>{drawing}</figure>" for drawing in drawings) + "</div>"
