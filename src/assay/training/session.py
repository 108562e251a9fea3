"""Open an ONNX file in ONNX Runtime, on the CPU, within a number of threads. PyTorch is never imported here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assay.errors import ComponentError


def open_session(path: Path, threads: int) -> Any:
    """Return an ``onnxruntime.InferenceSession``.

    Raises:
        ComponentError: The file is missing or is no model that ONNX Runtime can run.
    """
    import onnxruntime  # heavy; reading facts of a model does not need it

    if not path.exists():
        raise ComponentError(f"the model folder has no {path.name}", culprit=str(path))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no other base
        raise ComponentError(f"{path.name} cannot be loaded: {error}", culprit=str(path)) from error
