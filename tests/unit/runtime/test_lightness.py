"""What a step's process loads: every millisecond here is paid by every step that is not forked."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = (
    "inspect",
    "dataclasses",
    "typing",
    "typing_extensions",
    "asyncio",
    "subprocess",
    "shutil",
    "tempfile",
    "importlib.metadata",
)


def loaded(statement: str) -> set[str]:
    code = f"import sys; before = set(sys.modules); {statement}; import json; print(json.dumps(sorted(set(sys.modules) - before)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_execute_loads_nothing_heavy():
    modules = loaded("import assay.runtime.execute")
    assert not modules & set(HEAVY)
    assert not {name for name in modules if name.startswith("assay.") and not name.startswith("assay.runtime")}
    assert len(modules) < 70


def test_the_facade_loads_nothing_until_asked():
    assert {name for name in loaded("import assay") if name.startswith("assay")} == {"assay"}


def test_what_a_component_imports_is_light():
    assert not loaded("from assay import ComponentError, Images, Param, component, step") & set(HEAVY)


def test_what_runs_a_component_in_a_fresh_interpreter_is_light():
    assert not loaded("import assay.engine.executors.forkserver.component") & {*HEAVY, "contextlib", "socket"}
