"""Fairlearn's exponentiated gradient on a table, and what it found as one ONNX file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay import ComponentError
from assay.library.fairness.mixing import Demand, Mixture, mixed, refuse_groups
from assay.library.train.tablefitting import Parts
from assay.training.tables.export import as_onnx
from assay.training.tables.facts import OUTPUT
from assay.training.tables.fitting import preparation
from assay.trust.fairness.people import groupings

_PREPARED = "transformed_column"


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted.

    Attributes:
        network: As ONNX.
        answers: Of the validation rows, rows x labels.
        facts: For model.json.
    """

    network: Any
    answers: NDArray[np.float64]
    facts: dict[str, Any]


def fitted(parts: Parts, by: str, cuts: Sequence[float], demand: Demand) -> Fitted:
    """Fit under a constraint.

    Raises:
        ComponentError: Three labels, rows that are weighed already, fewer than two groups, a group of one class only, no such column.
    """
    if len(parts.labels) != 2:
        raise ComponentError(
            f"there are {len(parts.labels)} labels, and the constraint is about two", culprit=str(parts.labels[0])
        )
    if (parts.weight != parts.weight[0]).any():
        raise ComponentError(
            "the training rows are weighed already, and the fit chooses weights of its own",
            culprit="weight",
            hint="take the column out, or fit by train/tabular-classifier after fairness/reweighing-table",
        )
    (part,) = groupings(parts.train, [by], cuts)
    for note in part.notes:
        print(f"warning: {note}")
    known = part.code >= 0
    truth = parts.classes == list(parts.labels).index(parts.positive)
    refuse_groups(part.names, part.code, truth, by)
    prepare = preparation(parts.features, scaled=True).fit(parts.values)
    rows, groups = prepare.transform(parts.values)[known], np.array(part.names)[part.code[known]]
    mixture, rounds = mixed(np.asarray(rows, dtype=np.float64), truth[known], groups, demand)
    held = np.asarray(prepare.transform(parts.held), dtype=np.float64)
    score = mixture.score(held)
    return Fitted(
        _network(as_onnx(prepare, len(parts.features), _PREPARED), mixture),
        np.stack([1 - score, score], axis=1),
        mixture.facts(held, rounds) | {"groups": list(part.names)},
    )


def _network(network: Any, mixture: Mixture) -> Any:
    """Return the preprocessing with the mixture after it, as one ONNX model."""
    from onnx import TensorProto, helper, numpy_helper  # heavy; see above

    graph = network.graph
    labels = np.array([[-1.0, 1.0]]), np.array([1.0, 0.0])
    for name, values in (
        ("slopes", mixture.slopes.T),
        ("offsets", mixture.offsets),
        ("shares", mixture.shares[:, None]),
        ("signs", labels[0]),
        ("ends", labels[1]),
    ):
        graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=np.float32), name))
    graph.node.extend(
        [
            helper.make_node("Gemm", [_PREPARED, "slopes", "offsets"], ["log_odds"]),
            helper.make_node("Sigmoid", ["log_odds"], ["members"]),
            helper.make_node("MatMul", ["members", "shares"], ["positive"]),
            helper.make_node("Gemm", ["positive", "signs", "ends"], [OUTPUT]),
        ]
    )
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [None, 2]))
    return network
