"""doit: a shell and a process for each task; a record of file digests decides what is up to date."""

import os
import sys
from pathlib import Path

WORKLOAD, STEPS = os.environ["WORKLOAD"], int(os.environ["STEPS"])
DOIT_CONFIG = {"default_tasks": ["tick"], "verbosity": 0, "dep_file": "doit.db"}


def task_tick():  # noqa: ANN201  (doit finds its tasks by this name)
    """Yield the steps."""
    Path("out").mkdir(exist_ok=True)
    for number in range(STEPS):
        source = f"out/{number - 1}" if WORKLOAD != "fanout" and number else ""
        yield {
            "name": str(number),
            "actions": [f"{sys.executable} {Path(__file__).parent / 'steps.py'} {WORKLOAD} out/{number} {source}"],
            "file_dep": [source] if source else [],
            "targets": [f"out/{number}"],
            "uptodate": [True],
        }
