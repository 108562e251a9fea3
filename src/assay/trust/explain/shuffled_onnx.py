"""Cascading randomisation of an ONNX model (Adebayo et al. 2018, arXiv:1810.03292): layers lose what they learnt, the last first.

The values of each weight tensor are shuffled rather than drawn anew: layers keep their scale, so that the network stays alive and its
maps differ for want of knowledge, not for want of signal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np


def shuffled(model: bytes, shares: Sequence[float], seed: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield, for each share of the layers counted from the last, how many were reset, of how many, and the model.

    Args:
        model: An ONNX file's content.
        shares: Ascending, 0..1; at least one layer is reset for each.
        seed: Of the shuffling; a layer is shuffled the same way for every share.

    Raises:
        ValueError: No weights are found.
    """
    import onnx  # only this check takes a model apart
    from onnx import numpy_helper

    proto = onnx.load_model_from_string(model)
    weights = {tensor.name: tensor for tensor in proto.graph.initializer}
    layers = [
        names
        for node in proto.graph.node
        if (names := [name for name in node.input if name in weights and _learnt(weights[name])])
    ]
    if not layers:
        raise ValueError("the model holds no weights that could be reset")
    random, done = np.random.default_rng(seed), 0
    for share in shares:
        depth = max(1, round(share * len(layers)))
        for names in layers[len(layers) - depth : len(layers) - done]:
            for name in names:
                values = numpy_helper.to_array(weights[name])
                mixed = random.permutation(values.ravel()).reshape(values.shape)
                weights[name].CopyFrom(numpy_helper.from_array(mixed, name))
        done = max(done, depth)
        yield done, len(layers), proto.SerializeToString()


def _learnt(tensor: object) -> bool:
    """Return whether an initialiser is a weight and not the shape or axis of an operation."""
    from onnx import TensorProto

    kinds = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE)
    return getattr(tensor, "data_type", None) in kinds and int(np.prod(getattr(tensor, "dims", ()))) > 1
