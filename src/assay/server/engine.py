"""One run in a process of its own: ``python -m assay.server.engine`` waits for its order, runs it, and ends.

The server may be killed or stopped meanwhile: the run goes on. It leads a session of its own, so that Ctrl+C in the server's
terminal does not reach it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay.engine.job import Options
from assay.engine.selection import Selection
from assay.errors import AssayError
from assay.ids import RunId, StepName
from assay.server.problems import problem
from assay.store import Store
from assay.workspace import Workspace


def main() -> None:
    """Read one JSON line, answer ``{"run": id}`` or ``{"problem": …}`` with one, and carry the run out."""
    line = sys.stdin.readline()
    if not line:
        return  # the server ended before it had anything to run
    order = json.loads(line)
    try:
        _carry_out(order)
    except AssayError as error:
        _answer({"problem": problem(error)})


def _carry_out(order: Mapping[str, Any]) -> None:
    workspace = Workspace(Path(order["root"]), Store.open(Path(order["store"])))
    options = Options(order.get("most"), bool(order.get("fail_fast")))

    def begun(run: RunId) -> None:
        _answer({"run": run})
        _close_stdout()

    if order.get("resume"):
        workspace.resume(RunId(order["resume"]), None, on_start=begun)
        return
    checked = workspace.check(workspace.load(Path(order["file"])))
    workspace.run(checked, order["params"], _selection(order), options, on_start=begun)


def _selection(order: Mapping[str, Any]) -> Selection:
    def names(key: str) -> tuple[StepName, ...]:
        return tuple(StepName(name) for name in order.get(key, ()))

    return Selection(names("to"), names("start"), names("only"), names("force"), bool(order.get("force_all")))


def _answer(body: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):  # the server has gone: the run is in the record all the same
        sys.stdout.write(json.dumps(body) + "\n")
        sys.stdout.flush()


def _close_stdout() -> None:
    """Nobody reads any more: what is printed from now on leads nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    main()
