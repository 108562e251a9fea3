"""The steps of the benchmark pipelines, as a user would write them beside a pipeline file."""

import numpy as np

from assay import File, component, step


def count(before: str) -> File:
    """Write a number that is one more than the number before."""
    target = step.output("file", File, suffix=".txt")
    target.path.write_text(str(int(before) + 1))
    return target


@component("bench/first", requires=("numpy",))
def first(*, number: int = 0) -> File:
    """Write one."""
    return count("0")


@component("bench/tick", requires=("numpy",))
def tick(before: File) -> File:
    """Write one more than the step before."""
    return count(before.path.read_text())


@component("bench/first-torch", requires=("numpy", "torch"), preload=("torch",))
def first_torch(*, number: int = 0) -> File:
    """Write one, in a process that holds torch."""
    return count("0")


@component("bench/tick-torch", requires=("numpy", "torch"), preload=("torch",))
def tick_torch(before: File) -> File:
    """Write one more than the step before, in a process that holds torch."""
    return count(before.path.read_text())


@component("bench/first-spawn", requires=("numpy",), isolation="spawn")
def first_spawn(*, number: int = 0) -> File:
    """Write one, in a process started anew."""
    return count("0")


@component("bench/tick-spawn", requires=("numpy",), isolation="spawn")
def tick_spawn(before: File) -> File:
    """Write one more than the step before, in a process started anew."""
    return count(before.path.read_text())


@component("bench/first-array", requires=("numpy",))
def first_array(*, number: int = 0) -> File:
    """Write a 10 MB array."""
    return save(np.zeros(1_250_000))


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
