"""How long a command takes, as a whole process: medians of wall and processor time, beside an empty Python.

    python benchmarks/cli/startup.py [--repeat 9]

Wall time means something on a quiet machine only; processor time is steadier. Budgets: `assay --help` 0.2 s, a one-step run 0.5 s.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ASSAY = [sys.executable, "-c", "from assay.cli import main; main()"]
BUDGETS = {"assay --help": 0.2, "assay run (one step, first time)": 0.5}

STEPS = '''
from assay import component


@component("input/number", version="1.0.0")
def number(*, seed: int = 0) -> int:
    """Give a number.

    Args:
        seed: Any.
    Returns:
        value: The same.
    """
    return seed
'''
PIPELINE = """assay: 1
name: one
params: {seed: {type: int, default: 0}}
steps:
  number: {use: ./steps.py:number, with: {seed: $params.seed}}
"""


def measure(command: list[str], folder: Path) -> tuple[float, float]:
    """Return wall and processor seconds of one process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def commands() -> Iterator[tuple[str, Callable[[int], list[str]]]]:
    """Yield a name and a function that gives the command line of the n-th repetition."""
    yield "python -c pass", lambda _: [sys.executable, "-c", "pass"]
    yield "assay --help", lambda _: [*ASSAY, "--help"]
    yield "assay version", lambda _: [*ASSAY, "version"]
    yield "assay run (one step, first time)", lambda n: [*ASSAY, "run", "p.yaml", "-p", f"seed={n + 1}"]
    yield "assay run (one step, unchanged)", lambda _: [*ASSAY, "run", "p.yaml"]
    yield "assay run --dry-run", lambda _: [*ASSAY, "run", "p.yaml", "--dry-run"]
    yield "assay check", lambda _: [*ASSAY, "check", "p.yaml"]
    yield "assay runs", lambda _: [*ASSAY, "runs"]
    yield "assay show last", lambda _: [*ASSAY, "show", "last"]
    yield "assay components", lambda _: [*ASSAY, "components"]


def main() -> None:
    """Measure everything and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=9)
    repeat = parser.parse_args().repeat
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {repeat} times each\n")
    print("| command | wall s | processor s | budget s |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "steps.py").write_text(STEPS, encoding="utf-8")
        (folder / "p.yaml").write_text(PIPELINE, encoding="utf-8")
        measure([*ASSAY, "run", "p.yaml"], folder)
        for label, command in commands():
            times = [measure(command(number), folder) for number in range(repeat)]
            wall, processor = (statistics.median(column) for column in zip(*times, strict=True))
            print(f"| `{label}` | {wall:.3f} | {processor:.3f} | {BUDGETS.get(label, '')} |")


if __name__ == "__main__":
    main()
