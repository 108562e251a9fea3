"""A project with a small pipeline, and the real application in front of it."""

import textwrap

import pytest
from starlette.testclient import TestClient

from assay.server.app import make_app
from assay.server.settings import Settings
from assay.store import Store
from assay.workspace import Workspace

PIPELINE = """\
assay: 1
name: toy   # the name
params:
  size: {type: int, default: 3, min: 1}
steps:
  make: {use: ./steps.py:make, with: {size: $params.size}}
  page: {use: ./steps.py:page, in: {table: make.table}}
  slow: {use: ./steps.py:slow, with: {seconds: 0.01}}
"""

STEPS = '''
import time
from pathlib import Path
from typing import NamedTuple

from assay import Dataset, Folder, Report, component, step


class Made(NamedTuple):
    table: Dataset
    files: Folder
    count: int


@component("input/make", version="1.0.0")
def make(*, size: int = 3) -> Made:
    """Make a table."""
    table, files = step.output("table", Dataset), step.output("files", Folder)
    table.path.write_text("id,age,note\\n" + "".join(f"p{n},{40 + n},\\n" for n in range(size)))
    (files / "a.txt").write_text("hello")
    print("made", size, "öäü")
    return Made(table, files, size)


@component("evaluate/page", version="1.0.0")
def page(table: Dataset) -> Report:
    """Write a hostile page."""
    report = step.output("report", Report)
    report.path.write_text("<script>fetch('/api/files')</script>" + table.path.read_text())
    return report


@component("transform/slow", version="1.0.0", cache=False)
def slow(*, seconds: float = 0.01, until: str = "") -> Folder:
    """Take its time, and wait for a file."""
    folder = step.output("folder", Folder)
    while until and not Path(until).exists():
        time.sleep(0.05)
    for n in range(int(seconds * 100)):
        time.sleep(0.01)
        step.progress(n, seconds * 100)
    (folder / "x").write_text("x")
    return folder
'''


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    (root / "toy.pipeline.yaml").write_text(PIPELINE)
    (root / "steps.py").write_text(textwrap.dedent(STEPS))
    return root


@pytest.fixture
def settings(project):
    return Settings(project, 80, ahead=False)


@pytest.fixture
def client(project, settings):
    workspace = Workspace(project, Store.open(project / ".assay"))
    headers = {"authorization": f"Bearer {settings.token}"}
    with TestClient(make_app(workspace, settings), base_url="http://127.0.0.1:80", headers=headers) as client:
        client.headers["host"] = "127.0.0.1:80"
        yield client
    workspace.store.close()
