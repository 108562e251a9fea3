"""What one step costs in the process executor alone: start → Exited, one small file published, steps one after another.

    python benchmarks/engine/executor_cost.py [--steps 100] [--only numpy]

Prints a table of wall milliseconds a step (median, p90) and the first step's, which includes the start of the server.
"""

from __future__ import annotations

import argparse
import json
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from assay.engine.executor import Exited, StepOrder
from assay.engine.executors.process import ProcessExecutor
from assay.ids import RunId, StepName
from assay.model.component import Isolation
from assay.model.events import StepKey

COMPONENT = """
{imports}
from assay.runtime.artifacts import File
from assay.runtime.step import step

def trivial(number: int) -> File:
    file = step.output("file", File, suffix=".txt")
    file.path.write_text(str(number))
    return file
"""

CASES: dict[str, tuple[str, Isolation]] = {
    "bare": ("", Isolation.FORK),
    "numpy": ("numpy", Isolation.FORK),
    "pandas": ("pandas", Isolation.FORK),
    "torch": ("torch", Isolation.FORK),
    "spawn": ("", Isolation.SPAWN),
    "spawn numpy": ("numpy", Isolation.SPAWN),
}
"""Name to the module that the component imports and how its process is made."""


def orders(root: Path, module: str, isolation: Isolation, count: int) -> Iterator[StepOrder]:
    """Yield orders whose folders are made as the runner makes them."""
    code = root / "trivial.py"
    code.write_text(COMPONENT.replace("{imports}", f"import {module}" if module else ""))
    preload = (module,) if module else ()
    for number in range(count):
        folder = root / "work" / isolation / module / str(number)
        for name in ("inputs", "outputs", "scratch"):
            (folder / name).mkdir(parents=True)
        implementation = {"kind": "function", "module": "", "file": str(code), "function": "trivial"}
        order = {"format": 1, "run": "r", "step": "s", "item": number, "attempt": 1, "implementation": implementation}
        ports = {"file": {"type": "File", "many": False, "optional": False}}
        order |= {"params": {"number": number}, "inputs": {}, "outputs": ports, "threads": 1}
        (folder / "step.json").write_text(json.dumps(order))
        yield StepOrder(
            RunId("r"),
            StepKey(StepName("s"), number),
            1,
            folder,
            folder / "log.txt",
            root,
            preload=preload,
            isolation=isolation,
        )


def run(executor: ProcessExecutor, many: Iterable[StepOrder], parallel: int) -> list[float]:
    """Run the orders, ``parallel`` at a time; return the seconds from each start to its end."""
    waiting, started, seconds = iter(many), {}, []
    poll = select.poll()
    poll.register(executor.fileno(), select.POLLIN)
    order = next(waiting, None)
    while order is not None or started:
        while order is not None and len(started) < parallel:
            started[order.key] = time.perf_counter()
            executor.start(order)
            order = next(waiting, None)
        poll.poll()
        for notice in executor.drain():
            if isinstance(notice, Exited):
                if notice.failure:
                    raise SystemExit(f"{notice.key}: {notice.failure}")
                seconds.append(time.perf_counter() - started.pop(notice.key))
    return seconds


def interpreter(code: str) -> float:
    """Return the median milliseconds of a whole Python process that runs ``code``."""
    seconds = []
    for _ in range(9):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        seconds.append(time.perf_counter() - start)
    return 1000 * statistics.median(seconds)


def main() -> None:
    """Measure each case."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--steps", type=int, default=100)
    arguments.add_argument("--only", choices=CASES)
    chosen = arguments.parse_args()
    pass_ms, numpy_ms = (interpreter(code) for code in ("pass", "import numpy"))
    print(f"python -c pass {pass_ms:.1f} ms, import numpy {numpy_ms:.1f} ms")
    print(f"{'preloaded':12} {'first':>8} {'median':>8} {'p90':>8} {'2 at once, a step':>18}")
    for name, (module, isolation) in CASES.items():
        if chosen.only in (None, name):
            with tempfile.TemporaryDirectory() as root:
                many = list(orders(Path(root), module, isolation, 2 * chosen.steps))
                executor = ProcessExecutor("benchmark")
                first, *rest = (1000 * one for one in run(executor, many[: chosen.steps], 1))
                start = time.perf_counter()
                run(executor, many[chosen.steps :], 2)
                fan = 1000 * (time.perf_counter() - start) / chosen.steps
                executor.close()
            p90 = statistics.quantiles(rest, n=10)[-1]
            print(f"{name:12} {first:8.2f} {statistics.median(rest):8.2f} {p90:8.2f} {fan:18.2f}", flush=True)


if __name__ == "__main__":
    main()
