"""``assay check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import completion
from assay.cli.app import new_app
from assay.cli.options import Json
from assay.cli.terminal import document, note, say
from assay.errors import ExitCode, Fault, Severity
from assay.views.words import counted

if TYPE_CHECKING:
    from assay.check import Checked

app = new_app()


@app.command()
def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", autocompletion=completion.pipelines, help="Pipeline files.")
    ],
    fix: Annotated[bool, typer.Option("--fix", help="Write the repairs that are certain into the files.")] = False,
    json: Json = False,
) -> None:
    """Find every fault of pipeline files.

    Each with its place, the reason, and the repair where there is one. Nothing is run and no store is made. Exits with 2 when a file has an error; warnings alone do not count.
    """
    from assay.cli.repair import mend  # with the codec and the rules: 30 ms

    checked = [mend(file, write=fix) for file in files]
    if json:
        from assay.views.shapes import fault_json

        document(
            [
                {
                    "file": str(file),
                    "ok": one.checked.ok,
                    "fixed": one.fixed,
                    "faults": [fault_json(fault) for fault in one.checked.faults],
                }
                for file, one in zip(files, checked, strict=True)
            ]
        )
    else:
        for file, one in zip(files, checked, strict=True):
            _say(file, one.checked, one.fixed)
    if not all(one.checked.ok for one in checked):
        raise typer.Exit(ExitCode.BAD_INPUT)


def _say(file: Path, checked: Checked, fixed: int) -> None:
    from assay.cli.faults import faults_text

    if fixed:
        say(f"{file}: {counted(fixed, 'repair')} written", "green")
    if checked.faults:
        note(faults_text(checked.faults, {checked.document.file: checked.document.text}))
    errors = sum(fault.severity is Severity.ERROR for fault in checked.faults)
    warnings = len(checked.faults) - errors
    if errors:
        repairable = _fixable(checked.faults)
        hint = f"; 'assay check --fix' repairs {repairable}" if repairable else ""
        also = f" and {counted(warnings, 'warning')}" if warnings else ""
        say(f"✘ {file}: {counted(errors, 'error')}{also}{hint}", "bold red")
        return
    steps = sum(1 for _ in checked.pipeline.all_steps()) if checked.pipeline else 0
    also = f", {counted(warnings, 'warning')}" if warnings else ""
    say(f"✔ {file}: {counted(steps, 'step')}{also}", "green")


def _fixable(faults: tuple[Fault, ...]) -> int:
    return sum(fault.fix is not None for fault in faults)
