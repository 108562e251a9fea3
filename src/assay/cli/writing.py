"""Writing the files of a build: whole or not at all, and never over what somebody else wrote."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assay.errors import AssayError, WouldOverwrite
from assay.exporters import Document
from assay.model.artifacts import Json

RECORD = "assay-build.json"
"""What was built, and which files belong to it; a later build removes those that it no longer writes."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the files."""

    new: tuple[Path, ...]
    replaced: tuple[Path, ...]
    unchanged: tuple[Path, ...]
    removed: tuple[Path, ...]


def write_documents(
    documents: Mapping[str, Document], folder: Path, facts: Mapping[str, Json], *, force: bool
) -> Written:
    """Write ``documents`` and a record of them into ``folder``.

    Args:
        facts: What the record says beside the names of the files.
        force: Replace files that differ, and remove those of an earlier build that are no longer made.

    Raises:
        WouldOverwrite: A file that differs is there and ``force`` is not given; then nothing is written.
        AssayError: The folder cannot be written to.
    """
    record = json.dumps({**facts, "files": sorted(documents)}, indent=1, ensure_ascii=False) + "\n"
    wanted = {**documents, RECORD: Document(record.encode())}
    try:
        state = {name: _state(folder / name, document) for name, document in wanted.items()}
        lost = [name for name, found in state.items() if found == "differs"]
        stale = [name for name in _recorded(folder) if name not in wanted and (folder / name).is_file()]
        if (lost or stale) and not force:
            shown = lost[0] if lost else stale[0]
            told = f"{folder / shown} is there already" + (" and differs" if lost else " from an earlier build")
            raise WouldOverwrite(
                told, culprit=str(folder / shown), hint="--force replaces it; --out DIR writes elsewhere"
            )
        for name in sorted(name for name, found in state.items() if found != "same"):
            _write(folder / name, wanted[name])
        for name in stale:
            (folder / name).unlink()
    except OSError as error:
        raise AssayError(f"cannot write to {folder}: {error.strerror}", culprit=str(folder)) from error
    by = {
        kind: tuple(folder / name for name in documents if state[name] == kind) for kind in ("new", "differs", "same")
    }
    return Written(by["new"], by["differs"], by["same"], tuple(folder / name for name in stale))


def _state(path: Path, document: Document) -> str:
    if not os.path.lexists(path):
        return "new"
    if path.is_dir():
        raise WouldOverwrite(f"{path} is a folder", culprit=str(path), hint="--out DIR writes elsewhere")
    same = path.is_file() and path.read_bytes() == document.content and os.access(path, os.X_OK) >= document.executable
    return "same" if same else "differs"


def _recorded(folder: Path) -> list[str]:
    """Return the files of an earlier build here; names that lead elsewhere are not ours."""
    try:
        names = json.loads((folder / RECORD).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    inside = [name for name in names if isinstance(name, str) and not Path(name).is_absolute()]
    return [name for name in inside if ".." not in Path(name).parts]


def _write(path: Path, document: Document) -> None:
    """Write one file: whoever looks sees the old one or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(document.content)
            os.fchmod(file.fileno(), 0o755 if document.executable else 0o644)
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
