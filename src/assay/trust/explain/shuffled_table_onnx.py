"""A classifier over tables that lost what it learnt: coefficients, cuts and leaves of its ONNX file shuffled (Adebayo et al. 2018)."""

from __future__ import annotations

import numpy as np

_LEARNT = frozenset({"coefficients", "class_weights", "target_weights"})
"""Attributes of the operators LinearClassifier and TreeEnsemble that hold what was learnt: coefficients, and what leaves say."""


def shuffled_table(model: bytes, seed: int) -> bytes:
    """Return the model with learnt numbers shuffled among each other: it keeps its scale, and knows nothing.

    Weight tensors with two dimensions are shuffled too, for classifiers made of matrix products.

    Raises:
        ValueError: Nothing learnt is found.
    """
    import onnx  # only this check takes a model apart
    from onnx import numpy_helper

    proto, random, done = onnx.load_model_from_string(model), np.random.default_rng(seed), 0
    for node in proto.graph.node:
        for attribute in node.attribute:
            if attribute.name in _LEARNT and len(attribute.floats) > 1:
                mixed = random.permutation(np.array(attribute.floats, dtype=np.float32))
                del attribute.floats[:]
                attribute.floats.extend(mixed.tolist())
                done += 1
    for tensor in proto.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT and len(tensor.dims) == 2 and min(tensor.dims) > 1:
            values = numpy_helper.to_array(tensor)
            tensor.CopyFrom(
                numpy_helper.from_array(random.permutation(values.ravel()).reshape(values.shape), tensor.name)
            )
            done += 1
    if not done:
        raise ValueError("the model holds nothing learnt that could be shuffled")
    return bytes(proto.SerializeToString())
