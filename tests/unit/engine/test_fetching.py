"""What the fetching of inputs does when a store does not answer, or answers what nobody foresaw."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from assay.engine import fetching
from assay.engine.executor import Exited, StepOrder
from assay.engine.fetching import FetchingExecutor
from assay.engine.objects import ObjectError, Origin

KEY = "read"


class Inner:
    """An executor that only notes what it is given."""

    def __init__(self) -> None:
        self.started: list[StepOrder] = []
        self.closed = False
        self._end, self._other = os.pipe()

    def start(self, order: StepOrder) -> None:
        self.started.append(order)

    def stop(self, key: str, *, grace: float = 2.0) -> None:
        raise AssertionError("nothing was started")

    def fileno(self) -> int:
        return self._end

    def deadline(self) -> float | None:
        return None

    def drain(self) -> list[Exited]:
        return []

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def order(tmp_path):
    return StepOrder(
        "run",  # type: ignore[arg-type]
        KEY,  # type: ignore[arg-type]
        1,
        tmp_path,
        tmp_path / "log",
        tmp_path,
        fetch=((Origin("s3://bucket/a.txt", 3, "tag", "").text(), "inputs/file"),),
    )


def ended(executor: FetchingExecutor) -> Exited:
    """Return the end that the executor tells."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        for notice in executor.drain():
            if isinstance(notice, Exited):
                return notice
        time.sleep(0.005)
    raise AssertionError("no end was told")


def test_a_stop_is_answered_while_the_store_is_silent(order, monkeypatch):
    silence = threading.Event()
    monkeypatch.setattr(fetching, "fetch", lambda *_: silence.wait(3600))
    executor = FetchingExecutor(Inner())
    executor.start(order)
    executor.stop(KEY)
    assert ended(executor).failure.code == "killed"
    silence.set()  # now the store answers after all: nothing comes of it
    time.sleep(0.1)
    assert executor.drain() == []
    executor.start(order)  # and the step can be tried again
    assert ended_or_started(executor)
    executor.close()


def ended_or_started(executor: FetchingExecutor) -> bool:
    until = time.monotonic() + 90
    while not executor._inner.started and time.monotonic() < until:
        executor.drain()
    return bool(executor._inner.started)


def test_closing_does_not_wait_for_a_silent_store(order, monkeypatch):
    silence = threading.Event()
    monkeypatch.setattr(fetching, "fetch", lambda *_: silence.wait(3600))
    inner = Inner()
    executor = FetchingExecutor(inner)
    executor.start(order)
    executor.close()
    executor.close()
    assert inner.closed
    silence.set()


def test_the_process_ends_while_a_store_is_silent(tmp_path):
    code = """
import os, pathlib, sys, time
from assay.engine import fetching
from assay.engine.executor import StepOrder
from assay.engine.objects import Origin
sys.path.insert(0, sys.argv[1])
from test_fetching import Inner
fetching.fetch = lambda *_: time.sleep(3600)
folder = pathlib.Path(sys.argv[2])
executor = fetching.FetchingExecutor(Inner())
executor.start(StepOrder("run", "read", 1, folder, folder / "log", folder, fetch=((Origin("s3://b/a", 3, "", "").text(), "x"),)))
executor.close()
"""
    subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path)],
        check=True,
        timeout=240,
        capture_output=True,
    )


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [
        (ObjectError("there is a wall", culprit="s3://bucket/a.txt"), ObjectError.code, "there is a wall"),
        (RuntimeError("surprise"), "store", "cannot fetch s3://bucket/a.txt: RuntimeError: surprise"),
    ],
)
def test_whatever_goes_wrong_is_the_failure_of_that_step(order, monkeypatch, raised, code, words):
    def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr(fetching, "fetch", fail)
    executor = FetchingExecutor(Inner())
    executor.start(order)
    failure = ended(executor).failure
    assert (failure.code, failure.message) == (code, words)
    assert words in order.log.read_text()
    assert executor._inner.started == []
    executor.close()
