"""An input that no patient gave, and what the model has to answer to it: whoever serves a bundle can see that it serves this model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import ComponentError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PICTURE, REQUEST, ANSWER = "input.png", "request.json", "answer.json"
TOLERANCE = 1e-3
"""Probabilities of another computer may differ by this much."""

_SEED = 20200311


def write_example(model: Path, target: Path) -> None:
    """Write input, request (open inference protocol, version 2) and answer of a model folder into the new folder ``target``.

    Raises:
        ComponentError: The model cannot be loaded, or answers no probabilities.
    """
    import numpy as np  # arrays and the runtime: for making bundles only
    from PIL import Image

    from assay.training.predictor import Predictor

    predictor = Predictor(model)
    size = predictor.facts.preprocessing.size
    grey = _drawn(size)
    channels = predictor.facts.channels
    pixels = np.repeat((grey.astype(np.float32) / np.float32(255))[None, None], channels, axis=1)
    shares = predictor.probabilities(pixels)[0]
    if not np.isfinite(shares).all():
        raise ComponentError("the model answers no probabilities to the example", culprit="model.onnx")
    target.mkdir()
    Image.fromarray(grey).save(target / PICTURE)
    request = {
        "id": "example",
        "inputs": [
            {
                "name": "image",
                "shape": [1, channels, size, size],
                "datatype": "FP32",
                "data": [round(float(value), 6) for value in pixels.ravel()],
            }
        ],
    }
    answer = {
        "synthetic": True,
        "labels": list(predictor.facts.labels),
        "probabilities": [round(float(share), 6) for share in shares],
        "tolerance": TOLERANCE,
    }
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
