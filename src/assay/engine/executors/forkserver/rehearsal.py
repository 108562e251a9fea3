"""Playing a step through before the order comes.

After a fork, the first write to each page of memory costs one to three microseconds, and a step writes to some 600 that
every step writes to. A child that waits for its order has time for that: it runs a step that does nothing, on a stage in
memory, and the real one takes half as long.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import stat
import sys
from collections.abc import Callable, Iterator

from assay.runtime.artifacts import File
from assay.runtime.step import step

_STAGES = "/dev/shm"  # noqa: S108  (the name below it is the user's own, and checked)


def act() -> File:
    """The component of the piece."""
    prop = step.output("file", File, suffix=".txt")
    prop.path.write_text(str(os.getpid()))
    return prop


def build_stage() -> str:
    """Return the folder for rehearsals, one for each user, made when it is not there; empty when there can be none."""
    stage = f"{_STAGES}/assay-{os.getuid()}"
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(stage, 0o700)
        found = os.lstat(stage)
        if found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o077:
            return ""
        for name in ("inputs", "outputs", "scratch"):
            os.makedirs(f"{stage}/{name}", exist_ok=True)
        with open(f"{stage}/step.json.{os.getpid()}", "w", encoding="utf-8") as file:
            json.dump(_script(), file)
        os.rename(file.name, f"{stage}/step.json")
    except OSError:
        return ""
    return stage


def _script() -> dict[str, object]:
    code = {"kind": "function", "module": "", "file": __file__, "function": "act"}
    ports = {"file": {"type": "File", "many": False, "optional": False}}
    return {"format": 1, "step": "rehearsal", "implementation": code, "params": {}, "inputs": {}, "outputs": ports}


def rehearse(stage: str, play: Callable[[], None]) -> None:
    """Run ``play`` on the stage, if nobody else is on it, and put everything back."""
    with contextlib.suppress(OSError), _alone(stage):
        path = list(sys.path)
        known = set(sys.modules)
        play()
        sys.path[:] = path
        for name in set(sys.modules) - known:
            del sys.modules[name]


@contextlib.contextmanager
def _alone(stage: str) -> Iterator[None]:
    guard = os.open(stage, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(guard)
