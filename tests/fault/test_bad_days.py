"""What goes wrong on a bad day, through the real command: full disk, read-only store, killed and misbehaving steps."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assay.model.events import StepKey
from assay.workspace import Workspace

ASSAY = Path(sys.executable).with_name("assay")
pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]

STEPS = '''
import os, signal, subprocess, sys, time
from pathlib import Path
from assay import File, component, step


@component
def write(*, megabytes: float = 0.01, turn: int = 0) -> File:
    """Write a file."""
    out = step.output("file", File, suffix=".bin")
    out.path.write_bytes(os.urandom(int(megabytes * 2**20)))
    return out


@component
def wait(*, marker: str, seconds: float = 600.0) -> None:
    """Say which process it is, and wait."""
    Path(marker).write_text(str(os.getpid()))
    time.sleep(seconds)


@component
def leave(*, status: int = 3) -> None:
    """End without a word."""
    os._exit(status)


@component
def shout(*, megabytes: int = 100) -> None:
    """Print a lot."""
    line = "x" * 1023 + "\\n"
    for _ in range(megabytes * 1024):
        sys.stdout.write(line)


@component
def eat(*, megabytes: int = 600) -> None:
    """Need memory."""
    held = []
    for _ in range(megabytes // 10):
        held.append(bytearray(os.urandom(1) * (10 * 2**20)))
        time.sleep(0.002)
    time.sleep(600)


@component
def deaf(*, marker: str) -> None:
    """Ignore SIGTERM, and have children that do."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen(["sh", "-c", "trap '' TERM; sleep 600; sleep 600"], start_new_session=True)
    Path(marker).write_text(str(os.getpid()))
    while True:
        time.sleep(1)
