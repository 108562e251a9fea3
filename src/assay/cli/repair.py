"""Checking a pipeline file, and writing the repairs that are certain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.project import check_file, check_text
from assay.views.mending import apart, applied, put

if TYPE_CHECKING:
    from assay.check import Checked

_MOST_ROUNDS = 20
"""A repair may uncover another fault; twenty rounds is more than any file needs."""


@dataclass(frozen=True, slots=True)
class Mended:
    """A checked file, and how many repairs were written into it."""

    checked: Checked
    fixed: int


def mend(file: Path, *, write: bool) -> Mended:
    """Check ``file``; with ``write``, apply every repair until none is left and put the text in its place at once."""
    checked = check_file(file)
    fixed = 0
    if not write:
        return Mended(checked, 0)
    for _ in range(_MOST_ROUNDS):
        fixes = apart(fault.fix for fault in checked.faults if fault.fix is not None)
        if not fixes:
            break
        fixed += len(fixes)
        checked = check_text(file, applied(checked.document.text, fixes))
    if fixed:
        put(file, checked.document.text)
    return Mended(checked, fixed)
