"""The process in which NVIDIA FLARE's simulator runs: the server here, each site in a process of its own below it.

Run as ``python -m assay.training.federated.flare.coordinator JOB WORKSPACE SITE,SITE``. It ends with its standard input, so that
it never outlives whoever started it; the sites' processes end when it is gone.
"""

from __future__ import annotations

import multiprocessing
import os
import shlex
import shutil
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import psutil
from nvflare.apis.fl_constant import WorkspaceConstants
from nvflare.fuel.utils import log_utils
from nvflare.private.fed.app.simulator.simulator_runner import SimulatorRunner

_LOG_SETTINGS = WorkspaceConstants.LOGGING_CONFIG


def main() -> None:
    """Run a job and leave; threads of FLARE that still wait for something are not waited for."""
    job, workspace, sites = sys.argv[1:]
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_end_with_starter, daemon=True).start()
    _bear_blanks(Path(workspace))
    runner = SimulatorRunner(job, workspace, clients=sites, threads=len(sites.split(",")))
    _leave(runner.simulator_run_main() or 0)


def _bear_blanks(workspace: Path) -> None:
    """Have FLARE start sites whose interpreter has blanks in its path: it joins words to one line and has a shell's rules split it.

    One of the words is its own file of settings for logs, beside its code, unless the workspace has one.
    """
    shutil.copyfile(Path(log_utils.__file__).with_name(_LOG_SETTINGS), workspace / "local" / _LOG_SETTINGS)
    multiprocessing.set_executable(sys.executable)
    sys.executable = shlex.quote(sys.executable)


def _end_with_starter() -> None:
    sys.stdin.buffer.read()
    _leave(1)


def _end(signum: int, frame: FrameType | None) -> None:
    del frame
    _leave(128 + signum)


def _leave(code: int) -> None:
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os._exit(code)


if __name__ == "__main__":
    main()
