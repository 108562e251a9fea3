"""Prefect: tasks as threads of one process, recorded through an API server that the flow starts for itself."""

import sys
from pathlib import Path

import numpy as np  # noqa: F401  (as every other tool)
from prefect import flow, task
from steps import work_of

WORKLOAD, STEPS = sys.argv[1], int(sys.argv[2])


@task
def tick(source: str, target: str) -> str:
    """Do one step."""
    work_of(WORKLOAD)(source, target)
    return target


@flow
def bench() -> None:
    """Run the steps one after the other."""
    Path("out").mkdir(exist_ok=True)
    before = ""
    for number in range(STEPS):
        before = tick(before, f"out/{number}")


if __name__ == "__main__":
    bench()
