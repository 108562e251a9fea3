"""Steps that import nothing of their own, started anew: what the fallback without a fork server costs."""

from assay import File, component, step


@component("bench/first-spawn", isolation="spawn")
def first_spawn(*, number: int = 0) -> File:
    """Write a number."""
    target = step.output("file", File, suffix=".txt")
    target.path.write_text(str(number))
    return target


@component("bench/tick-spawn", isolation="spawn")
def tick_spawn(before: File) -> File:
    """Write one more than the step before."""
    target = step.output("file", File, suffix=".txt")
    target.path.write_text(str(int(before.path.read_text()) + 1))
    return target
