"""Toy images: a bright square is the disease, a second or two is enough to learn it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from model_workshop import write_linear_model

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
    """Return a function that writes a Model folder whose score is a weighted sum of the pixels."""

    def write(weights: np.ndarray, bias: float = 0.0, **facts: object) -> Model:
        return Model(write_linear_model(tmp_path / f"model-{len(list(tmp_path.iterdir()))}", weights, bias, **facts))

    return write
