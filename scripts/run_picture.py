"""Draw a run as an SVG: the pipeline's steps, their wires, how each ended and how long it took. The same record gives the same bytes.

assay show last --json > run.json
python scripts/run_picture.py run.json docs/images/covid_ct.svg
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from assay.model.codec import load
from assay.model.pipeline import Pipeline, PortRef
from assay.model.state import StepStatus

WIDTH, HEIGHT, GAP, TOP, LEFT = 172, 76, 96, 46, 16
COLOURS = {
    "succeeded": "#1a7f37",
    "reused": "#57606a",
    "failed": "#cf222e",
    "skipped": "#8c959f",
    "cancelled": "#9a6700",
}
MOST_FIGURES = 6


def layers(pipeline: Pipeline) -> dict[str, int]:
    """Return each step's column: one more than the last of its sources."""
    column: dict[str, int] = {}
    waiting = dict(pipeline.steps)
    while waiting:
        for name, step in list(waiting.items()):
            sources = {reference.step for reference in step.references()}
            if sources <= set(column):
                column[name] = 1 + max((column[source] for source in sources), default=-1)
                del waiting[name]
    return column


def wires(pipeline: Pipeline) -> list[tuple[str, str, str]]:
    """Return (source step, label, target step), one for each pair of steps."""
    ports: dict[tuple[str, str], list[str]] = {}
    for name, step in pipeline.steps.items():
        for sources in step.inputs.values():
            for source in sources:
                if isinstance(source, PortRef):
                    ports.setdefault((source.step, name), []).append(source.port)
    return [(source, ", ".join(names), target) for (source, target), names in ports.items()]


def took(seconds: float) -> str:
    """Return a duration as people say it."""
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60):02d} s"


def box(name: str, use: str, state: Mapping[str, Any], at: tuple[int, int]) -> str:
    """Return a step."""
    x, y = at
    status = StepStatus(state["status"])
    colour = COLOURS.get(status, "#57606a")
    how = took(state["seconds"]) if status is StepStatus.SUCCEEDED else str(status)
    return (
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#ffffff" stroke="{colour}" stroke-width="1.6"/>'
        f'<text x="{x + 12}" y="{y + 24}" font-weight="600" font-size="15">{escape(name)}</text>'
        f'<text x="{x + 12}" y="{y + 43}" font-size="11" fill="#57606a">{escape(use)}</text>'
        f'<text x="{x + 12}" y="{y + 63}" font-size="12" fill="{colour}">{status.symbol} {escape(how)}</text>'
    )


def wire(label: str, start: tuple[int, int], end: tuple[int, int], *, jumps: bool) -> str:
    """Return a wire: straight to the next column, in a bow below the boxes further on."""
    (x1, y1), (x2, y2) = start, end
    if jumps:
        x1, x2, low = x1 - WIDTH // 2, x2 + WIDTH // 4, y1 + HEIGHT // 2
        path = f"M{x1},{low} C{x1},{low + 52} {x2},{low + 52} {x2},{low + 8}"
        middle, height = (x1 + x2) // 2, low + 56
    else:
        path = f"M{x1},{y1} L{x2 - 8},{y2}"
        middle, height = (x1 + x2) // 2, y1 - 8
    return (
        f'<path d="{path}" fill="none" stroke="#8c959f" stroke-width="1.6" marker-end="url(#tip)"/>'
        f'<text x="{middle}" y="{height}" font-size="10" fill="#57606a" text-anchor="middle">{escape(label)}</text>'
    )


def figures_line(states: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the figures of the last step that logged any."""
    logged = [(name, state["metrics"]) for name, state in states.items() if state["metrics"]]
    if not logged:
        return ""
    name, metrics = logged[-1]
    return f"{name}: " + "  ·  ".join(f"{metric} {value:.3f}" for metric, value in list(metrics.items())[:MOST_FIGURES])


def picture(run: Mapping[str, Any], pipeline: Pipeline) -> str:
    """Return the SVG."""
    states = {state["step"]: state for state in run["steps"] if state["item"] is None}
    column = layers(pipeline)
    rows: dict[str, int] = {
        name: [other for other in column if column[other] == at].index(name) for name, at in column.items()
    }
    corner = {name: (LEFT + at * (WIDTH + GAP), TOP + rows[name] * (HEIGHT + 60)) for name, at in column.items()}
    width = 2 * LEFT + (1 + max(column.values())) * (WIDTH + GAP) - GAP
    height = TOP + (1 + max(rows.values())) * (HEIGHT + 60) + 34
    parts = [box(name, step.use, states[name], corner[name]) for name, step in pipeline.steps.items()]
    for source, label, target in wires(pipeline):
        start = (corner[source][0] + WIDTH, corner[source][1] + HEIGHT // 2)
        end = (corner[target][0], corner[target][1] + HEIGHT // 2)
        parts.append(wire(label, start, end, jumps=column[target] - column[source] > 1))
    heading = f"{run['pipeline']}: {run['status']} in {took(run['finished'] - run['started'])}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="system-ui, sans-serif" fill="#1f2328">\n'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
        '<path d="M0,0 L8,4 L0,8 z" fill="#8c959f"/></marker></defs>\n'
        f'<rect width="{width}" height="{height}" fill="#f6f8fa"/>\n'
        f'<text x="{LEFT}" y="28" font-size="14" font-weight="600">{escape(heading)}</text>\n'
        + "\n".join(parts)
        + f'\n<text x="{LEFT}" y="{height - 16}" font-size="12">{escape(figures_line(states))}</text>\n</svg>\n'
    )


def main() -> None:
    """Read the record, find its pipeline, write the picture."""
    run = json.loads(Path(sys.argv[1]).read_text())
    pipeline = load(Path(run["file"]).read_text()).pipeline
    if pipeline is None:
        sys.exit(f"{run['file']} cannot be read")
    Path(sys.argv[2]).write_text(picture(run, pipeline))


if __name__ == "__main__":
    main()
