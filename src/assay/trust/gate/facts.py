"""What the gate reads of a Model folder: the label map, and how it was trained."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.errors import ComponentError


@dataclass(frozen=True, slots=True)
class LabelMap:
    """What ``model.json`` says: labels in the order of the classes, the positive one, and everything else as it stands there."""

    labels: Sequence[str]
    positive: str
    facts: Mapping[str, Any]


def read_label_map(folder: Path) -> LabelMap:
    """Read ``model.json``; raises ``ComponentError`` when it is missing, no JSON, or has no labels."""
    path = folder / "model.json"
    try:
        body = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ComponentError("the model folder has no model.json", culprit=str(path)) from None
    except ValueError as error:
        raise ComponentError(f"model.json is not valid JSON: {error}", culprit=str(path)) from None
    labels = body.get("labels") if isinstance(body, dict) else None
    if not isinstance(labels, list) or len(labels) < 2 or len({str(label) for label in labels}) < len(labels):
        raise ComponentError(
            "model.json has no label map: 'labels' lists at least two different names in the order of the classes",
            culprit="labels",
            hint="see docs/formats.md",
        )
    return LabelMap([str(label) for label in labels], str(body.get("positive", "")), body)
