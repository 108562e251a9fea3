"""Measure the engine beside its peers: whole processes, medians; a step's cost is (T(100) - T(1)) / 99.

    python benchmarks/engine/bench.py                              everything, then the tables of docs/benchmarks.md
    python benchmarks/engine/bench.py --only chain,cached --runs 3 --tools assay,luigi
    python benchmarks/engine/bench.py --tables                     only write the tables again

Peers are installed by name into environments of their own in the user's cache folder. Results are merged into
results.json, so that a part can be measured again on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from own import MEASURES
from tables import write_tables
from tools import HERE, TOOLS, Tool, quiet

RESULTS = HERE / "results.json"
STEP_WORKLOADS = ("chain", "torch", "fanout", "array", "spawn")
WORKLOADS = (*STEP_WORKLOADS, "cached", "one")
LONGEST_RUN = 600
ROOM = tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)
"""Where the runs are made. It goes when all is measured, but for large arrays: for a minute or more after many files were removed,
ext4 takes several times as long to make new ones, and the next tool would pay for the one before."""


def timed(tool: Tool, work: str, steps: int, *, again: bool = False) -> float:
    """Return the seconds of one whole process in an empty folder, or of the second one in the same folder."""
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=ROOM.name))
    command = tool.command(work, steps, folder)
    seconds = 0.0
    for _ in range(1 + again):
        started = time.perf_counter()
        done = subprocess.run(
            command,
            cwd=folder,
            env=quiet(folder, tool),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LONGEST_RUN,
            check=False,
        )
        seconds = time.perf_counter() - started
        if done.returncode:
            raise RuntimeError(
                f"{tool.name} {work} {steps}: exit {done.returncode}\n{done.stdout[-200:]}\n{done.stderr[-400:]}"
            )
    if work == "array":
        shutil.rmtree(folder, ignore_errors=True)
    return seconds


def measure(tool: Tool, work: str, runs: int) -> dict[str, Any]:
    """Measure one tool on one workload."""
    steps = tool.steps
    if work == "one":
        return {"whole": [timed(tool, "chain", 1) for _ in range(runs)], "steps": 1}
    if work == "cached":
        return {"whole": [timed(tool, "chain", steps, again=True) for _ in range(runs)], "steps": steps}
    pairs = [(timed(tool, work, 1), timed(tool, work, steps)) for _ in range(runs)]
    first, last = (statistics.median(side) for side in zip(*pairs, strict=True))
    return {"pairs": pairs, "steps": steps, "step_ms": 1000 * (last - first) / (steps - 1)}


def machine() -> dict[str, Any]:
    """Describe where the figures come from."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "",
    )
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "model": model or platform.processor() or platform.machine(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        "filesystem": shutil.which("stat") and filesystem(),
    }


def filesystem() -> str:
    """Return the type of the file system that the runs are made on."""
    return subprocess.run(
        ["stat", "-f", "-c", "%T", tempfile.gettempdir()], capture_output=True, text=True, check=True
    ).stdout.strip()


def load() -> dict[str, Any]:
    """Return the results so far."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {"workloads": {}, "own": {}, "missing": {}}


def keep(results: dict[str, Any]) -> None:
    """Write the results, whole or not at all."""
    part = RESULTS.with_suffix(".part")
    part.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    part.rename(RESULTS)


def stamp(figures: dict[str, Any]) -> dict[str, Any]:
    """Add when it was measured and how busy the machine was then."""
    return {**figures, "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()), "load": round(os.getloadavg()[0], 2)}


def compare(results: dict[str, Any], works: list[str], tools: list[str], runs: int) -> None:
    """Measure tools on workloads, one process at a time."""
    for name in tools:
        tool = TOOLS[name]
        if why := tool.install():
            results["missing"][name] = why
            print(f"{name}: not installed: {why}")
            continue
        results["missing"].pop(name, None)
        for work in (work for work in works if work in tool.workloads):
            try:
                figures = measure(tool, work, runs)
            except (RuntimeError, subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
                print(f"{name} {work}: {error}")
                continue
            results["workloads"].setdefault(work, {})[name] = stamp(
                {**figures, "version": tool.version(), "isolation": tool.isolation}
            )
            shown = (
                f"{figures['step_ms']:.2f} ms a step"
                if "step_ms" in figures
                else f"{statistics.median(figures['whole']):.3f} s"
            )
            print(f"{name:10} {work:7} {shown}  (load {os.getloadavg()[0]:.1f})", flush=True)
            keep(results)


def main() -> None:
    """Measure what was asked for and write the tables."""
    parser = argparse.ArgumentParser(description="Measure the engine beside its peers.")
    known = [*WORKLOADS, *MEASURES]
    parser.add_argument("--only", default=",".join(known), help=f"comma-separated, of {', '.join(known)}")
    parser.add_argument("--tools", default=",".join(TOOLS), help=f"comma-separated, of {', '.join(TOOLS)}")
    parser.add_argument("--runs", type=int, default=3, help="runs of each measurement")
    parser.add_argument("--tables", action="store_true", help="measure nothing, write the tables again")
    given = parser.parse_args()
    results = load()
    if not given.tables:
        asked = given.only.split(",")
        if unknown := set(asked) - set(known):
            sys.exit(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(known)}")
        results["machine"] = machine()
        compare(results, [work for work in WORKLOADS if work in asked], given.tools.split(","), given.runs)
        for name in (name for name in MEASURES if name in asked):
            results["own"][name] = stamp(MEASURES[name](given.runs))
            print(name, json.dumps(results["own"][name]), flush=True)
            keep(results)
        keep(results)
    write_tables(results)


if __name__ == "__main__":
    main()
