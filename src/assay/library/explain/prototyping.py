"""What both components of prototypes do alike: images by label, features, a choice, and what is written of it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay import Dataset, Figure, step
from assay.training.embedding import Embedder
from assay.training.examined import Examined
from assay.trust.explain.picturing import Strip, gallery

Choose = Callable[[NDArray[np.float64]], tuple[NDArray[np.intp], NDArray[np.float64]]]
"""Features of the images of one label, shape (images, features), to rows chosen and their weights."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The prototypes of one label, the heaviest first.

    Attributes:
        label: Which.
        looked_at: Rows of the images that were chosen from.
        features: Of these, shape (rows, features).
        places: Prototypes among them.
        shares: Weight of each, summing to 1.
    """

    label: str
    looked_at: NDArray[np.intp]
    features: NDArray[np.float64]
    places: NDArray[np.intp]
    shares: NDArray[np.float64]


def chosen(embedder: Embedder, examined: Examined, choose: Choose, most: int, seed: int) -> list[Chosen]:
    """Choose prototypes of each label, of at most ``most`` images by lot; none where a label has no image."""
    labels = np.array([row["label"] for row in examined.rows])
    found = []
    for label in embedder.facts.labels:
        rows = np.sort(np.random.default_rng(seed).permutation(np.flatnonzero(labels == label))[:most])
        if not len(rows):
            found.append(Chosen(label, rows, np.empty((0, 0)), rows, np.empty(0)))
            continue
        features = embedder.features(examined.pictures(rows)[:, None])
        places, weights = choose(features)
        order = np.argsort(-weights, kind="stable")
        found.append(Chosen(label, rows, features, places[order], weights[order] / weights.sum()))
    return found


def written_prototypes(found: Sequence[Chosen], examined: Examined) -> tuple[Dataset, Figure, bytes]:
    """Write the table and the gallery of prototypes; also returns the gallery's content."""
    lines: list[dict[str, object]] = []
    strips = []
    for each in found:
        rows = each.looked_at[each.places]
        for rank, (row, share) in enumerate(zip(rows, each.shares, strict=True), start=1):
            cells = examined.rows[int(row)]
            told = {"label": each.label, "rank": rank, "file": cells["file"], "patient": cells["patient"]}
            lines.append(told | {"weight": f"{share:.6f}"})
        greys = (np.repeat(examined.pictures(rows)[..., None], 3, axis=3) * 255).astype(np.uint8)
        title = f"{each.label}: {len(rows)} stand for {len(each.looked_at)}" if len(rows) else each.label
        strips.append(Strip(title, list(greys)))
    table = step.output("prototypes", Dataset, suffix=".csv")
    with table.path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["label", "rank", "file", "patient", "weight"])
        writer.writeheader()
        writer.writerows(lines)
    mark = " (synthetic images)" if examined.meta.synthetic else ""
    whole, small = gallery(f"Prototypes of each label as the model sees them{mark}", strips)
    figure = step.output("gallery", Figure, suffix=".png")
    figure.path.write_bytes(whole)
    step.preview("prototypes", small, media_type="image/jpeg")
    return table, figure, whole
