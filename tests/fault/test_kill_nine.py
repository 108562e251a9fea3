"""SIGKILL at random moments: nothing is lost, redone or half-visible, no flag is needed afterwards, and no process is left."""

from __future__ import annotations

import collections
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assay.engine.executors.process.orphans import marks
from assay.engine.world import artifacts_of
from assay.model.events import RunStarted, StepFinished, StepReused
from assay.store import Store
from assay.store.hashing import hash_file

ASSAY = Path(sys.executable).with_name("assay")

STEPS = '''
import os, subprocess, time
from pathlib import Path
from assay import File, Folder, component, step


def journal(to: str, line: str) -> None:
    descriptor = os.open(to, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, (line + "\\n").encode())
    os.close(descriptor)


@component
def work(before: list[File] | None = None, *, name: str, turn: int, to: str, seconds: float = 0.05) -> File:
    """Say when it starts and ends, and leave a child and a file behind."""
    journal(to, f"start {name}#{turn}")
    subprocess.Popen(["sleep", "600"], start_new_session=True)
    out = step.output("file", File, suffix=".bin")
    with out.path.open("wb") as file:
        for part in range(8):
            file.write(f"{name}{turn}".encode() * 2000)
            time.sleep(seconds / 8)
    journal(to, f"end {name}#{turn}")
    return out


@component
def shards(*, turn: int, to: str) -> Folder:
    """Write a folder."""
    journal(to, f"start shards#{turn}")
    out = step.output("folder", Folder)
    for number in range(30):
        (out / f"{number}.txt").write_text(f"{number}{turn}" * 1000)
        time.sleep(0.002)
    return out
'''

PIPELINE = """
assay: 1
name: killed
params: {to: {type: str}, turn: {type: int}}
steps:
  first: {use: ./steps.py:work, with: {name: first, turn: $params.turn, to: $params.to}}
  shards: {use: ./steps.py:shards, with: {turn: $params.turn, to: $params.to}}
  map:
    use: ./steps.py:work
    foreach: [m0, m1, m2, m3, m4, m5, m6, m7]
    with: {name: $item, turn: $params.turn, to: $params.to}
    in: {before: first.file}
  each:
    use: ./steps.py:work
    foreach: {files: shards.folder, pattern: "[0-4].txt"}
    with: {name: $item.name, turn: $params.turn, to: $params.to, seconds: 0.02}
    in: {before: $item}
  third: {use: ./steps.py:work, with: {name: third, turn: $params.turn, to: $params.to}, in: {before: map.file}}
  last: {use: ./steps.py:work, with: {name: last, turn: $params.turn, to: $params.to}, in: {before: [third.file, each.file]}}
"""


