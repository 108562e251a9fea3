"""The steps of the benchmark pipelines, as a user would write them beside a pipeline file."""

import os
import time
from pathlib import Path

import numpy as np

from assay import File, component, step


def count(before: str) -> File:
    """Write a number that is one more than the number before."""
    target = step.output("file", File, suffix=".txt")
    target.path.write_text(str(int(before) + 1))
    return target


@component("bench/first", requires=("numpy",))
def first(*, number: int = 0) -> File:
    """Write a number."""
    return count(str(number))


@component("bench/tick", requires=("numpy",))
def tick(before: File) -> File:
    """Write one more than the step before."""
    return count(before.path.read_text())


@component("bench/first-torch", requires=("numpy", "torch"), preload=("torch",))
def first_torch(*, number: int = 0) -> File:
    """Write a number, in a process that holds torch."""
    return count(str(number))


@component("bench/tick-torch", requires=("numpy", "torch"), preload=("torch",))
def tick_torch(before: File) -> File:
    """Write one more than the step before, in a process that holds torch."""
    return count(before.path.read_text())


@component("bench/first-array", requires=("numpy",))
def first_array(*, number: int = 0) -> File:
    """Write a 10 MB array."""
    return save(np.full(1_250_000, float(number)))


@component("bench/array", requires=("numpy",))
def array(before: File) -> File:
    """Add one to a 10 MB array."""
    return save(np.load(before.path) + 1)


def save(values: np.ndarray) -> File:
    """Write an array."""
    target = step.output("file", File, suffix=".npy")
    with target.path.open("wb") as file:
        np.save(file, values)
    return target


@component("bench/wait")
def wait(told: str) -> File:
    """Say in a file which process this is, and wait for what comes."""
    part = Path(told).with_suffix(".part")
    part.write_text(str(os.getpid()))
    part.rename(told)
    time.sleep(600)
    return count("0")
