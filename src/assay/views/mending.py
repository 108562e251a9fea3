"""Writing repairs into a text, and a text in place of a file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from assay.errors import Fix


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
    fresh.unlink(
        missing_ok=True
    )  # of a process of this number that was killed while it wrote; in a container numbers come back soon
    with fresh.open(
        "x", encoding="utf-8", errors="surrogateescape", newline=""
    ) as writer:  # newline="": keep the file's own line ends
        writer.write(text)
        writer.flush()
        os.fsync(writer.fileno())
    fresh.chmod(target.stat().st_mode)
    fresh.replace(target)
