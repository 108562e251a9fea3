"""Copying what a port carries out of the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.terminal import document
from assay.errors import WouldOverwrite
from assay.model.artifacts import Artifact, ArtifactList, Output, Value

if TYPE_CHECKING:
    from assay.store.objects import ObjectStore


def export(objects: ObjectStore, name: str, output: Output, target: Path | None) -> Path | None:
    """Write ``output`` to ``target`` and return where it is; ``None`` when a value went to stdout.

    A target that is a folder takes the artifact under its own name. Raises ``WouldOverwrite`` when something is there.
    """
    match output:
        case Value(value) if target is None:
            document(value)
            return None
        case Value(value):
            return _write_value(value, _free(target, f"{name}.json"))
        case Artifact():
            place = _free(target, f"{name}{output.suffix}")
            objects.export(output, place)
            return place
        case ArtifactList(items):
            folder = _free(target, name)
            folder.mkdir(parents=True)
            width = len(str(max(len(items) - 1, 0)))
            for index, item in enumerate(items):
                objects.export(item, folder / f"{index:0{width}d}{item.suffix}")
            return folder


def _write_value(value: object, place: Path) -> Path:
    import json  # only for values

    with place.open("x", encoding="utf-8") as file:
        file.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    return place


def _free(target: Path | None, name: str) -> Path:
    place = Path(name) if target is None else target / name if target.is_dir() else target
    if place.exists() or place.is_symlink():
        raise WouldOverwrite(f"{place} is there already", culprit=str(place), hint="name another TARGET")
    place.parent.mkdir(parents=True, exist_ok=True)
    return place
