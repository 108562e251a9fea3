"""Building folders of sealed links, and writable copies of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from assay.store.hashing import is_executable
from assay.store.placing import SEALED_MTIME_NS, copy_file, link_or_copy, seal
from assay.store.tree import scan


def build_folder(target: str, files: Sequence[tuple[str, str | None]]) -> None:
    """Make ``target``, a sealed folder of hard links; its top stays writable, so that it can still be renamed.

    Args:
        target: Must not exist.
        files: Relative name and the sealed file that it links to, or ``None`` for an empty folder.
    """
    inner = _make_folders(target, files)
    for name, source in files:
        if source is not None:
            link_or_copy(source, f"{target}/{name}")
    for folder in reversed(inner):
        seal(folder)
    os.utime(target, ns=(SEALED_MTIME_NS, SEALED_MTIME_NS))


def copy_tree(source: str, target: str) -> None:
    """Make ``target`` a writable, independent copy of a sealed folder."""
    entries = scan(source)
    _make_folders(target, [(entry.name, None if entry.info is None else entry.source) for entry in entries])
    for entry in entries:
        if entry.info is not None:
            copy_file(entry.source, f"{target}/{entry.name}", 0o777 if is_executable(entry.info) else 0o666)


def _make_folders(target: str, files: Iterable[tuple[str, str | None]]) -> list[str]:
    """Make ``target`` and every folder that ``files`` need; return the inner ones, parents first."""
    os.mkdir(target)
    seen: set[str] = {""}
    made: list[str] = []
    for name, source in files:
        folder = name if source is None else os.path.dirname(name)
        missing: list[str] = []
        while folder not in seen:
            seen.add(folder)
            missing.append(folder)
            folder = os.path.dirname(folder)
        for path in reversed(missing):
            os.mkdir(f"{target}/{path}")
            made.append(f"{target}/{path}")
    return made
