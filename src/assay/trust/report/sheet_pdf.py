"""The trust report as PDF, set by Typst: one wheel with its own fonts, no browser and no system library needed."""

from __future__ import annotations

import json
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

from assay.errors import MissingDependency
from assay.trust.evidence.evidence import EvidenceFigure
from assay.trust.report.sheet import Section, Sheet
from assay.trust.report.sheet_html import picture_bytes

_HEAD = ("figure", "on", "value", "95 % interval", "n", "threshold", "state", "evidence")
_MOST_ROWS = 60
_MOST_TOLD = 25


def sheet_pdf(sheet: Sheet) -> tuple[bytes, list[str]]:
    """Return the PDF, and the titles of pictures that could not be drawn.

    Raises:
        MissingDependency: Typst is not installed.
    """
    try:
        import typst  # 80 MB of wheel, only for who wants paper
    except ModuleNotFoundError as error:
        raise MissingDependency(
            "a PDF needs the package 'typst'", culprit="typst", hint="type: pip install 'assay-ml[pdf]'"
        ) from error
    compiler: Any = typst
    with tempfile.TemporaryDirectory(prefix="assay-report-") as name:
        return _compiled(sheet, Path(name), compiler)


def _compiled(sheet: Sheet, folder: Path, typst: Any) -> tuple[bytes, list[str]]:
    """Compile in a folder of its own: Typst reads nothing outside of it."""
    left_out: list[str] = []
    sections: list[dict[str, Any]] = []
    for section in sheet.sections:
        pictures: list[dict[str, str]] = []
        for figure in section.figures:
            name, content = _picture(figure, len(pictures) + 100 * len(sections))
            if content and _draws(typst, folder, name, content):
                pictures.append({"file": name, "title": figure.title})
            else:
                left_out.append(figure.title)
        sections.append(_section(section, pictures))
    body = {
        "title": f"Trust report: {sheet.name}",
        "foot": f"Model {sheet.verdict.model.digest[:12]} · judged {sheet.verdict.judged:%Y-%m-%d} · "
        f"policy {sheet.verdict.policy.name} · {sheet.verdict.trust} key {sheet.verdict.key[:12]}",
        "headline": sheet.headline,
        "state": str(sheet.state),
        "alarms": list(sheet.alarms),
        "banners": list(sheet.banners),
        "rules": [list(rule) for rule in sheet.rules],
        "head": _HEAD,
        "sections": sections,
    }
    (folder / "data.json").write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    (folder / "main.typ").write_bytes((resources.files("assay.trust.report") / "sheet.typ").read_bytes())
    pdf: bytes = typst.compile(folder / "main.typ", root=folder, format="pdf", timestamp=sheet.verdict.judged)
    return pdf, left_out


def _picture(figure: EvidenceFigure, number: int) -> tuple[str, bytes]:
    """Return a file name and the content; no content when there is nothing to draw."""
    if figure.svg:
        return f"figure-{number}.svg", figure.svg.encode()
    return f"figure-{number}.png", picture_bytes(figure)


def _draws(typst: Any, folder: Path, name: str, content: bytes) -> bool:
    """Whether Typst can read the picture: one that is broken must not cost the whole report."""
    (folder / name).write_bytes(content)
    (folder / "trial.typ").write_text(f'#image("{name}")', encoding="utf-8")
    try:
        typst.compile(folder / "trial.typ", root=folder, format="svg")
    except RuntimeError:
        return False
    return True


def _section(section: Section, pictures: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "title": section.title,
        "help": section.help,
        "rows": [
            [row.figure, row.on, row.value, row.interval, row.n, row.asked, row.state, row.digest]
            for row in (*section.judged, *section.told[:_MOST_TOLD])
        ],
        "facts": [list(fact) for fact in section.facts],
        "missing": [list(one) for one in section.missing],
        "caveats": [*section.caveats, *_left_out(section)],
        "figures": pictures,
        "tables": [
            {
                "title": table.title if len(table.rows) <= _MOST_ROWS else f"{table.title} (first {_MOST_ROWS} rows)",
                "columns": list(table.columns),
                "rows": [
                    ["-" if cell is None else f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row]
                    for row in table.rows[:_MOST_ROWS]
                ],
            }
            for table in section.tables
            if table.columns
        ],
    }


def _left_out(section: Section) -> list[str]:
    rest = len(section.told) - _MOST_TOLD
    if rest <= 0:
        return []
    return [f"{rest} more figures, which nobody asked a bound of, stand in the HTML page and in the evidence."]
