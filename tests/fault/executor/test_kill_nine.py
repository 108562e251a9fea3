"""SIGKILL at any moment, for the engine, the server, or both: nothing of the run stays alive."""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from assay.engine.executors.process import end_orphans

pytestmark = [pytest.mark.fault, pytest.mark.slow]

HERE = Path(__file__).parent
CONTRACT = HERE.parents[1] / "contract" / "executors"
ROUNDS = 9


@pytest.mark.parametrize("victims", ["engine", "servers", "both"])
def test_no_process_survives(victims: str, tmp_path: Path, mark: str, workbench: Any) -> None:
    dice = random.Random(victims)
    for number in range(ROUNDS):
        name = f"{mark}-{number}-"
        root = tmp_path / str(number)
        root.mkdir()
        command = [sys.executable, str(HERE / "engine.py"), str(root), name, str(CONTRACT)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as engine:
            try:
                _wait_for_dots(engine, 1)
                time.sleep(dice.uniform(0, 0.3))
                _kill(victims, engine.pid)
                if victims == "servers":  # the engine goes on with new ones, and has ended what the old ones left
                    _forget_dots(engine)
                    _wait_for_dots(engine, 4)
                    assert not workbench.alive(f"{name}#1\0"), f"round {number}"
            finally:
                engine.kill()
        if victims != "both":
            assert workbench.gone(name), f"round {number}"
        end_orphans(name)
        assert not workbench.alive(name), f"round {number}"


def _wait_for_dots(engine: subprocess.Popen[bytes], count: int) -> None:
    assert engine.stdout is not None
    for _ in range(count):
        assert engine.stdout.read(1) == b"."


def _forget_dots(engine: subprocess.Popen[bytes]) -> None:
    """Take what was written before now: on a fast machine the pipe holds dots of steps that ended before the kill."""
    assert engine.stdout is not None
    while select.select([engine.stdout], [], [], 0)[0] and engine.stdout.read(1):
        pass


def _kill(victims: str, engine: int) -> None:
    servers = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == engine:
                servers.append(int(entry.name))
        except OSError:
            continue
    for pid in servers * (victims != "engine") + [engine] * (victims != "servers"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
