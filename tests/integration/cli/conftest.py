"""Real processes in a real project."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-c", "from assay.cli import main; main()"]

STEPS = '''
"""Components that do as they are told."""

import time
from pathlib import Path

from assay import ComponentError, Dataset, component, step


@component("input/slow", version="1.0.0")
def slow(*, seconds: float = 0.0, lines: int = 3) -> Dataset:
    """Take its time and talk.

    Args:
        seconds: How long.
        lines: What to print.
    Returns:
        dataset: A table.
    """
    for line in range(lines):
        print(f"line {line}", flush=True)
        time.sleep(seconds / lines)
        step.progress(line + 1, lines, "lines")
    step.log_metric("lines", lines)
    table = step.output("dataset", Dataset, suffix=".csv")
    table.path.write_text(f"a\\n{lines}\\n")
    return table


@component("transform/fail", version="1.0.0")
def fail(table: Dataset, *, how: str = "not") -> Dataset:
    """Fail, or not.

    Args:
        table: A table.
        how: `raise`, `component` or `not`.
    Returns:
        dataset: The same table.
    """
    if how == "component":
        raise ComponentError("column 'age' is missing", hint="name it")
    if how == "raise":
        raise ValueError("no such luck")
    copy = step.output("dataset", Dataset, suffix=".csv")
    copy.path.write_bytes(table.path.read_bytes())
    return copy


@component("transform/one", version="1.0.0")
def one(*, item: int) -> int:
    """Double a number.

    Args:
        item: A number.
    Returns:
        value: Twice that.
    """
    print("item", item)
    return 2 * item


@component("publish/tidy", version="1.0.0", cache=False)
def tidy() -> None:
    """Tidy up."""
    print("tidied")
'''

PIPELINE = """assay: 1
name: study
params:
  how: {type: str, default: not, choices: [not, raise, component]}
  seconds: {type: float, default: 0.0}
  lines: {type: int, default: 3, min: 1}
steps:
  slow: {use: ./steps.py:slow, with: {seconds: $params.seconds, lines: $params.lines}}
  each: {use: ./steps.py:one, foreach: [1, 2, 3], with: {item: $item}}
  work: {use: ./steps.py:fail, in: {table: slow.dataset}, with: {how: $params.how}}
  last: {use: ./steps.py:fail, in: {table: work.dataset}}
finally:
  tidy: {use: ./steps.py:tidy}
"""


class Project:
    """A project folder and its command line."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("ASSAY_STORE", "NO_COLOR") and not name.startswith("COV")
        }
        (folder / "steps.py").write_text(STEPS)
        (folder / "p.yaml").write_text(PIPELINE)

    def start(self, *argv, **options):
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
        return subprocess.Popen([*COMMAND, *map(str, argv)], cwd=self.folder, env=self.environment, **options)

    def start_unread(self, *argv):
        """Start with an output that nobody reads any more, and never will."""
        reader, writer = os.pipe()
        os.close(reader)
        try:
            return self.start(*argv, stdout=writer)
        finally:
            os.close(writer)

    def __call__(self, *argv, status=0):
        process = self.start(*argv)
        out, err = process.communicate(timeout=240)
        assert process.returncode == status, f"{process.returncode}\n{out}\n{err}"
        return out, err

    def json(self, *argv, status=0):
        """Return the one document on stdout, which holds nothing else."""
        out, _ = self(*argv, "--json", status=status)
        return json.loads(out)

    def lines(self, *argv, status=0):
        """Return the documents on stdout, one a line."""
        out, _ = self(*argv, "--json", status=status)
        return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def project(tmp_path: Path):
    return Project(tmp_path)


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """A project with three runs: one that failed, one that succeeded, one with another parameter. Only for looking."""
    project = Project(tmp_path_factory.mktemp("history"))
    project("run", "p.yaml", "-p", "how=raise", status=1)
    project("run", "p.yaml")
    project("run", "p.yaml", "-p", "lines=5")
    project.runs = [row["run"] for row in reversed(project.json("runs"))]
    return project