class Victim:
    """A project whose engine is killed again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "steps.py").write_text(STEPS)
        (folder / "p.yaml").write_text(PIPELINE)
        (folder / ".assay").mkdir()
        self.journal = folder / "journal"
        self.store = Store.open(folder / ".assay")
        self.turn = 0

    def starts(self) -> collections.Counter[str]:
        lines = self.journal.read_text().splitlines() if self.journal.exists() else []
        return collections.Counter(line.split()[1] for line in lines if line.startswith("start"))

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / "out").open("ab") as log:
            return subprocess.Popen([ASSAY, *command], cwd=self.folder, stdout=log, stderr=log, start_new_session=True)

    def run(self) -> subprocess.Popen[bytes]:
        return self.start("run", "p.yaml", "-p", f"to={self.journal}", "-p", f"turn={self.turn}")

    def finished(self) -> set[str]:
        """Return the work that the record says is done, as the journal calls it."""
        names = {("map", i): f"m{i}" for i in range(8)} | {("each", i): f"{i}.txt" for i in range(5)}
        done = set()
        for row in self.store.runs.runs(limit=1000):
            turn = 0
            for logged in self.store.runs.events(row.id):
                if isinstance(logged.event, RunStarted):
                    turn = logged.event.params["turn"]
                elif isinstance(logged.event, StepFinished | StepReused):
                    key = logged.event.key
                    done.add(f"{names.get((key.step, key.item), key.step)}#{turn}")
        return done

    def check_nothing_half_visible(self) -> None:
        """Every object is what its name says, and every output that the record names is there in full."""
        for path in (self.store.root / "objects").rglob("*"):
            if path.is_file():
                assert hash_file(str(path)) == path.name[:64]
        for row in self.store.runs.runs(limit=1000):
            for logged in self.store.runs.events(row.id):
                if isinstance(logged.event, StepFinished):
                    assert all(self.store.objects.verify(artifact) for artifact in artifacts_of(logged.event.outputs))

    def processes(self) -> list[int]:
        """Return every process that carries a mark of this store."""
        root = str(self.store.root)
        found = []
        for name in os.listdir("/proc"):
            if name.isdecimal():
                try:
                    environment = Path(f"/proc/{name}/environ").read_bytes()
                except OSError:
                    continue
                if f"ASSAY_ORPHAN_MARK={root}:".encode() in environment:
                    found.append(int(name))
        return found

    def wait_until_alone(self) -> None:
        until = time.monotonic() + 90
        while self.processes():
            assert time.monotonic() < until, "processes are left behind"
            time.sleep(0.01)


def kill_somewhere(victim: Victim, engine: subprocess.Popen[bytes], chance: random.Random) -> str:
    """Kill the engine, one of its processes, or all of them at once; return what it was."""
    what = chance.choice(["engine", "engine", "all", "process"])
    if what == "process":
        found = victim.processes()
        if found:
            try:
                os.kill(chance.choice(found), signal.SIGKILL)
            except ProcessLookupError:
                what = "nobody"
        time.sleep(chance.random() * 0.2)
        engine.kill()
    elif what == "all":
        for pid in [engine.pid, *victim.processes()]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
    else:
        engine.kill()
    engine.wait()
    return what


@pytest.mark.fault
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("how", ["new run", "resume"])
def test_killed_at_random_moments_thirty_times(tmp_path, how):
    victim = Victim(tmp_path)
    chance = random.Random(f"seed {how}")
    kills = 0
    for _ in range(200):
        if kills == 30:
            break
        before, done = victim.starts(), victim.finished()
        rows = victim.store.runs.runs(limit=1)
        again = how == "resume" and rows and str(rows[0].status) == "interrupted"
        engine = victim.start("resume") if again else victim.run()
        time.sleep(0.25 + chance.random() * 0.6)
        if engine.poll() is None:
            kill_somewhere(victim, engine, chance)
            kills += 1
        else:
            assert engine.returncode == 0, (victim.folder / "out").read_text()[-2000:]
        after = victim.starts()
        redone = {name for name in done if after[name] > before[name]}
        assert not redone, f"finished work was done again: {redone}"
        if not victim.store.runs.runs(limit=1):
            continue
        if str(victim.store.runs.runs(limit=1)[0].status) == "succeeded":
            victim.check_nothing_half_visible()
            victim.turn += 1
    assert kills == 30
    victim.check_nothing_half_visible()
    engine = victim.run()
    assert engine.wait(240) == 0
    victim.wait_until_alone()
    row = victim.store.runs.runs(limit=1)[0]
    assert str(row.status) == "succeeded"
    recorded = {
        (logged.event.key.step, logged.event.key.item)
        for logged in victim.store.runs.events(row.id)
        if isinstance(logged.event, StepFinished | StepReused)
    }
    assert len(recorded) == 4 + 8 + 5
    assert not [mark for mark in marks() if mark.startswith(f"{victim.store.root}:")]


@pytest.mark.fault
@pytest.mark.timeout(300)
def test_a_dead_engine_leaves_no_process(tmp_path):
    victim = Victim(tmp_path)
    engine = victim.run()
    until = time.monotonic() + 90
    while len(victim.processes()) < 3:
        assert time.monotonic() < until
        time.sleep(0.01)
    engine.kill()
    engine.wait()
    victim.wait_until_alone()
