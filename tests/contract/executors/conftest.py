"""One suite for every executor: a new one joins by a line in ``MODES``."""

from __future__ import annotations

import importlib.util
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assay.engine.executor import Executor
from assay.engine.executors.container import ContainerExecutor, Images
from assay.engine.executors.environment import EnvironmentExecutor
from assay.engine.executors.process import ProcessExecutor
from assay.model.component import Isolation

_FILE = Path(__file__).with_name("workbench.py")
_SPEC = importlib.util.spec_from_file_location("executor_workbench", _FILE)
assert _SPEC is not None
assert _SPEC.loader is not None
workbench: Any = sys.modules.setdefault("executor_workbench", importlib.util.module_from_spec(_SPEC))
if not hasattr(workbench, "Workbench"):
    _SPEC.loader.exec_module(workbench)

MODES = {
    "fork": Isolation.FORK,
    "spawn": Isolation.SPAWN,
    "environment": Isolation.FORK,
    "container": Isolation.FORK,
}
IMAGE = "python:3.11-slim"
REQUIREMENTS = ("numpy",)
"""Of an environment of its own: what the tests import."""


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of environments that all tests share."""
    return tmp_path_factory.mktemp("environments")


@pytest.fixture
def mark() -> str:
    """A name for one run that no other test has."""
    return f"test-{uuid.uuid4().hex}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Hold every executor to a test, but containers not to one that looks at processes of this machine (marker ``host``)."""
    if "bench" in metafunc.fixturenames:
        on_host = metafunc.definition.get_closest_marker("host") is not None
        modes = [mode for mode in MODES if not (on_host and mode == "container")]
        marked = [pytest.param(mode, marks=[pytest.mark.container] * (mode == "container")) for mode in modes]
        metafunc.parametrize("bench", marked, indirect=True)


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path, mark: str, environments: Path) -> Iterator[Any]:
    """A store and each executor in turn; afterwards none of its processes may be left."""
    executor: Executor = ProcessExecutor(mark)
    fields = {}
    if request.param == "environment":
        executor = EnvironmentExecutor(ProcessExecutor(mark), mark, environments)
        fields = {"requirements": REQUIREMENTS}
    if request.param == "container":
        executor, fields = ContainerExecutor(mark, Images()), {"image": IMAGE}
        tmp_path.chmod(0o755)  # the container's user is not root
    made = workbench.Workbench(tmp_path, executor, MODES[request.param], fields)
    made.workbench = workbench
    yield made
    executor.close()
    assert workbench.gone(mark)
