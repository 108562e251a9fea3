"""A file forgets layer by layer from its end, and stays a model."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from assay.trust.explain.shuffled_onnx import shuffled


def file(weights: bool = True) -> bytes:
    random = np.random.default_rng(0)
    nodes = [
        helper.make_node("Flatten", ["image"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w1", "b1"], ["hidden"]),
        helper.make_node("Gemm", ["hidden", "w2", "b2"], ["logits"]),
    ]
    shapes = {"w1": (16, 4), "b1": (4,), "w2": (4, 2), "b2": (2,)}
    constants = [
        numpy_helper.from_array(random.normal(size=shape).astype(np.float32), name) for name, shape in shapes.items()
    ]
    if not weights:
        nodes, constants = [helper.make_node("Flatten", ["image"], ["logits"])], []
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 4, 4])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2])
    graph = helper.make_graph(nodes, "two layers", [image], [logits], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()


def values(content: bytes) -> dict[str, np.ndarray]:
    return {one.name: numpy_helper.to_array(one) for one in onnx.load_model_from_string(content).graph.initializer}


def test_layers_forget_from_the_last_and_keep_their_scale() -> None:
    original = values(file())
    made = list(shuffled(file(), (0.0, 1.0), seed=0))
    assert [(done, total) for done, total, _ in made] == [(1, 2), (2, 2)]
    last, every = values(made[0][2]), values(made[1][2])
    np.testing.assert_array_equal(last["w1"], original["w1"])
    assert not np.array_equal(last["w2"], original["w2"])
    assert not np.array_equal(every["w1"], original["w1"])
    np.testing.assert_array_equal(every["w2"], last["w2"])
    for name, weights in every.items():
        np.testing.assert_array_equal(np.sort(weights.ravel()), np.sort(original[name].ravel()))


def test_the_same_seed_forgets_the_same_way() -> None:
    first, again, other = ([content for *_, content in shuffled(file(), (1.0,), seed=seed)] for seed in (1, 1, 2))
    assert first == again != other


def test_a_model_without_weights_is_refused() -> None:
    with pytest.raises(ValueError, match="no weights"):
        list(shuffled(file(weights=False), (1.0,), seed=0))
