"""Looking at processes through ``/proc``."""

from __future__ import annotations

import fcntl
import itertools
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assay.engine.executors.forkserver import linux, memory
from assay.engine.executors.process import orphans
from assay.engine.executors.process.orphans import MARK, end_orphans, marked

MADVISED = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def _wait(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture
def family() -> Iterator[subprocess.Popen[bytes]]:
    code = "import os, time; os.fork(); os.fork(); held = b'x' * (20 << 20); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code], start_new_session=True) as process:
        _wait(lambda: memory.usage(process.pid, limit=1) > 80 << 20)
        yield process
        linux.signal_group(process.pid, 9)


def test_children_both_ways(family: subprocess.Popen[bytes]) -> None:
    assert family.pid in linux.children(os.getpid())
    assert len(linux.descendants(family.pid)) == 4
    assert sorted(linux._children_by_scan(family.pid)) == sorted(linux.children(family.pid))
    assert linux.children(2**22 + 1) == []


def test_signals_to_nobody_are_harmless() -> None:
    linux.signal_group(2**22 + 1, 9)
    linux.signal_process(2**22 + 1, 9)


def test_usage_is_of_the_whole_family(family: subprocess.Popen[bytes]) -> None:
    assert 80 << 20 < memory.usage(family.pid, limit=1 << 30) < 200 << 20
    proportional = memory.usage(family.pid, limit=1)
    assert 80 << 20 < proportional < memory.usage(family.pid, limit=1 << 30)
    assert memory.usage(2**22 + 1, limit=1) == 0


def test_end_orphans_ends_its_own_mark_only() -> None:
    mark, other = uuid.uuid4().hex, uuid.uuid4().hex
    sleep = "import os, time; os.fork() or os.setsid(); time.sleep(600)"
    started = [
        subprocess.Popen([sys.executable, "-c", sleep], env={**os.environ, MARK: value})
        for value in (mark, f"{mark}#3", f"{mark}1", other)
    ]
    _wait(lambda: [len(marked(value)) for value in (mark, f"{mark}1", other)] == [4, 2, 2])
    assert len(marked(f"{mark}#3")) == 2
    assert end_orphans(mark) == 4
    assert [process.wait(60) for process in started[:2]] == [-signal.SIGKILL] * 2
    assert [process.poll() for process in started[2:]] == [None, None]
    assert end_orphans(f"{mark}1") == 2
    assert end_orphans(other) == 2
    assert end_orphans(other) == 0
    for process in started:
        process.wait()


def test_end_orphans_returns_when_what_they_held_is_free(tmp_path: Path) -> None:
    """A process that dies has lost its environment, and with it the mark, while it still holds its locks."""
    mark, path = uuid.uuid4().hex, tmp_path / "lock"
    code = "import fcntl, sys, time; held = open(sys.argv[1], 'w'); fcntl.flock(held, fcntl.LOCK_EX); much = b'x' * (300 << 20); print(flush=True); time.sleep(600)"
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", code, path], env={**os.environ, MARK: mark}, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            assert end_orphans(mark) == 1
            with path.open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_end_orphans_looks_again_when_it_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that is forked after the pids were listed, by a process that ended before its environment was read, is in neither."""
    mark, looks = uuid.uuid4().hex, itertools.count()
    monkeypatch.setattr(orphans, "marked", lambda mark: marked(mark) if next(looks) else [])
    with subprocess.Popen(["sleep", "600"], env={**os.environ, MARK: mark}) as process:
        _wait(lambda: marked(mark) == [process.pid])
        assert end_orphans(mark) == 1
        assert process.wait(60) == -signal.SIGKILL


def test_end_orphans_spares_the_caller() -> None:
    mark = uuid.uuid4().hex
    code = f"from assay.engine.executors.process.orphans import end_orphans; print(end_orphans({mark!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, MARK: mark}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "0\n"


def test_a_steps_process_imports_only_what_it_needs() -> None:
    code = "import sys, assay.engine.executors.forkserver.server; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {
        "sqlite3",
        "yaml",
        "rich",
        "typer",
        "asyncio",
        "subprocess",
        "numpy",
        "importlib.metadata",
        "assay.engine.runner",
    }
    assert not heavy & set(loaded)


def test_large_pages_keep_every_byte() -> None:
    code = (
        "import os; from assay.engine.executors.forkserver.linux import use_large_pages\n"
        "held = [os.urandom(1 << 20) for _ in range(80)]\n"
        "copies = [bytes(bytearray(one)) for one in held]; use_large_pages(); assert copies == held\n"
        "text = open('/proc/self/smaps_rollup').read(); print([int(l.split()[1]) for l in text.splitlines() if 'AnonHuge' in l][0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    if (
        MADVISED.exists()
        and "[never]" not in MADVISED.read_text()
        and tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 1)
    ):
        assert int(done.stdout) > 40 * 1024
