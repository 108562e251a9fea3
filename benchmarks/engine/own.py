"""What is measured of Assay alone: growth, planning, memory, start-up, size."""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools import FLOWS, HERE, TOOLS, assay, quiet
from workers import measure as measure_workers

GROWTH = (10, 100, 1_000, 10_000)
ASSAY = str(Path(sys.executable).parent / "assay")

PLANNING = """
import json, sys, time
from pathlib import Path
started = time.perf_counter()
from assay.workspace import Workspace
workspace = Workspace.open(Path.cwd())
imported = time.perf_counter()
document = workspace.load(Path("bench.pipeline.yaml"))
loaded = time.perf_counter()
checked = workspace.check(document)
assert checked.ok, checked.faults[:3]
held = time.perf_counter()
plan = workspace.plan(checked)
planned = time.perf_counter()
print(json.dumps({"read": loaded - imported, "check": held - loaded, "plan": planned - held, "steps": len(plan.steps)}))
"""


def whole(command: list[str], folder: Path) -> float:
    """Return the seconds of a whole process."""
    started = time.perf_counter()
    subprocess.run(
        command,
        cwd=folder,
        env=quiet(folder, TOOLS["assay"]),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    return time.perf_counter() - started


def growth(_: int) -> dict[str, Any]:
    """Return the milliseconds a step of chains of growing length, each one run."""
    seconds: dict[int, float] = {}
    for steps in (1, *GROWTH):
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            seconds[steps] = whole(assay("chain", steps, Path(name)), Path(name))
    return {"step_ms": {str(steps): 1000 * (seconds[steps] - seconds[1]) / (steps - 1) for steps in GROWTH}}


def plan(runs: int) -> dict[str, Any]:
    """Return the seconds of loading, checking and planning 5,000 steps, and of the whole dry run."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        command = assay("chain", 5_000, folder)
        parts = []
        for _ in range(runs):
            done = subprocess.run(
                [sys.executable, "-c", PLANNING], cwd=folder, capture_output=True, text=True, check=True
            )
            parts.append(json.loads(done.stdout))
        dry = statistics.median(whole([*command, "--dry-run", "--json"], folder) for _ in range(runs))
    return {
        **{part: statistics.median(found[part] for found in parts) for part in ("read", "check", "plan")},
        "dry_run": dry,
    }


def memory(_: int) -> dict[str, Any]:
    """Return the largest resident size of the engine's process in a run of 1,000 steps, in MB."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        command = assay("fanout", 1_000, folder)
        engine = subprocess.Popen(command, cwd=folder, env=quiet(folder, TOOLS["assay"]), stdout=subprocess.DEVNULL)
        largest = 0
        while engine.poll() is None:
            largest = max(largest, high_water(engine.pid))
            time.sleep(0.02)
        if engine.returncode:
            raise RuntimeError(f"the run of 1,000 steps ended with {engine.returncode}")
    return {"engine_mb": largest / 1024}


def high_water(pid: int) -> int:
    """Return the peak resident size of a process in KiB; 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1])


def start(runs: int) -> dict[str, Any]:
    """Return the seconds of the smallest processes: an interpreter, numpy's import, ``assay --help``."""
    commands = {
        "python": [sys.executable, "-c", "pass"],
        "numpy": [sys.executable, "-c", "import numpy"],
        "help": [ASSAY, "--help"],
    }
    here = Path.cwd()
    return {
        name: statistics.median(whole(command, here) for _ in range(2 * runs + 1)) for name, command in commands.items()
    }


def core(_: int) -> dict[str, Any]:
    """Return size and number of the packages that ``pip install .`` brings, without pip itself."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        python = str(folder / "core" / "bin" / "python")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "core")], check=True)
        uv = str(Path(sys.executable).parent / "uv")
        install = [
            uv,
            "pip",
            "install",
            "--quiet",
            "--link-mode=copy",
            "--compile-bytecode",
            "--python",
            python,
            str(HERE.parents[1]),
        ]
        subprocess.run(install, check=True)
        listing = subprocess.run(
            [uv, "pip", "list", "--format=json", "--python", python], capture_output=True, text=True, check=True
        )
        packages = json.loads(listing.stdout)
        site = next((folder / "core" / "lib").glob("python*/site-packages"))
        size = sum(os.lstat(Path(root) / file).st_size for root, _, files in os.walk(site) for file in files)
    return {"packages": sorted(package["name"] for package in packages), "mb": size / 1e6}


def killed(runs: int) -> dict[str, Any]:
    """Return the seconds from ``kill -9`` of a step, as the out-of-memory killer does it, until its run has ended and said so."""
    seconds = []
    for _ in range(2 * runs + 1):
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            folder = Path(name)
            shutil.copy(FLOWS / "assay_steps.py", folder / "steps.py")
            (folder / "bench.pipeline.yaml").write_text(
                f"assay: 1\nname: killed\nsteps:\n  s0: {{use: './steps.py:wait', with: {{told: '{folder}/pid'}}}}\n"
            )
            engine = subprocess.Popen(
                [ASSAY, "run", "bench.pipeline.yaml"],
                cwd=folder,
                env=quiet(folder, TOOLS["assay"]),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            while not (folder / "pid").exists():
                if engine.poll() is not None:
                    raise RuntimeError(engine.communicate()[0])
                time.sleep(0.001)
            started = time.perf_counter()
            os.kill(int((folder / "pid").read_text()), signal.SIGKILL)
            said, _ = engine.communicate()
            seconds.append(time.perf_counter() - started)
            if engine.returncode != 1 or "killed" not in said:
                raise RuntimeError(f"the run ended with {engine.returncode} and said: {said}")
    return {"median": statistics.median(seconds), "most": max(seconds)}


def workers(_: int) -> dict[str, Any]:
    """Return what came of sixteen workers on one ``foreach`` step, killed at random."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        return measure_workers(Path(name), items=160, workers=16, kills=16, engine_kills=2)


MEASURES: dict[str, Callable[[int], dict[str, Any]]] = {
    "growth": growth,
    "plan": plan,
    "memory": memory,
    "start": start,
    "core": core,
    "killed": killed,
    "workers": workers,
}
