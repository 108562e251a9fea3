"""The work of a step, the same for every tool: ``python steps.py tick|array TARGET [SOURCE]`` does it as a process of its own."""

import sys
from collections.abc import Callable
from pathlib import Path


def tick(source: str, target: str) -> None:
    """Write a number that is one more than the number before."""
    before = Path(source).read_text() if source else "0"
    Path(target).write_text(str(int(before) + 1))


def array(source: str, target: str) -> None:
    """Add one to a 10 MB array."""
    import numpy as np  # tools that start a process for each step would pay for it in every workload

    values = np.load(source) + 1 if source else np.zeros(1_250_000)
    with Path(target).open("wb") as file:
        np.save(file, values)


def work_of(workload: str) -> Callable[[str, str], None]:
    """Return the function that a workload's steps call."""
    return array if workload == "array" else tick


if __name__ == "__main__":
    work_of(sys.argv[1])(sys.argv[3] if len(sys.argv) > 3 else "", sys.argv[2])
