"""Reading a pipeline file, checking it, and writing the repairs that are certain."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.project import check_file, check_text
from assay.errors import Fix

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


def apart(fixes: Iterable[Fix]) -> list[Fix]:
    """Return the fixes that do not overlap an earlier one, in the order of the text, each once."""
    chosen: list[Fix] = []
    for fix in sorted(fixes, key=lambda fix: (fix.start, fix.end)):
        if not chosen or (fix.start >= chosen[-1].end and fix.start > chosen[-1].start):
            chosen.append(fix)
    return chosen


def applied(text: str, fixes: list[Fix]) -> str:
    """Return ``text`` after ``fixes`` that do not overlap."""
    for fix in reversed(fixes):
        text = text[: fix.start] + fix.text + text[fix.end :]
    return text


def put(file: Path, text: str) -> None:
    """Write ``text`` in place of ``file`` at once; bytes that are no UTF-8, kept as surrogates, go back as they were."""
    target = Path(os.path.realpath(file))  # a link stays a link
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    with fresh.open(
        "x", encoding="utf-8", errors="surrogateescape", newline=""
    ) as writer:  # newline="": keep the file's own line ends
        writer.write(text)
        writer.flush()
        os.fsync(writer.fileno())
    fresh.chmod(target.stat().st_mode)
    fresh.replace(target)
