"""What a step in an environment of its own costs beyond one in the engine's: processor time, the environment made beforehand.

    python benchmarks/engine/environment_cost.py [--steps 60] [--rounds 5] [--package cowsay]

Two pipelines of independent steps that do nothing, whole processes, by turns; a step's cost is (T(steps) - T(1)) / (steps - 1), of user and
system time of the engine and of all that it started. The package is one that is not installed here; uv fetches it once.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ASSAY = str(Path(sys.executable).parent / "assay")

COMPONENT = '''
from assay import component


@component("bench/here")
def here(*, number: int) -> int:
    """Return a number."""
    return number


@component("bench/apart", requires=("{package}",))
def apart(*, number: int) -> int:
    """Return a number."""
    return number
'''


def pipeline(name: str, steps: int) -> str:
    """Return a pipeline of steps that nothing connects; their numbers never come again, so nothing is reused."""
    salt = int.from_bytes(os.urandom(4), "big")
    listed = "".join(
        f"  s{number}: {{use: ./steps.py:{name}, with: {{number: {salt + number}}}}}\n" for number in range(steps)
    )
    return f"assay: 1\nname: {name}\nsteps:\n{listed}"


def cpu_seconds(folder: Path, name: str, steps: int) -> float:
    """Return the processor time of a whole run."""
    (folder / "bench.pipeline.yaml").write_text(pipeline(name, steps))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([ASSAY, "run", "bench.pipeline.yaml"], cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure both by turns and print one JSON object."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--steps", type=int, default=60)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--package", default="cowsay")
    given = arguments.parse_args()
    try:
        distribution(given.package)
        sys.exit(f"{given.package} is installed here: name another with --package")
    except PackageNotFoundError:
        pass
    cost: dict[str, list[float]] = {"here": [], "apart": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "steps.py").write_text(COMPONENT.replace("{package}", given.package))
        for one in cost:
            cpu_seconds(folder, one, 1)  # makes the environment
        for _ in range(given.rounds):
            for one, seconds in cost.items():
                first, all_ = (cpu_seconds(folder, one, steps) for steps in (1, given.steps))
                seconds.append(1000 * (all_ - first) / (given.steps - 1))
    medians = {one: round(statistics.median(seconds), 2) for one, seconds in cost.items()}
    more = round(statistics.median(b - a for a, b in zip(*cost.values(), strict=True)), 2)
    print(json.dumps({"cpu_ms_a_step": medians, "more": more, "rounds": cost, "load": os.getloadavg()[0]}))


if __name__ == "__main__":
    main()
