"""What a deployed ONNX network sees before its last layer: features, asked of ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import ComponentError

_FILE = "model.onnx"
_LAST = frozenset({"Gemm", "MatMul"})
_BATCH = 64


class FeatureReader:
    """Logits and, where the network ends in a linear layer, the features that enter it.

    Raises:
        ComponentError: ``model.onnx`` cannot be read.
    """

    def __init__(self, folder: Path, mean: float, std: float, *, threads: int = 1) -> None:
        import onnx  # an optional package; only readers of features need it
        import onnxruntime

        try:
            model = onnx.load(folder / _FILE)
        except Exception as error:  # protobuf's errors share no base with onnx's
            raise ComponentError(f"{_FILE} cannot be read: {error}", culprit=_FILE) from error
        weights = {tensor.name for tensor in model.graph.initializer}
        last = next((node for node in reversed(model.graph.node) if node.op_type in _LAST), None)
        self.layer = "" if last is None else next((name for name in last.input if name not in weights), "")
        if self.layer and self.layer not in {output.name for output in model.graph.output}:
            model.graph.output.append(onnx.helper.make_empty_tensor_value_info(self.layer))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        self._session: Any = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        self._mean, self._std = np.float32(mean), np.float32(std)

    def read(self, pixels: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Return logits N x K and features N x F (``None`` without a last linear layer) of pixels N x 1 x H x W in 0..1."""
        wanted = ["logits", *([self.layer] if self.layer else [])]
        parts = [
            self._session.run(wanted, {"image": (pixels[at : at + _BATCH] - self._mean) / self._std})
            for at in range(0, len(pixels), _BATCH)
        ]
        logits = np.concatenate([part[0] for part in parts]).astype(np.float64)
        if not self.layer:
            return logits, None
        features = np.concatenate([part[1] for part in parts]).astype(np.float64)
        return logits, features.reshape(len(features), -1)
