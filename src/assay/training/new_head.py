"""Another last layer for an ONNX network: a mixture of logistic regressions on the features that the old one read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.errors import ComponentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LINEAR = frozenset({"Gemm", "MatMul"})
_CLOSEST = 1e-7
"""Probabilities stay this far from 0 and 1, whose logarithm is none."""


class NoFeatures(ComponentError):  # noqa: N818  (like its kin in errors.py)
    """The model has no features to read: no linear layer stands at its end."""


def features_read(proto: Any) -> str:
    """Return the name of what the last linear layer of an ONNX model reads.

    Raises:
        NoFeatures: There is no linear layer.
    """
    linear = [node for node in proto.graph.node if node.op_type in _LINEAR]
    if not linear:
        raise NoFeatures("the model does not end in a linear layer: it has no features to read", culprit="model.onnx")
    return str(linear[-1].input[0])


def replace_head(
    source: Path,
    target: Path,
    slopes: NDArray[np.float64],
    offsets: NDArray[np.float64],
    shares: NDArray[np.float64],
    *,
    positive: int,
) -> None:
    """Write a network whose answer is the mean probability of several logistic regressions, in place of its last layer.

    The answer ``logits`` are logarithms of both probabilities, so that their softmax is the probabilities themselves.

    Args:
        source: The ONNX file: one input, output ``logits``, two labels.
        target: The file to write.
        slopes: Shape (members, features).
        offsets: Shape (members,).
        shares: Weight of each member, summing to 1.
        positive: Number of the positive label, 0 or 1.
    """
    import onnx  # only who writes a model needs it
    from onnx import helper, numpy_helper

    proto = onnx.load(source)
    graph, features = proto.graph, features_read(proto)
    kept, wanted = [], {features}
    for node in reversed(graph.node):
        if wanted & set(node.output):
            kept.append(node)
            wanted |= set(node.input)
    del graph.node[:]
    graph.node.extend(reversed(kept))
    stay = [tensor for tensor in graph.initializer if tensor.name in wanted]
    del graph.initializer[:]
    graph.initializer.extend(stay)
    values = {
        "head.slopes": slopes.T,
        "head.offsets": offsets,
        "head.shares": shares[None],
        "head.least": np.array(_CLOSEST),
        "head.most": np.array(1 - _CLOSEST),
        "head.one": np.array([[1.0]]),
    }
    graph.initializer.extend(
        numpy_helper.from_array(np.ascontiguousarray(value, dtype=np.float32), name) for name, value in values.items()
    )
    graph.initializer.append(numpy_helper.from_array(np.array([1], dtype=np.int64), "head.axis"))
    order = ["head.negative", "head.positive"] if positive == 1 else ["head.positive", "head.negative"]
    graph.node.extend(
        [
            helper.make_node("Gemm", [features, "head.slopes", "head.offsets"], ["head.log_odds"]),
            helper.make_node("Sigmoid", ["head.log_odds"], ["head.members"]),
            helper.make_node("Mul", ["head.members", "head.shares"], ["head.parts"]),
            helper.make_node("ReduceSum", ["head.parts", "head.axis"], ["head.mean"], keepdims=1),
            helper.make_node("Clip", ["head.mean", "head.least", "head.most"], ["head.positive"]),
            helper.make_node("Sub", ["head.one", "head.positive"], ["head.negative"]),
            helper.make_node("Concat", order, ["head.both"], axis=1),
            helper.make_node("Log", ["head.both"], ["logits"]),
        ]
    )
    onnx.checker.check_model(proto)
    onnx.save(proto, target)