'''


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "steps.py").write_text(STEPS)
        (folder / ".assay").mkdir()

    def write(self, steps: str) -> None:
        (self.folder / "p.yaml").write_text(f"assay: 1\nname: p\nsteps:\n{steps}\n")

    def assay(self, *command: str, **more) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ASSAY, *command], cwd=self.folder, capture_output=True, text=True, timeout=300, check=False, **more
        )

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / "out").open("ab") as log:
            return subprocess.Popen([ASSAY, *command], cwd=self.folder, stdout=log, stderr=log)

    def failure(self, step: str):
        workspace = Workspace.open(self.folder)
        run = workspace.store.runs.run("last").id
        return workspace.state(run).steps[StepKey(step)].failure

    def pid(self, marker: str) -> int:
        path = self.folder / marker
        until = time.monotonic() + 90
        while not path.exists() or not path.read_text():
            assert time.monotonic() < until
            time.sleep(0.005)
        return int(path.read_text())


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@contextlib.contextmanager
def small_disk(store: Path, megabytes: int):
    """A store on a file system that is soon full: a small tmpfs, or (without the right to mount) a limit on file size."""
    if os.geteuid() == 0:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", store], check=True)
        try:
            yield {}
        finally:
            subprocess.run(["umount", "-l", store], check=True)
    else:
        limit = megabytes * 2**20
        yield {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))}


def test_a_full_disk_is_said_and_costs_nothing_that_was_finished(project):
    with small_disk(project.folder / ".assay", 8) as more:
        project.write(
            "  ok: {use: './steps.py:write'}\n  big: {use: './steps.py:write', with: {megabytes: 30}, after: [ok]}"
        )
        result = project.assay("run", "p.yaml", **more)
        assert result.returncode == 1, result.stderr
        assert "/assay/" not in (result.stderr + result.stdout).replace(str(project.folder), "")
        failure = project.failure("big")
        assert "space" in failure.message or "too large" in failure.message.lower()
        project.write(
            "  ok: {use: './steps.py:write'}\n  big: {use: './steps.py:write', with: {megabytes: 0.5}, after: [ok]}"
        )
        again = json.loads(project.assay("run", "p.yaml", "--json", **more).stdout.splitlines()[-1])
        assert again["outcome"] == "succeeded"
        assert project.assay("show", "last", **more).returncode == 0


@contextlib.contextmanager
def read_only(store: Path):
    """Make a folder read-only, also for root."""
    if os.geteuid() == 0:
        subprocess.run(["mount", "--bind", store, store], check=True)
        subprocess.run(["mount", "-o", "remount,ro,bind", store], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", "-l", store], check=True)
    else:
        folders = [store, *(path for path in store.rglob("*") if path.is_dir())]
        modes = {folder: folder.stat().st_mode for folder in folders}
        for folder in folders:
            folder.chmod(0o555)
        try:
            yield
        finally:
            for folder, mode in modes.items():
                folder.chmod(mode)


def test_a_read_only_store_is_one_sentence(project):
    project.write("  ok: {use: './steps.py:write'}")
    with read_only(project.folder / ".assay"):
        result = project.assay("run", "p.yaml")
    assert result.returncode == 4
    assert "Traceback" not in result.stderr
    assert "read-only" in result.stderr.lower() or "permission" in result.stderr.lower()
    assert project.assay("run", "p.yaml").returncode == 0


def test_a_step_killed_from_outside_is_reported(project):
    project.write(
        f"  w: {{use: './steps.py:wait', with: {{marker: '{project.folder}/pid'}}}}\n  ok: {{use: './steps.py:write'}}"
    )
    engine = project.start("run", "p.yaml")
    pid = project.pid("pid")
    os.kill(pid, signal.SIGKILL)
    assert engine.wait(120) == 1
    failure = project.failure("w")
    assert failure.code == "killed"
    assert "memory" in failure.message + failure.hint


def test_a_step_that_leaves_without_a_word(project):
    project.write("  l: {use: './steps.py:leave'}\n  z: {use: './steps.py:leave', with: {status: 0}}")
    assert project.assay("run", "p.yaml").returncode == 1
    assert project.failure("l").code == "exit-status"
    assert "3" in project.failure("l").message
    assert project.failure("z").code == "exit-status"


def test_a_hundred_megabytes_of_output_are_kept_and_do_not_cost_the_engine_memory(project):
    project.write("  s: {use: './steps.py:shout'}")
    code = "import resource, subprocess, sys; status = subprocess.call(sys.argv[1:]); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(status)"
    result = subprocess.run(
        [sys.executable, "-c", code, ASSAY, "run", "p.yaml"],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 0
    assert int(result.stdout.splitlines()[-1]) < 150_000
    log = next((project.folder / ".assay" / "logs").rglob("s.1.log"))
    assert log.stat().st_size == 100 * 2**20


def test_a_step_that_needs_more_than_it_may_have_is_ended_with_the_reason(project):
    project.write(
        "  e: {use: './steps.py:eat', resources: {memory: 200Mi}}\n  ok: {use: './steps.py:write', after: [e]}"
    )
    assert project.assay("run", "p.yaml").returncode == 1
    failure = project.failure("e")
    assert failure.code == "out-of-memory"
    assert "200Mi" in failure.message


def test_cancel_from_another_terminal_ends_even_a_deaf_step_and_its_children(project):
    project.write(f"  d: {{use: './steps.py:deaf', with: {{marker: '{project.folder}/pid'}}}}")
    engine = project.start("run", "p.yaml")
    pid = project.pid("pid")
    assert project.assay("cancel", "last").returncode == 0
    assert engine.wait(120) != 0
    assert not Path(f"/proc/{pid}").exists()
    shown = json.loads(project.assay("show", "last", "--json").stdout)
    assert shown["status"] == "cancelled"
    mark = f"ASSAY_ORPHAN_MARK={project.folder}/.assay:".encode()
    assert not [p for p in Path("/proc").glob("[0-9]*/environ") if mark in _read(p)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_two_commands_share_a_store_at_once(project):
    project.write("  a: {use: './steps.py:write', foreach: [1, 2, 3, 4, 5, 6], with: {turn: $item}}")
    engines = [project.start("run", "p.yaml") for _ in range(3)]
    assert [engine.wait(120) for engine in engines] == [0, 0, 0]
    runs = json.loads(project.assay("runs", "--json").stdout)
    rows = runs["runs"] if isinstance(runs, dict) else runs
    assert [row["status"] for row in rows] == ["succeeded"] * 3
