"""Write a fitted scikit-learn pipeline as ONNX, and make sure that ONNX Runtime says the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.errors import ComponentError
from assay.training.session import LABELS_KEY, open_session
from assay.training.tables.asking import ask
from assay.training.tables.facts import INPUT, OUTPUT, TableFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_LARGEST_DIFFERENCE = 1e-4
_OPSET = 18


def as_onnx(fitted: Any, columns: int, output: str = OUTPUT) -> Any:
    """Return a fitted pipeline, or its preprocessing, as an ONNX model with the input ``features``.

    Args:
        fitted: Of scikit-learn.
        columns: That it takes.
        output: Name of its last output.
    """
    from skl2onnx import to_onnx  # heavy; extra 'tables'
    from skl2onnx.common.data_types import FloatTensorType

    classifier = fitted.steps[-1][1] if hasattr(fitted, "steps") else None
    plain = {} if classifier is None else {id(classifier): {"zipmap": False}}
    made = to_onnx(
        fitted, initial_types=[(INPUT, FloatTensorType([None, columns]))], options=plain, target_opset=_OPSET
    )
    if made.graph.output[-1].name != output:
        raise ComponentError(f"the export names its output {made.graph.output[-1].name!r}", culprit=output)
    return made


def save(
    folder: Path, network: Any, facts: TableFacts, values: NDArray[np.float32], expected: NDArray[np.float64]
) -> TableFacts:
    """Write model.onnx and model.json into a folder; returns the facts with what the check measured.

    Args:
        folder: Made when it is not there.
        network: The ONNX model.
        facts: What model.json says.
        values: Encoded rows that were not fitted on.
        expected: What scikit-learn says of them, rows x labels.

    Raises:
        ComponentError: ONNX Runtime answers otherwise.
    """
    import dataclasses  # beside its one use

    _name_labels(network, facts.labels)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.onnx"
    path.write_bytes(network.SerializeToString())
    difference = float(np.abs(ask(open_session(path, 1), values) - expected).max())
    if not difference <= _LARGEST_DIFFERENCE:
        raise ComponentError(
            f"ONNX Runtime and scikit-learn differ by {difference:.2g} on {len(values)} rows", culprit="model.onnx"
        )
    checked = dataclasses.replace(facts, onnx={"largest_difference": difference, "rows": len(values)})
    (folder / "model.json").write_text(checked.text(), encoding="utf-8")
    return checked


def _name_labels(network: Any, labels: Sequence[str]) -> None:
    entry = network.metadata_props.add()
    entry.key, entry.value = LABELS_KEY, json.dumps(list(labels), ensure_ascii=False)
