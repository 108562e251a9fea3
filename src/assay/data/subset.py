"""Write some rows of an Images folder as an Images folder of its own, without copying pixels where that can be."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from assay.data.images import INDEX_FILE, META_FILE

if TYPE_CHECKING:
    import pandas as pd


def write_subset(source: Path, rows: pd.DataFrame, target: Path) -> None:
    """Write ``rows`` (of ``read_index_text``, cells as written) with their images, masks and ``images.json``.

    Args:
        source: The Images folder.
        rows: One row an image; columns may have been added.
        target: An empty or missing folder.

    Raises:
        FileNotFoundError: An image of ``rows`` is not in ``source``.
    """
    target.mkdir(parents=True, exist_ok=True)
    for column in ("file", "mask"):
        for name in rows.get(column, ()):
            if name:
                link_or_copy(source / name, target / name)
    if (source / META_FILE).exists():
        shutil.copyfile(source / META_FILE, target / META_FILE)
    rows.to_csv(target / INDEX_FILE, index=False, lineterminator="\r\n", encoding="utf-8")


def link_or_copy(source: Path, target: Path) -> None:
    """Make ``target`` the same file as ``source``, or a copy where the file system or its owner forbids a hard link."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)
