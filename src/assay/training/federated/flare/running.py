"""Run a federation on this machine and follow it: the step's side. It imports nothing of NVIDIA FLARE."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

from assay.errors import ComponentError
from assay.training.federated.flare.job import write_job
from assay.training.federated.flare.places import EVENTS_FILE, LEDGER_FILE, REFUSAL_FILE
from assay.training.federated.recipe import FederatedRecipe
from assay.training.federated.site import Folders

_LOOK_EVERY = 0.1
_TO_END = 10.0
_LOG_LINES = 12
_PREFIX = "assay-federation-"

Event = Mapping[str, Any]


def run(
    work: Path,
    sites: Mapping[str, Folders],
    recipe: FederatedRecipe,
    *,
    fewest: int,
    patience: float,
    follow: Callable[[Event], None],
) -> Path:
    """Run a federation and return the folder with ``model.onnx`` and ``weights.safetensors``.

    Args:
        work: Folder for all that is written; it must be empty.
        sites: Images of each site, by name.
        recipe: What is fitted.
        fewest: Sites without which the federation fails.
        patience: Seconds a site may take for an answer.
        follow: Told each event of ``federate``, ``gone`` when a site has ended, and ``broken`` with FLARE's last lines when it
            ended by itself.

    Raises:
        ComponentError: The sites cannot learn together, one refused or ended, or FLARE did not run.
    """
    job, space, server, notes = (work / name for name in ("job", "workspace", "server", "sites"))
    for folder in (job, space, server, *(notes / site for site in sites)):
        folder.mkdir(parents=True)
    write_job(job, sites, recipe, workspace=space, server=server, notes=notes, fewest=fewest, patience=patience)
    log = work / "flare.log"
    words = [sys.executable, "-m", "assay.training.federated.flare.coordinator", str(job), str(space), ",".join(sites)]
    with log.open("wb") as file:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=file, stderr=file, env=_environment())
        try:
            for event in _events(process, server / EVENTS_FILE):
                if event["event"] == "failed":
                    raise _failure(event, notes, sites)
                follow(event)
                if event["event"] == "done":
                    return server
        finally:
            _end(process)
    follow({"event": "broken", "log": "".join(_last_lines(log))})
    raise ComponentError(
        f"NVIDIA FLARE ended with {process.returncode} before the federation did",
        culprit="nvflare",
        hint="its last lines stand above",
    )


@contextlib.contextmanager
def workplace() -> Iterator[Path]:
    """Yield an empty folder for a federation, and remove it.

    It lies in the current folder: that of a step that was killed goes with its run. FLARE cannot work in a path with blanks or
    quotes; where the current folder has them, it is given a link among the temporary files, and none of the data are there.

    Raises:
        ComponentError: No folder that such a link can stand in may be written to.
    """
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=os.getcwd()) as folder:
        if shlex.quote(folder) == folder:
            yield Path(folder)
            return
        link = _plain_place() / f"{_PREFIX}{os.getpid()}-{Path(folder).name.removeprefix(_PREFIX)}"
        link.symlink_to(folder)
        try:
            yield link
        finally:
            link.unlink()


def _plain_place() -> Path:
    """Return a folder for links, without those that steps left that were killed."""
    known = [tempfile.gettempdir(), "/tmp", "/var/tmp"]  # noqa: S108  (the name is random, and a link that is there is no use to anybody)
    for place in known:
        if shlex.quote(place) == place and os.access(place, os.W_OK):
            for link in filter(Path.is_symlink, Path(place).glob(f"{_PREFIX}*-*")):
                maker = link.name.removeprefix(_PREFIX).partition("-")[0]
                if maker.isdecimal() and not psutil.pid_exists(int(maker)):
                    with contextlib.suppress(OSError):  # another user's
                        link.unlink()
            return Path(place)
    raise ComponentError(
        "NVIDIA FLARE needs a folder without blanks in its path", culprit=known[0], hint="let TMPDIR name one"
    )


def crossings(work: Path, sites: Mapping[str, Folders]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what left each site, message by message, as its door wrote it down."""
    for site in sites:
        ledger = work / "sites" / site / LEDGER_FILE
        if ledger.exists():
            for line in ledger.read_text(encoding="utf-8").splitlines():
                yield site, json.loads(line)


def _environment() -> dict[str, str]:
    """Return this process's environment, with the place of this package: a step may have imported it by other ways."""
    home = str(Path(__file__).parents[4])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH", "")]))}


def _events(process: subprocess.Popen[bytes], path: Path) -> Iterator[Event]:
    """Yield events as they are written, until the process has ended and all were read."""
    read = 0
    while True:
        ended = process.poll() is not None
        lines = path.read_bytes()[read:].splitlines(keepends=True) if path.exists() else []
        for line in lines:
            if not line.endswith(b"\n"):
                break
            read += len(line)
            yield json.loads(line)
        if ended:
            return
        time.sleep(_LOOK_EVERY)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()


def _failure(event: Event, notes: Path, sites: Mapping[str, Folders]) -> ComponentError:
    """Return the error: in the site's own words where it refused; all sites are on this machine, and so is who runs them."""
    for site in sites:
        words = notes / site / REFUSAL_FILE
        if words.exists():
            told = json.loads(words.read_text(encoding="utf-8"))
            return ComponentError(f"site {site}: {told['message']}", culprit=told["culprit"], hint=told["hint"])
    return ComponentError(event["message"], culprit=event["culprit"], hint=event["hint"])


def _last_lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)[-_LOG_LINES:]
