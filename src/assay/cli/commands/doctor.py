"""``assay doctor``."""

from __future__ import annotations

from pathlib import Path

import typer

from assay.cli.app import new_app
from assay.cli.health import Finding, Health, examine
from assay.cli.options import Json, Store
from assay.cli.project import STORE_FOLDER, project_root
from assay.cli.terminal import Cell, document, say, say_cells

app = new_app()

_STYLES = {Health.GOOD: "green", Health.ABSENT: "dim", Health.BROKEN: "bold red"}


@app.command()
def doctor(store: Store = None, json: Json = False) -> None:
    """Say what is installed, what is missing, and what to type.

    Exits with 0 when runs can work here, with 3 or 4 when something they need is missing or broken. A missing extra is no
    illness: only the components that want it need it.
    """
    findings = list(examine(_root(store)))
    if json:
        document(
            {
                "healthy": not any(finding.health is Health.BROKEN for finding in findings),
                "findings": [
                    {"topic": f.topic, "health": str(f.health), "detail": f.detail, "hint": f.hint} for f in findings
                ],
            }
        )
    else:
        _say(findings)
    for finding in findings:
        if finding.health is Health.BROKEN:
            raise typer.Exit(finding.exit_code)


def _root(store: Path | None) -> Path:
    return store or (project_root() or Path.cwd()) / STORE_FOLDER


def _say(findings: list[Finding]) -> None:
    widest = max(len(finding.topic) for finding in findings)
    for finding in findings:
        say_cells(
            Cell(finding.health.symbol, _STYLES[finding.health]),
            Cell(f" {finding.topic.ljust(widest)}  {finding.detail}"),
        )
        if finding.hint:
            say_cells(Cell(f"  {' ' * widest}  → "), Cell(finding.hint, "cyan"))
    broken = sum(finding.health is Health.BROKEN for finding in findings)
    say()
    if broken:
        say("Not healthy: mend what is marked ✘.", "bold red")
    else:
        say("Healthy.", "bold green")
