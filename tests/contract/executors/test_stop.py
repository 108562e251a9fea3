"""Stopping a step."""

from __future__ import annotations

import time
from typing import Any

from assay.ids import StepName
from assay.model.events import StepKey

LONG = 3600.0
"""A grace that no test lives to see the end of: what ended had no need of it."""


def test_stop_ends_the_whole_group(bench: Any) -> None:
    order = bench.start(
        """
        import subprocess, time
        def work():
            subprocess.Popen(["sleep", "600"])
            print("on")
            time.sleep(600)
        """
    )
    bench.until_printed(order, "on\n")
    bench.executor.stop(order.key, grace=LONG)
    (ended,) = bench.wait(order)
    assert (ended.failure.code, ended.failure.message) == ("killed", "stopped")


def test_a_component_may_tidy_up_within_the_grace(bench: Any) -> None:
    order = bench.start(
        """
        import signal, sys, time
        def work():
            signal.signal(signal.SIGTERM, lambda *_: sys.exit("tidied"))
            print("on")
            try:
                time.sleep(600)
            finally:
                print("tidied up")
        """
    )
    bench.until_printed(order, "on\n")
    bench.executor.stop(order.key, grace=LONG)
    (ended,) = bench.wait(order)
    assert ended.failure.code == "killed"
    assert "tidied up" in order.log.read_text()


def test_one_that_ignores_it_is_killed_after_the_grace(bench: Any) -> None:
    order = bench.start(
        """
        import signal, time
        def work():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            print("on")
            time.sleep(600)
        """
    )
    bench.until_printed(order, "on\n")
    began = time.monotonic()
    bench.executor.stop(order.key, grace=0.3)
    (ended,) = bench.wait(order)
    assert ended.failure.code == "killed"
    assert ended.at - began >= 0.3


def test_one_that_is_halted_ends_too(bench: Any) -> None:
    order = bench.start("import os, signal\ndef work():\n    print('on')\n    os.kill(os.getpid(), signal.SIGSTOP)")
    bench.until_printed(order, "on\n")
    time.sleep(0.05)
    bench.executor.stop(order.key, grace=LONG)
    assert bench.wait(order)[0].failure.code == "killed"


def test_stop_before_it_began(bench: Any) -> None:
    order = bench.order("import time\ndef work(): time.sleep(600)", preload=("json",), threads=2)
    bench.executor.start(order)
    bench.executor.stop(order.key)
    assert bench.wait(order)[0].exited.failure.code == "killed"
    assert bench.run("def work(): return 1", outputs={"value": "Value"}, preload=("json",), threads=2).outputs


def test_stop_of_what_is_not_running_is_harmless(bench: Any) -> None:
    bench.executor.stop(StepKey(StepName("nobody")))
    order = bench.start("def work(): pass")
    bench.wait(order)
    bench.executor.stop(order.key)
    bench.executor.stop(order.key)
    assert bench.run("def work(): pass").outputs == {}
