"""Toy images: a bright square is the disease, a second or two is enough to learn it."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assay import Model
from assay.data.images import ImagesMeta, ImagesWriter, Intensity

ToyImages = Callable[..., Path]


@pytest.fixture
def toy_images(tmp_path: Path) -> ToyImages:
    def make(name: str, patients: range, *, slices: int = 2, contrast: float = 400.0, **meta: object) -> Path:
        random = np.random.default_rng(patients.start)
        facts = {"modality": "CT", "synthetic": True, "labels": ("healthy", "covid"), "positive": "covid"} | meta
        with ImagesWriter(tmp_path / name, ImagesMeta(facts.pop("intensity", Intensity.HOUNSFIELD), **facts)) as writer:
            for patient in patients:
                ill = patient % 2 == 1
                for _ in range(slices):
                    values = random.normal(-800, 60, (32, 32))
                    top, left = random.integers(4, 18, 2)
                    values[top : top + 9, left : left + 9] += contrast * ill
                    if writer.meta.intensity is Intensity.GREY:
                        values = (values + 1000) / 1400
                    writer.add(
                        values,
                        patient=f"p{patient}",
                        label=("healthy", "covid")[ill],
                        age=40 + patient % 40,
                        sex="FM"[patient % 2],
                    )
        return tmp_path / name

    return make


@pytest.fixture
def linear_model(tmp_path: Path):
    """Write a Model folder whose score is a weighted sum of the pixels: what it looks at is known."""
    from onnx import TensorProto, helper, numpy_helper, save

    def write(weights: np.ndarray, bias: float = 0.0, *, labels=("other", "covid"), **facts: object) -> Model:
        size, classes = len(weights), len(labels)
        columns = np.zeros((size * size, classes), dtype=np.float32)
        columns[:, -1] = weights.ravel()
        offsets = np.zeros(classes, dtype=np.float32)
        offsets[-1] = bias
        graph = helper.make_graph(
            [
                helper.make_node("Flatten", ["image"], ["flat"]),
                helper.make_node("Gemm", ["flat", "weights", "bias"], ["logits"]),
            ],
            "linear",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, size, size])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", classes])],
            [numpy_helper.from_array(columns, "weights"), numpy_helper.from_array(offsets, "bias")],
        )
        folder = tmp_path / f"model-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        save(made, folder / "model.onnx")
        steps = {"intensity": "hounsfield", "modality": "CT", "window": None, "size": size, "mean": [0.0], "std": [1.0]}
        known = {"format": 1, "labels": list(labels), "positive": labels[-1], "preprocessing": steps, "synthetic": True}
        (folder / "model.json").write_text(json.dumps(known | facts), encoding="utf-8")
        return Model(folder)

    return write
