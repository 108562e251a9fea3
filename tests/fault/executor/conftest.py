"""The same workbench as the contract suite, for the process executor."""

from __future__ import annotations

import importlib.util
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assay.engine.executors.process import ProcessExecutor
from assay.model.component import Isolation

_FILE = Path(__file__).parents[2] / "contract" / "executors" / "workbench.py"
_SPEC = importlib.util.spec_from_file_location("executor_workbench", _FILE)
assert _SPEC is not None
assert _SPEC.loader is not None
_module: Any = sys.modules.setdefault("executor_workbench", importlib.util.module_from_spec(_SPEC))
if not hasattr(_module, "Workbench"):
    _SPEC.loader.exec_module(_module)

MODES = {
    "fork": (ProcessExecutor, Isolation.FORK),
    "spawn": (ProcessExecutor, Isolation.SPAWN),
}


@pytest.fixture
def mark() -> str:
    """A name for one run that no other test has."""
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture(params=MODES)
def bench(request: pytest.FixtureRequest, tmp_path: Path, mark: str) -> Iterator[Any]:
    """A store and each executor in turn; afterwards none of its processes may be left."""
    kind, isolation = MODES[request.param]
    executor = kind(mark)
    made = _module.Workbench(tmp_path, executor, isolation)
    made.workbench = _module
    yield made
    executor.close()
    assert _module.gone(mark)


@pytest.fixture
def workbench() -> Any:
    """The module with the looks at ``/proc``."""
    return _module
