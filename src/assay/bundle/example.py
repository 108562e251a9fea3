"""An input that no patient gave, and what the model has to answer to it: whoever serves a bundle can see that it serves this model."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.errors import ComponentError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from assay.training.tables.facts import Feature

PICTURE, ROWS, REQUEST, ANSWER = "input.png", "input.csv", "request.json", "answer.json"
TOLERANCE = 1e-3
"""Probabilities of another computer may differ by this much."""

_SEED = 20200311


def write_example(model: Path, target: Path, facts: Mapping[str, Any]) -> None:
    """Write input, request (open inference protocol, version 2) and answer of a model folder into the new folder ``target``.

    Args:
        model: The folder.
        target: Does not exist yet.
        facts: What its ``model.json`` says.

    Raises:
        ComponentError: The model cannot be loaded, or answers no probabilities.
    """
    if facts.get("kind") == "table":
        _write_rows(model, target)
    else:
        _write_picture(model, target)


def _write_picture(model: Path, target: Path) -> None:
    import numpy as np  # arrays and the runtime: for making bundles only
    from PIL import Image

    from assay.training.predictor import Predictor

    predictor = Predictor(model)
    size = predictor.facts.preprocessing.size
    grey = _drawn(size)
    channels = predictor.facts.channels
    pixels = np.repeat((grey.astype(np.float32) / np.float32(255))[None, None], channels, axis=1)
    shares = predictor.probabilities(pixels)
    _write(target, "image", pixels, predictor.facts.labels, shares)
    Image.fromarray(grey).save(target / PICTURE)


def _write_rows(model: Path, target: Path) -> None:
    import pandas as pd  # as above

    from assay.training.tables.asking import TableModel
    from assay.training.tables.facts import INPUT, encode

    asker = TableModel(model)
    features = asker.facts.features
    rows = [_row(features, share) for share in (0.25, 0.75)]
    values = encode(pd.DataFrame(rows), features, "the example").matrix
    _write(target, INPUT, values, asker.facts.labels, asker.probabilities(values))
    with (target / ROWS).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [each.name for each in features])
        writer.writeheader()
        writer.writerows(rows)


def _row(features: Sequence[Feature], share: float) -> dict[str, str]:
    """Return cells at a share of each column's range: numbers between the smallest and the largest of the training, words of its own."""
    cells = {}
    for each in features:
        if each.categories:
            cells[each.name] = each.categories[int(share * len(each.categories))]
        else:
            number = each.low + share * (each.high - each.low)
            cells[each.name] = f"{round(number) if each.whole else number:.6g}"
    return cells


def _write(
    target: Path, name: str, values: NDArray[np.float32], labels: Sequence[str], shares: NDArray[np.float64]
) -> None:
    import numpy as np  # as above

    if not np.isfinite(shares).all():
        raise ComponentError("the model answers no probabilities to the example", culprit="model.onnx")
    target.mkdir()
    tensor = {
        "name": name,
        "shape": list(values.shape),
        "datatype": "FP32",
        "data": [round(float(value), 6) for value in values.ravel()],
    }
    answer = {
        "synthetic": True,
        "labels": list(labels),
        "probabilities": [round(float(share), 6) for share in shares.ravel()],
        "tolerance": TOLERANCE,
    }
    request = {"id": "example", "inputs": [tensor]}
    (target / REQUEST).write_text(json.dumps(request) + "\n", encoding="utf-8")
    (target / ANSWER).write_text(json.dumps(answer, indent=2) + "\n", encoding="utf-8")


def _drawn(size: int) -> NDArray[np.uint8]:
    """Return a drawing of a chest, size x size: two dark fields in a bright oval, with a grain."""
    import numpy as np

    y, x = (np.mgrid[0:size, 0:size] + 0.5) / size * 2 - 1
    grey = np.where((x / 0.9) ** 2 + (y / 0.75) ** 2 < 1, 0.65, 0.05)
    for side in (-1, 1):
        grey = np.where(((x - side * 0.42) / 0.32) ** 2 + ((y + 0.02) / 0.52) ** 2 < 1, 0.2, grey)
    grain = np.random.default_rng(_SEED).normal(0.0, 0.02, (size, size))
    drawn: NDArray[np.uint8] = np.rint(np.clip(grey + grain, 0, 1) * 255).astype(np.uint8)
    return drawn
