"""A Heatmaps folder as rows that a person opens: each map, and where the picture lies that it is of."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path

from assay.errors import AssayError
from assay.model.artifacts import Artifact
from assay.model.state import RunState
from assay.server.explore.sources import facts_of_maps, images_under, said_of_maps
from assay.server.wire.converting import convert
from assay.server.wire.runs import HeatmapsPreview
from assay.store import Store

SHOWN = 200
_MOST_ROWS = 20_000
_COLUMNS = ("file", "patient", "label", "outcome", "score", "overlay")


def heatmaps_preview(store: Store, state: RunState, folder: Artifact, page: int) -> HeatmapsPreview | None:
    """Return a page of the maps in a folder; ``None`` when it is no Heatmaps folder, or its index cannot be read.

    Args:
        state: The run in which the images are looked for, by the sha256 that the folder states.
        page: Which 200 maps, from 0.
    """
    facts = facts_of_maps(store, folder)
    if not facts:
        return None
    rows = _rows(store.objects.path(folder))
    if not rows or any(name not in rows[0] for name in _COLUMNS):
        return None
    place = images_under(state, facts)
    masks = _masks(store, place.artifact) if place else {}
    start = page * SHOWN
    shown = [
        {"row": start + number, "mask": masks.get(row["file"], ""), **{name: row[name] for name in _COLUMNS}}
        for number, row in enumerate(rows[start : start + SHOWN])
    ]
    images = {"step": place.step, "port": place.port, "item": place.item} if place else None
    told = {"images": images, "rows": shown, "start": start, "total": len(rows), **said_of_maps(facts)}
    return convert(told | {"kind": "heatmaps"}, HeatmapsPreview)


def _rows(folder: Path) -> list[dict[str, str]]:
    """Return an index; none when there is none that can be read: anybody may write such a folder."""
    try:
        with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
            read = islice(csv.DictReader(file, restval=""), _MOST_ROWS)
            return [{name: cell for name, cell in row.items() if isinstance(cell, str)} for row in read]
    except (OSError, ValueError, csv.Error):
        return []


def _masks(store: Store, images: Artifact) -> dict[str, str]:
    try:
        rows = _rows(store.objects.path(images))
    except AssayError:
        return {}  # no longer in the store
    return {row["file"]: row.get("mask", "") for row in rows if "file" in row}
