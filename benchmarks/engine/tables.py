"""From results to the tables of ``docs/benchmarks.md``."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any

from tools import HERE, TOOLS

PAGE = HERE.parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
COLUMNS = {
    "chain": "chain, numpy preloaded, ms a step",
    "torch": "chain, torch preloaded, ms a step",
    "fanout": "fan-out, two at a time, ms a step",
    "array": "passing a 10 MB array, ms a step",
    "cached": "100 steps unchanged, s",
    "one": "one-step run, s",
}
BUDGETS = {"chain": 5.0, "torch": 15.0, "fanout": 3.0, "array": 40.0, "cached": 0.5, "one": 0.5}


def write_tables(results: Mapping[str, Any]) -> None:
    """Put the tables between the marks of the page."""
    page = PAGE.read_text()
    head, rest = page.split(BEGIN)
    tail = rest.split(END)[1]
    parts = [about(results), "## Beside its peers", peers(results), "## Alone", alone(results)]
    PAGE.write_text("\n\n".join([f"{head}{BEGIN}", *filter(None, parts), f"{END}{tail}"]))


def about(results: Mapping[str, Any]) -> str:
    """Return where and when, in two sentences."""
    machine = results.get("machine", {})
    stamps = [figures for work in results["workloads"].values() for figures in work.values()] + list(
        results["own"].values()
    )
    dates = sorted(figures["date"] for figures in stamps)
    when = f"between {dates[0]} and {dates[-1]} UTC" if dates else "never"
    loads = [figures["load"] for figures in stamps]
    busy = f"; load average right after a measurement {min(loads):.1f} to {max(loads):.1f}" if loads else ""
    return (
        f"Measured {when} on {machine.get('cpus')} cores of {machine.get('model')}, {machine.get('memory_gb')} GB, "
        f"{machine.get('system')}, Python {machine.get('python')}, {machine.get('filesystem')}{busy}."
    )


def value(figures: Mapping[str, Any]) -> float:
    """Return the figure of a cell: milliseconds a step, or seconds of the whole process."""
    return float(figures["step_ms"]) if "step_ms" in figures else statistics.median(figures["whole"])


def peers(results: Mapping[str, Any]) -> str:
    """Return the table of tools and workloads; in brackets, how many times Assay's figure it is."""
    works = results["workloads"]
    columns = [work for work in COLUMNS if work in works]
    lines = [
        "| tool | a step's process | " + " | ".join(COLUMNS[work] for work in columns) + " |",
        "|---|---|" + "---:|" * len(columns),
        "| *budget* | | " + " | ".join(f"*{BUDGETS[work]:g}*" for work in columns) + " |",
    ]
    for name in TOOLS:
        cells = {work: works[work][name] for work in columns if name in works[work]}
        if cells:
            first = next(iter(cells.values()))
            shown = (
                f"{name} {first['version']}"
                if name != "reference"
                else "[reference](../benchmarks/engine/reference.py)"
            )
            row = (cell(work, cells.get(work), works[work].get("assay")) for work in columns)
            lines.append(f"| {shown} | {first['isolation']} | " + " | ".join(row) + " |")
    missing = "; ".join(f"{name}: {why}" for name, why in sorted(results.get("missing", {}).items()))
    slow = "\\*: 20 steps in place of 100. In brackets: how many times Assay's figure."
    return "\n".join(lines) + f"\n\n{slow}" + (f" Not measured: {missing}." if missing else "")


def cell(work: str, figures: Mapping[str, Any] | None, ours: Mapping[str, Any] | None) -> str:
    """Return one figure, and its ratio to Assay's; a star when the tool ran fewer steps."""
    if figures is None:
        return ""
    shown = f"{value(figures):.1f}" if work not in ("cached", "one") else f"{value(figures):.2f}"
    star = "\\*" if figures.get("steps") not in (1, 100) else ""
    ratio = f" ({value(figures) / value(ours):.1f}x)" if ours is not None and ours is not figures else ""
    return f"{shown}{star}{ratio}"


def crew(found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the rows about workers on one ``foreach`` step."""
    of = (
        f"`foreach` over {found['items']} elements, {found['workers']} workers (`assay work`), `kill -9` of {found['killed_workers']} "
        f"workers and {found['killed_engines']} engines with elements in hand"
    )
    return [
        (
            f"{of}: elements lost / recorded twice / run twice at a time",
            "0 / 0 / 0",
            f"{found['lost']} / {found['finished_twice']} / {found['overlaps']}",
        ),
        (
            "in the same run: elements that were begun again because a process was killed",
            "",
            str(found["starts"] - found["items"]),
        ),
    ]


def alone(results: Mapping[str, Any]) -> str:
    """Return the table of Assay's own measures beside their budgets."""
    rows: list[tuple[str, str, str]] = []
    own, spawn = results["own"], results["workloads"].get("spawn", {}).get("assay")
    if "growth" in own:
        costs = own["growth"]["step_ms"]
        rows.append(
            (
                "cost a step in a chain of " + " / ".join(costs) + " steps, ms",
                "does not grow",
                " / ".join(f"{cost:.1f}" for cost in costs.values()),
            )
        )
    if spawn is not None:
        rows.append(("`isolation: spawn`, a step that imports nothing, ms", "25", f"{value(spawn):.1f}"))
    if "plan" in own:
        found = own["plan"]
        rows.append(("plan of 5,000 steps, s", "1", f"{found['plan']:.2f}"))
        rows.append(
            ("the same with load and check, whole process (`assay run --dry-run`), s", "", f"{found['dry_run']:.2f}")
        )
    if "workers" in own:
        rows.extend(crew(own["workers"]))
    if "memory" in own:
        rows.append(("engine's memory in a run of 1,000 steps, MB", "150", f"{own['memory']['engine_mb']:.0f}"))
    if "killed" in own:
        found = own["killed"]
        rows.append(
            (
                "from `kill -9` of a step until its run has ended and said so, s (most)",
                "1",
                f"{found['median']:.2f} ({found['most']:.2f})",
            )
        )
    if "start" in own:
        rows.append(("`assay --help`, s", "0.2", f"{own['start']['help']:.3f}"))
        rows.append(
            (
                "for comparison: `python -c pass`; `python -c 'import numpy'`, s",
                "",
                f"{own['start']['python']:.3f}; {own['start']['numpy']:.3f}",
            )
        )
    if "core" in own:
        found = own["core"]
        rows.append((f"`pip install .`: packages ({', '.join(found['packages'])})", "30", str(len(found["packages"]))))
        rows.append(("`pip install .`: size with compiled bytecode, MB", "60", f"{found['mb']:.1f}"))
    return "\n".join(
        ["| measure | budget | measured |", "|---|---:|---:|", *(f"| {' | '.join(row)} |" for row in rows)]
    )
