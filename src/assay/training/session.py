"""Open an ONNX file in ONNX Runtime, on the CPU, within a number of threads. PyTorch is never imported here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assay.errors import ComponentError

LABELS_KEY = "assay.labels"
"""Key of the ONNX file's metadata under which the labels stand, a JSON list in the order of the classes."""


def stated_labels(session: Any) -> list[str]:
    """Return the labels that an ONNX file itself names; empty when it names none."""
    text = session.get_modelmeta().custom_metadata_map.get(LABELS_KEY, "[]")
    try:
        found = json.loads(text)
    except ValueError:
        return []
    return [str(label) for label in found] if isinstance(found, list) else []


def open_session(path: Path, threads: int) -> Any:
    """Return an ``onnxruntime.InferenceSession``.

    Raises:
        ComponentError: The file is missing or is no model that ONNX Runtime can run.
    """
    import onnxruntime  # heavy; reading facts of a model does not need it

    if not path.exists():
        raise ComponentError(f"the model folder has no {path.name}", culprit=str(path))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no other base
        raise ComponentError(f"{path.name} cannot be loaded: {error}", culprit=str(path)) from error


def refuse_other_labels(session: Any, labels: Sequence[str]) -> None:
    """Raise ComponentError when the ONNX file names labels, and other ones or in another order than model.json."""
    fitted = stated_labels(session)
    if fitted and fitted != list(labels):
        raise ComponentError(
            f"model.onnx was fitted with the class names {', '.join(fitted)}, model.json says {', '.join(labels)}: "
            "every answer would be given under the wrong name",
            culprit="labels",
            hint="put back the model.json that was written with it",
        )
