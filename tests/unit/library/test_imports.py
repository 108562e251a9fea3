"""Components that ask a model by ONNX Runtime import only what they use; what that takes is measured by ``benchmarks/trust/explain.py --lime``."""

from __future__ import annotations

import subprocess
import sys

import pytest
from model_workshop import ONNX_ONLY


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=300).stdout


@pytest.mark.parametrize("component", ONNX_ONLY)
def test_nothing_is_imported_that_the_step_does_not_use(component: str) -> None:
    code = (
        "import sys; before = {name.partition('.')[0] for name in sys.modules}\n"
        f"import assay.library.{component}\n"
        "after = {name.partition('.')[0] for name in sys.modules} - before - set(sys.stdlib_module_names)\n"
        "print(*sorted(after - {'assay'}))"
    )
    assert set(run(code).split()) <= {"numpy"}


@pytest.mark.parametrize("component", ONNX_ONLY)
def test_what_python_brings_along_and_the_step_does_not_use_stays_out(component: str) -> None:
    code = f"import sys, numpy, onnxruntime; import assay.library.{component}; print(*sys.modules)"
    slow = {"importlib.metadata", "email.message", "concurrent.futures", "logging", "asyncio", "subprocess"}
    assert not slow & set(run(code).split())
