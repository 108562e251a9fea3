"""Looking at processes through ``/proc``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.engine.executors.forkserver import linux, memory
from assay.engine.executors.process.orphans import MARK, end_orphans, marked

MADVISED = Path("/sys/kernel/mm/transparent_hugepage/enabled")


@pytest.fixture
def family() -> Iterator[subprocess.Popen[bytes]]:
    code = "import os, time; os.fork(); os.fork(); held = b'x' * (20 << 20); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], start_new_session=True) as process:
        until = time.monotonic() + 5
        while memory.usage(process.pid, limit=1) <= 80 << 20 and time.monotonic() < until:
            time.sleep(0.01)
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
    sleep = "import os, time; os.fork() or os.setsid(); time.sleep(60)"
    started = [
        subprocess.Popen([sys.executable, "-c", sleep], env={**os.environ, MARK: value})
        for value in (mark, f"{mark}#3", f"{mark}1", other)
    ]
    until = time.monotonic() + 5
    while len(marked(mark)) < 4 and time.monotonic() < until:
        time.sleep(0.01)
    assert len(marked(f"{mark}#3")) == 2
    assert end_orphans(mark) == 4
    assert [process.poll() is None for process in started] == [False, False, True, True]
    assert end_orphans(f"{mark}1") == 2
    assert end_orphans(other) == 2
    assert end_orphans(other) == 0
    for process in started:
        process.wait()


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
