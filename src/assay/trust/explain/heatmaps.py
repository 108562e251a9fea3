"""The Heatmaps folder: heat as numbers, overlays as pictures, an index, and what is known of the method."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import ComponentError
from assay.trust.explain.picturing import overlay, png

FORMAT = 1
FACTS_FILE, INDEX_FILE, HEAT_FILE = "heatmaps.json", "index.csv", "heat.npz"
COLUMNS = ("file", "patient", "label", "outcome", "score", "overlay", "constant")


@dataclass(frozen=True, slots=True)
class Entry:
    """One map.

    Attributes:
        file: The image inside its Images folder.
        outcome: Such as ``false negative``.
        score: Probability of the positive label.
        constant: Whether the map is the same everywhere.
    """

    file: str
    patient: str
    label: str
    outcome: str
    score: float
    constant: bool


def write_heatmaps(
    folder: Path,
    entries: Sequence[Entry],
    heat: NDArray[np.float64],
    pictures: NDArray[np.float32],
    masks: NDArray[np.bool_],
    facts: Mapping[str, Any],
) -> None:
    """Write the folder.

    Args:
        folder: There already.
        entries: One a map.
        heat: Shape (maps, height, width).
        pictures: As the model saw them, the same shape.
        masks: Where lesions are, the same shape.
        facts: For ``heatmaps.json``: model, images, method, settings, positive, state, reason.
    """
    (folder / "overlays").mkdir()
    with (folder / INDEX_FILE).open("w", encoding="utf-8", newline="") as stream:
        rows = csv.DictWriter(stream, COLUMNS)
        rows.writeheader()
        for number, entry in enumerate(entries):
            name = f"overlays/{number:04d}.png"
            (folder / name).write_bytes(png(overlay(pictures[number], heat[number], masks[number])))
            cells = {column: getattr(entry, column) for column in COLUMNS if column != "overlay"}
            rows.writerow(cells | {"score": f"{entry.score:.6g}", "overlay": name})
    # Not savez: its archive holds the time of writing, and equal maps have to have an equal digest.
    _write_npz(folder / HEAT_FILE, heat.astype(np.float32))
    text = json.dumps({"format": FORMAT} | dict(facts), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / FACTS_FILE).write_text(text + "\n", encoding="utf-8")


def _write_npz(path: Path, heat: NDArray[np.float32]) -> None:
    import io
    import zipfile

    stream = io.BytesIO()
    np.lib.format.write_array(stream, heat, allow_pickle=False)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("heat.npy", (1980, 1, 1, 0, 0, 0)), stream.getvalue(), zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Heatmaps:
    """A Heatmaps folder, read.

    Attributes:
        facts: ``heatmaps.json``.
        rows: The index, cells as text.
        heat: Shape (maps, height, width).
    """

    facts: Mapping[str, Any]
    rows: Sequence[Mapping[str, str]]
    heat: NDArray[np.float32]


def read_heatmaps(folder: Path) -> Heatmaps:
    """Read a Heatmaps folder.

    Raises:
        ComponentError: A file is missing or damaged, it is of another format, or index and heat differ in length.
    """
    try:
        facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
        with (folder / INDEX_FILE).open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        with np.load(folder / HEAT_FILE, allow_pickle=False) as archive:
            heat = archive["heat"]
    except (OSError, ValueError, KeyError) as error:
        raise ComponentError(
            f"no heatmaps can be read here: {error}", culprit=str(folder), hint="see docs/formats.md"
        ) from error
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise ComponentError(f"{FACTS_FILE} is not of format {FORMAT}", culprit=str(folder), hint="see docs/formats.md")
    if len(rows) != len(heat):
        raise ComponentError(f"{len(rows)} rows in {INDEX_FILE}, {len(heat)} maps in {HEAT_FILE}", culprit=str(folder))
    return Heatmaps(facts, rows, heat)
