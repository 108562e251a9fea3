"""What a step that does nothing costs by its kind: a function, one in an environment of its own (made beforehand), a notebook.

    python benchmarks/engine/kinds_cost.py [--steps 60] [--rounds 5] [--package cowsay]

Pipelines of independent steps, whole processes, by turns; a step's cost is (T(steps) - T(1)) / (steps - 1), of user and system time of the
engine and of all that it started. The package is one that is not installed here; uv fetches it once.
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

USES = {"here": "./steps.py:here", "apart": "./steps.py:apart", "notebook": "./noop.ipynb"}
"""Each kind of step, and the component that is one."""


def notebook() -> str:
    """Return a notebook that does nothing, with one parameter."""
    empty = {"metadata": {}, "execution_count": None, "outputs": []}
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Nothing\n\nReturn nothing."},
        {"cell_type": "code", "id": "b", **empty, "metadata": {"tags": ["parameters"]}, "source": "number = 0  # any"},
        {"cell_type": "code", "id": "c", **empty, "source": "print(number)"},
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def pipeline(name: str, steps: int) -> str:
    """Return a pipeline of steps that nothing connects; their numbers never come again, so nothing is reused."""
    salt = int.from_bytes(os.urandom(4), "big")
    listed = "".join(
        f"  s{number}: {{use: {USES[name]}, with: {{number: {salt + number}}}}}\n" for number in range(steps)
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
    """Measure all by turns and print one JSON object."""
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
    cost: dict[str, list[float]] = {kind: [] for kind in USES}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "steps.py").write_text(COMPONENT.replace("{package}", given.package))
        (folder / "noop.ipynb").write_text(notebook())
        for one in cost:
            cpu_seconds(folder, one, 1)  # makes the environment
        for _ in range(given.rounds):
            for one, seconds in cost.items():
                first, all_ = (cpu_seconds(folder, one, steps) for steps in (1, given.steps))
                seconds.append(1000 * (all_ - first) / (given.steps - 1))
    medians = {one: round(statistics.median(seconds), 2) for one, seconds in cost.items()}
    more = {
        kind: round(statistics.median(b - a for a, b in zip(cost["here"], cost[kind], strict=True)), 2)
        for kind in USES
        if kind != "here"
    }
    print(json.dumps({"cpu_ms_a_step": medians, "more": more, "rounds": cost, "load": os.getloadavg()[0]}))


if __name__ == "__main__":
    main()
