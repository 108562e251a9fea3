"""What a classifier sees in pictures: the features that its last layer reads, from the ONNX file alone."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assay.training.new_head import features_read
from assay.training.predictor import ModelFacts
from assay.training.session import open_session

_BATCH = 64


class Embedder:
    """A Model folder, ready to say what it sees.

    Raises:
        ComponentError: The file is missing or damaged.
        NoFeatures: It does not end in a linear layer.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        import onnx  # only who cuts a model open needs it

        self.facts = ModelFacts.read(folder / "model.json")
        path = folder / "model.onnx"
        open_session(path, threads)  # a missing or damaged file is named as everywhere else
        proto = onnx.load(path)
        self._features = features_read(proto)
        proto.graph.output.append(onnx.helper.make_empty_tensor_value_info(self._features))
        with tempfile.TemporaryDirectory() as scratch:
            cut = Path(scratch) / "features.onnx"
            onnx.save(proto, cut)
            self._session = open_session(cut, threads)

    def features(self, pixels: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the features of pictures, shape (pictures, features).

        Args:
            pixels: Shape (pictures, 1, size, size), 0..1.
        """
        parts = []
        for start in range(0, len(pixels), _BATCH):
            batch = (pixels[start : start + _BATCH] - np.float32(self.facts.mean)) / np.float32(self.facts.std)
            made = self._session.run([self._features], {"image": batch})[0]
            parts.append(made.reshape(len(batch), -1).astype(np.float64))
        return np.concatenate(parts) if parts else np.empty((0, 0))
