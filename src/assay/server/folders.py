"""One folder of the workspace, for choosing a file or folder in it."""

from __future__ import annotations

import os
from pathlib import Path

from assay.errors import NotFound
from assay.server.confinement import HIDDEN, inside
from assay.server.documents import kind_of
from assay.server.wire.pickers import FolderEntry, FolderList

MOST = 2000


def folder_list(root: Path, relative: str) -> FolderList:
    """Return what is in a folder: its folders, then its files, both by name, at most 2,000.

    What begins with a dot, what the server does not show, and links that lead out of the workspace are left out.

    Args:
        relative: Path below ``root``; empty for the workspace itself.

    Raises:
        OutsideWorkspace: It is not one of the workspace's folders.
        NotFound: There is no such folder.
    """
    folder = inside(root, relative) if relative else root
    if not folder.is_dir():
        raise NotFound(f"there is no folder {relative}", culprit=relative, hint="it may have been moved or deleted")
    real = os.path.realpath(root)
    with os.scandir(folder) as found:
        shown = [one for one in found if not one.name.startswith(".") and one.name not in HIDDEN and _within(one, real)]
    ordered = sorted(shown, key=lambda one: (not one.is_dir(), one.name.lower(), one.name))
    return FolderList(relative, [_entry(one) for one in ordered[:MOST]], len(ordered))


def _within(entry: os.DirEntry[str], root: str) -> bool:
    """Whether it is a file or folder, and a link leads to one of the workspace."""
    if entry.is_symlink() and not Path(os.path.realpath(entry.path)).is_relative_to(root):
        return False
    return entry.is_dir() or entry.is_file()


def _entry(entry: os.DirEntry[str]) -> FolderEntry:
    info, folder = entry.stat(), entry.is_dir()
    return FolderEntry(
        entry.name, folder, "other" if folder else kind_of(entry.name), 0 if folder else info.st_size, info.st_mtime
    )
