"""ZenML: the local orchestrator runs steps in the flow's own process and keeps values and a record; cache by content."""

import sys

from zenml import pipeline, step

STEPS = int(sys.argv[2])


@step
def first() -> int:
    """Return one."""
    return 1


@step
def tick(before: int) -> int:
    """Return one more than the step before."""
    return before + 1


@pipeline
def bench() -> None:
    """Wire a chain."""
    value = first()
    for number in range(1, STEPS):
        value = tick.with_options()(value, id=f"tick_{number}")


if __name__ == "__main__":
    bench()
