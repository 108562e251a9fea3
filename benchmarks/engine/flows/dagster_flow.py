"""Dagster: the multiprocess executor starts a process for each op; the instance on disk keeps the record."""

import sys

from dagster import DagsterInstance, In, Out, execute_job, job, multiprocess_executor, op, reconstructable

# A child process of the executor imports this file anew, without the arguments: the instance's folder is the current one.
STEPS = int(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[1] == "chain" else 0


@op(out=Out(int))
def first() -> int:
    """Return one."""
    return 1


@op(ins={"before": In(int)}, out=Out(int))
def tick(before: int) -> int:
    """Return one more than the step before."""
    return before + 1


def chain(steps: int):  # noqa: ANN201
    """Wire a chain."""

    @job(executor_def=multiprocess_executor)
    def bench() -> None:
        value = first()
        for number in range(1, steps):
            value = tick.alias(f"tick_{number}")(value)

    return bench


def one():  # noqa: ANN201
    """Return the chain of one step."""
    return chain(1)


def twenty():  # noqa: ANN201
    """Return the chain of twenty steps."""
    return chain(20)


if __name__ == "__main__":
    with DagsterInstance.get() as instance:
        result = execute_job(reconstructable(one if STEPS == 1 else twenty), instance=instance)
    sys.exit(not result.success)
