"""Whether a component is over when it has returned."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import subprocess
import threading

import pytest

from assay.engine.executors.forkserver.remains import awaited, nothing_left, used


@pytest.fixture(autouse=True)
def _no_child() -> None:
    """Other tests of the session may have left children that nobody waited for."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            continue
    assert nothing_left(awaited()), "a process of another test still runs"


def test_a_child_is_something_until_it_is_waited_for() -> None:
    before = awaited()
    child = subprocess.Popen(["sleep", "600"])
    assert not nothing_left(before)
    child.kill()
    assert not nothing_left(before)
    child.wait()
    assert nothing_left(before)


def test_a_thread_is_something_until_it_ends() -> None:
    before, end = awaited(), threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    assert not nothing_left(before)
    end.set()
    thread.join()


def test_exit_handlers_are_something() -> None:
    before = awaited()
    handler = atexit.register(lambda: None)
    assert not nothing_left(before)
    atexit.unregister(handler)


def test_a_log_handler_may_hold_lines_back() -> None:
    before = awaited()
    handler = logging.NullHandler()
    assert awaited() != before
    del handler


def test_what_was_used() -> None:
    assert used()["cpu_seconds"] > 0
    assert used()["peak_memory"] > 1 << 20
