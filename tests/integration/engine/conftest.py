"""A project in a temporary folder, and short ways to run it."""

from __future__ import annotations

import dataclasses
import textwrap
from pathlib import Path

import pytest

from assay.engine.job import Options
from assay.engine.selection import Selection
from assay.model.codec import load
from assay.model.events import StepKey
from assay.model.state import RunState
from assay.workspace import Workspace

STEPS = '''
"""Components for tests."""
import os, sys, time
from pathlib import Path
from typing import Annotated, NamedTuple
from assay import ComponentError, File, Folder, Param, component, step


@component
def make(*, text: str = "hello", fail: bool = False) -> File:
    """Write a text."""
    print("making", text)
    if fail:
        raise ValueError("asked to fail")
    out = step.output("file", File, suffix=".txt")
    out.path.write_text(text)
    return out


@component
def upper(file: File) -> File:
    """Write it in capitals."""
    out = step.output("file", File, suffix=".txt")
    out.path.write_text(file.path.read_text().upper())
    return out


@component
def join(files: list[File]) -> File:
    """Join texts."""
    out = step.output("file", File, suffix=".txt")
    out.path.write_text("+".join(f.path.read_text() for f in files))
    return out


class Facts(NamedTuple):
    count: int
    names: list[str]


@component
def facts(*, n: int = 3) -> Facts:
    """Say how many."""
    return Facts(n, [f"n{i}" for i in range(n)])


@component
def split(*, n: int = 3) -> Folder:
    """Write files."""
    out = step.output("folder", Folder)
    for i in range(n):
        (out / f"{i}.txt").write_text(f"part {i}")
    return out


@component(cache=False)
def note(*, file: Path | None = None, to: str, text: str = "x", seconds: float = 0.0, fail_until: int = 0) -> None:
    """Append a line to a file outside: a side effect that counts executions."""
    with open(to, "a") as out:
        out.write(text + "\\n")
    time.sleep(seconds)
    if len(open(to).readlines()) < fail_until:
        raise RuntimeError("not yet")


@component
def slow(*, seconds: float = 600.0, ignore: bool = False, marker: str = "") -> None:
    """Take long."""
    if marker:
        Path(marker).write_text("started")
    if ignore:
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for i in range(int(seconds * 20)):
        time.sleep(0.05)
        step.progress(i, seconds * 20)


@component
def measure(file: File | None = None, *, value: float = 0.5) -> File:
    """Log figures."""
    step.log_metric("auroc", value)
    for epoch in range(3):
        step.log_metric("loss", 1.0 / (epoch + 1), index=epoch)
    out = step.output("file", File, suffix=".json")
    out.path.write_text(str(value))
    return out


@component
def secretive(*, token: Annotated[str, Param(secret=True)]) -> None:
    """Print what must not be seen."""
    print("token", token, os.environ["OTHER"])
'''


@dataclasses.dataclass
class Ran:
    """One run: its outcome, its state, and what was written."""

    id: str
    outcome: str
    state: RunState
    workspace: Workspace
    events: list

    def status(self, name, item=None):
        return str(self.state.steps[StepKey(name, item)].status)

    def statuses(self):
        return {str(key): str(step.status) for key, step in self.state.steps.items()}

    def text(self, name, port="file"):
        return self.workspace.store.objects.path(self.state.steps[StepKey(name)].outputs[port]).read_text()

    def value(self, name, port="value"):
        return self.state.steps[StepKey(name)].outputs[port].json

    def log(self, name, item=None):
        key = StepKey(name, item)
        return self.workspace.store.log_file(self.id, key, self.state.steps[key].attempt).read_text()


class Project:
    """A folder with ``steps.py`` and a store."""

    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "steps.py").write_text(STEPS)
        (folder / ".assay").mkdir()
        self.workspace = Workspace.open(folder)

    def checked(self, steps: str, head: str = ""):
        text = (
            f"assay: 1\nname: test\n{textwrap.dedent(head).strip()}\nsteps:\n"
            + textwrap.indent(textwrap.dedent(steps).strip("\n"), "  ")
            + "\n"
        )
        (self.folder / "test.yaml").write_text(text)
        return self.workspace.check(load(text, str(self.folder / "test.yaml")))

    def run(self, steps: str, head: str = "", params=None, select=None, observe=None, **options):
        checked = self.checked(steps, head)
        events = []

        def note(event):
            events.append(event)
            if observe:
                observe(event)

        result = self.workspace.run(
            checked, params or {}, Selection(**(select or {})), Options(**options), observe=note
        )
        return self._ran(result, events)

    def resume(self, run, **options):
        events = []
        result = self.workspace.resume(run, observe=events.append, **options)
        return self._ran(result, events)

    def plan(self, steps: str, head: str = "", params=None, **select):
        return self.workspace.plan(self.checked(steps, head), params or {}, Selection(**select))

    def _ran(self, result, events):
        return Ran(result.run, str(result.outcome), self.workspace.state(result.run), self.workspace, events)


@pytest.fixture(scope="session")
def project_in():
    """Return what makes a project in a folder, for tests of a module that share one."""
    return Project


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)
