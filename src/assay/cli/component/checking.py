"""Checking component sources, and writing the repairs that are certain."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from assay.check.components import SourceCheck, check_source
from assay.cli.component.shapes import component_check_json
from assay.cli.component.sources import ComponentFile
from assay.cli.terminal import note, say
from assay.errors import Severity
from assay.model.artifacts import Json
from assay.views.mending import apart, applied, put
from assay.views.words import counted

_MOST_ROUNDS = 20
"""A repair may make room for another; twenty rounds is more than any file needs."""


@dataclass(frozen=True, slots=True)
class Mended:
    """A checked source, and how many repairs were written into it."""

    checked: SourceCheck
    fixed: int

    def json(self) -> dict[str, Json]:
        """Return what ``--json`` writes of it."""
        return component_check_json(self.checked, self.fixed)


def mend(file: ComponentFile, *, write: bool) -> Mended:
    """Check ``file``; with ``write``, apply every repair until none is left."""
    checked = check_source(file.path, module=file.module)
    fixed = 0
    for _ in range(_MOST_ROUNDS if write else 0):
        fixes = apart(fault.fix for fault in checked.faults if fault.fix is not None)
        text = file.path.read_bytes().decode("utf-8", errors="surrogateescape") if fixes else ""
        mended = applied(text.removeprefix("\ufeff"), fixes)
        if not fixes or not _is_python(mended):
            break
        put(file.path, "\ufeff" * text.startswith("\ufeff") + mended)
        fixed += len(fixes)
        checked = check_source(file.path, module=file.module)
    return Mended(checked, fixed)


def say_checked(mended: Mended, *, strict: bool) -> None:
    """Say what is wrong with one file, and in one line how it stands."""
    from assay.cli.faults import faults_text

    checked, file = mended.checked, mended.checked.file
    if mended.fixed:
        say(f"{file}: {counted(mended.fixed, 'repair')} written", "green")
    if checked.faults:
        note(faults_text(checked.faults))
    errors = sum(fault.severity is Severity.ERROR for fault in checked.faults)
    warnings = len(checked.faults) - errors
    also = f", {counted(warnings, 'warning')}" if warnings else ""
    repairable = sum(fault.fix is not None for fault in checked.faults)
    hint = f"; 'assay component check --fix' repairs {repairable}" if repairable else ""
    if errors:
        say(f"✘ {file}: {counted(errors, 'error')}{also}{hint}", "bold red")
    elif warnings and strict:
        say(f"✘ {file}: {counted(warnings, 'warning')}{hint}", "bold red")
    else:
        say(f"✔ {file}: {counted(len(checked.specs), 'component')}{also}{hint}", "green")


def _is_python(text: str) -> bool:
    try:
        ast.parse(text.encode("utf-8", errors="surrogateescape"))
    except (SyntaxError, ValueError):
        return False
    return True
