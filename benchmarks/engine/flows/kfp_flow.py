"""Kubeflow Pipelines' local runner: a process for each component, one at a time, cache by content."""

import sys
from pathlib import Path

from kfp import dsl, local

WORKLOAD, STEPS = sys.argv[1], int(sys.argv[2])
local.init(
    runner=local.SubprocessRunner(use_venv=False), pipeline_root=str(Path("out").absolute()), enable_caching=True
)


@dsl.component(install_kfp_package=False)
def first_tick(out: dsl.Output[dsl.Artifact]) -> None:
    """Write one."""
    with open(out.path, "w") as file:
        file.write("1")


@dsl.component(install_kfp_package=False)
def tick(before: dsl.Input[dsl.Artifact], out: dsl.Output[dsl.Artifact]) -> None:
    """Write one more than the number before."""
    with open(before.path) as source, open(out.path, "w") as file:
        file.write(str(int(source.read()) + 1))


@dsl.component(install_kfp_package=False)
def first_array(out: dsl.Output[dsl.Artifact]) -> None:
    """Write a 10 MB array."""
    import numpy as np

    with open(out.path, "wb") as file:
        np.save(file, np.zeros(1_250_000))


@dsl.component(install_kfp_package=False)
def array(before: dsl.Input[dsl.Artifact], out: dsl.Output[dsl.Artifact]) -> None:
    """Add one to a 10 MB array."""
    import numpy as np

    with open(out.path, "wb") as file:
        np.save(file, np.load(before.path) + 1)


@dsl.pipeline(name="bench")
def bench() -> None:
    """Wire the steps."""
    first, following = (first_array, array) if WORKLOAD == "array" else (first_tick, tick)
    before = first()
    for _ in range(STEPS - 1):
        before = first() if WORKLOAD == "fanout" else following(before=before.outputs["out"])


if __name__ == "__main__":
    bench()
