"""Testing component files: their own tests by pytest, and the contract for each component in them."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from assay.authoring import read_functions
from assay.cli.component.contract import Verdict, hold_to_contract
from assay.cli.component.shapes import component_test_json
from assay.cli.component.sources import ComponentFile
from assay.cli.terminal import Cell, complain, note, say, say_cells
from assay.errors import MissingDependency
from assay.model.artifacts import Json
from assay.views.words import counted

_NOTHING_COLLECTED = 5
_COUNTS = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)")


@dataclass(frozen=True, slots=True)
class Tests:
    """A file of tests and how pytest ended on it."""

    file: Path
    status: int
    counts: dict[str, int]
    output: str

    @property
    def ok(self) -> bool:
        """Whether all passed, and there were any."""
        return self.status == 0


@dataclass(frozen=True, slots=True)
class Tested:
    """One component file after its tests."""

    file: Path
    contract: dict[str, list[Verdict]]
    tests: Tests | None

    @property
    def ok(self) -> bool:
        """Whether nothing failed; a file without tests of its own is held to the contract alone."""
        kept = all(verdict.ok for verdicts in self.contract.values() for verdict in verdicts)
        return kept and (self.tests is None or self.tests.ok)

    def json(self) -> dict[str, Json]:
        """Return what ``--json`` writes of it."""
        return component_test_json(self)


def try_file(file: ComponentFile) -> Tested:
    """Hold every component of ``file`` to the contract, and run the tests beside it.


    Raises:
        InvalidDocument: The source cannot be read as components.
        MissingDependency: There are tests, and pytest is not installed.
    """
    specs = read_functions(file.path, file.module)
    tests = find_tests(file.path)
    if tests is not None and importlib.util.find_spec("pytest") is None:
        raise MissingDependency("pytest is not installed", culprit="pytest", hint="type: pip install pytest")
    contract = {str(spec.name): hold_to_contract(spec) for spec in specs}
    return Tested(file.path, contract, _run_tests(file.path, tests) if tests is not None else None)


def find_tests(file: Path) -> Path | None:
    """Return ``test_<file>.py`` beside ``file``, or in ``tests/`` beside it or above it."""
    name = f"test_{file.name}"
    places = (file.parent / name, file.parent / "tests" / name, file.absolute().parent.parent / "tests" / name)
    return next((place for place in places if place.is_file()), None)


def say_tested(tested: Tested) -> None:
    """Say what holds and what does not."""
    for name, verdicts in tested.contract.items():
        say(name, "bold")
        for verdict in verdicts:
            _say_verdict(verdict)
    tests = tested.tests
    if tests is None:
        note(f"{tested.file} has no test of its own: write test_{tested.file.name} beside it", "yellow")
    elif not tests.ok:
        complain(tests.output.rstrip())
    if tests is not None:
        counts = ", ".join(f"{count} {word}" for word, count in tests.counts.items()) or "no test found"
        mark, style = ("✔", "green") if tests.ok else ("✘", "bold red")
        say_cells(Cell(f"{mark} {tests.file}", style), Cell(f"  {counts}"))
    broken = sum(not verdict.ok for verdicts in tested.contract.values() for verdict in verdicts)
    if broken:
        say(f"✘ {tested.file}: {counted(broken, 'part')} of the contract not kept", "bold red")


def _say_verdict(verdict: Verdict) -> None:
    if verdict.ok:
        say_cells(Cell("  ✔ ", "green"), Cell(verdict.check))
        return
    say_cells(Cell("  ✘ ", "bold red"), Cell(verdict.check))
    for problem in verdict.problems:
        for line in problem.splitlines():
            say(f"      {line}")
    if verdict.hint:
        say(f"      hint: {verdict.hint}")


def _run_tests(file: Path, tests: Path) -> Tests:
    folder = str(file.absolute().parent)
    path = os.pathsep.join([folder, *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no", str(tests)]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False, errors="replace"
    )
    counts = {word: int(number) for number, word in _COUNTS.findall(done.stdout.rpartition("\n=")[2])}
    if done.returncode == _NOTHING_COLLECTED:
        counts = {}
    return Tests(tests, done.returncode, counts, (done.stdout + done.stderr))
