"""Parsl: a pool of worker processes that stay; a result is a value or a file, kept by nobody."""

import sys
from pathlib import Path

import parsl
from parsl.config import Config
from parsl.executors import HighThroughputExecutor
from parsl.providers import LocalProvider

WORKLOAD, STEPS = sys.argv[1], int(sys.argv[2])


@parsl.python_app
def tick(workload: str, source: str, target: str, folder: str) -> str:
    """Do one step in a worker."""
    import sys as system

    system.path.insert(0, folder)
    from steps import work_of

    work_of(workload)(source, target)
    return target


if __name__ == "__main__":
    here, out = str(Path(__file__).parent), Path("out").absolute()
    out.mkdir(exist_ok=True)
    provider = LocalProvider(init_blocks=1, max_blocks=1)
    pool = HighThroughputExecutor(
        max_workers_per_node=2 if WORKLOAD == "fanout" else 1, provider=provider, address="127.0.0.1"
    )
    with parsl.load(Config(executors=[pool], run_dir="runinfo")):
        before, futures = "", []
        for number in range(STEPS):
            future = tick(WORKLOAD, before, str(out / str(number)), here)
            futures.append(future)
            before = "" if WORKLOAD == "fanout" else future
        for future in futures:
            future.result()
