"""A model that can be seen through."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

ONNX_ONLY = (
    "explain.occlusion",
    "explain.lime",
    "explain.kernel_shap",
    "explain.prototypes",
    "transform.predict",
    "robustness.acquisition_shifts",
    "robustness.membership_inference",
    "robustness.out_of_distribution",
    "evaluate.shortcut_audit",
    "evaluate.find_leakage",
)
"""Components of the library that ask a model by ONNX Runtime."""


def write_linear_model(
    folder: Path, weights: np.ndarray, bias: float = 0.0, *, labels=("other", "covid"), **facts
) -> Path:
    """Write a Model folder whose score is a weighted sum of the pixels: what it looks at is known.

    Weights are size x size, or channels x size x size.
    """
    size, classes, channels = weights.shape[-1], len(labels), weights.size // weights.shape[-1] ** 2
    columns = np.zeros((weights.size, classes), dtype=np.float32)
    columns[:, -1] = weights.ravel()
    offsets = np.zeros(classes, dtype=np.float32)
    offsets[-1] = bias
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["image"], ["flat"]),
            helper.make_node("Gemm", ["flat", "weights", "bias"], ["logits"]),
        ],
        "linear",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", channels, size, size])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", classes])],
        [numpy_helper.from_array(columns, "weights"), numpy_helper.from_array(offsets, "bias")],
    )
    folder.mkdir(parents=True)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    save(made, folder / "model.onnx")
    steps = {"intensity": "hounsfield", "modality": "CT", "window": None, "size": size}
    steps |= {"mean": [0.0] * channels, "std": [1.0] * channels}
    known = {"format": 1, "labels": list(labels), "positive": labels[-1], "preprocessing": steps, "synthetic": True}
    (folder / "model.json").write_text(json.dumps(known | facts), encoding="utf-8")
    return folder
