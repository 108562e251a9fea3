"""One attempt of one step: run the component, here or in a fresh interpreter, publish its outputs, say how it went."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from assay.engine.executors.forkserver.component import Line, call, conclude, end, failed, flush, guarded, unpacked
from assay.engine.executors.forkserver.interpreter import Interpreter
from assay.engine.executors.forkserver.protocol import RETURNED_FILE
from assay.engine.executors.forkserver.remains import Awaited, nothing_left, used
from assay.errors import AssayError
from assay.model.artifacts import ArtifactList, ArtifactType, Output, Value
from assay.model.events import output_to_json
from assay.runtime.results import RawArtifact, RawList, RawOutput
from assay.store.objects import ObjectStore

_TYPES = {str(one): one for one in ArtifactType}  # what the class itself would find by two more functions


def run(descriptor: int, folder: str, store: str, before: Awaited) -> NoReturn:
    """Run the step in ``folder``, publish into ``store``, report on the socket ``descriptor``, and end this process.

    Args:
        before: What was registered in this process before the component came.
    """
    line = Line(descriptor)
    outcome = attempt(folder, store, line)
    flush()
    if _say_over(outcome, before):
        conclude(line, folder, outcome)
        os._exit(0)
    conclude(line, folder, outcome)
    end()


def _say_over(outcome: dict[str, Any], before: Awaited) -> bool:
    """Add to an outcome that nothing comes after it, if that is so; then the engine need not wait for this process's end."""
    if outcome["kind"] != "done" or not nothing_left(before):
        return False
    outcome["over"] = used()
    return True


def attempt(folder: str, store: str, line: Line) -> dict[str, Any]:
    """Run the component in this process and publish its outputs; return the outcome."""
    return _published(store, lambda: call(folder, line))


def run_apart(
    descriptor: int,
    folder: str,
    store: str,
    before: Awaited,
    interpreter: Interpreter,
    environment: Mapping[str, str],
    most_data: int | None,
) -> NoReturn:
    """Do as ``run`` does, the component in a fresh interpreter: it ends with this process, and this one ends as it did."""
    status = interpreter.run(descriptor, folder, environment, most_data)
    try:
        with open(f"{folder}/{RETURNED_FILE}", encoding="utf-8") as file:
            packed = json.load(file)
    except (OSError, ValueError):
        _end_likewise(status)
    outcome = _published(store, lambda: unpacked(packed))
    _say_over(outcome, before)
    conclude(Line(descriptor), folder, outcome)
    os._exit(0)


def _end_likewise(status: int) -> NoReturn:
    if status < 0:
        if -status not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status if status >= 0 else 1)


def _published(store: str, work: Callable[[], Mapping[str, RawOutput]]) -> dict[str, Any]:
    objects = ObjectStore(Path(store))
    try:
        return guarded(lambda: {"kind": "done", "outputs": publish_all(objects, work())})
    except AssayError as error:
        return failed("store", error.message, hint=error.hint)


def publish_all(objects: ObjectStore, outputs: Mapping[str, RawOutput]) -> dict[str, Any]:
    """Put outputs into the store; return the JSON of what they are there. Raises ``StoreError``."""
    return {port: output_to_json(_publish(objects, raw)) for port, raw in outputs.items()}


def _publish(objects: ObjectStore, raw: RawOutput) -> Output:
    match raw:
        case RawArtifact(type, path):
            return objects.publish(path, _TYPES[type])
        case RawList(type, paths):
            return ArtifactList(tuple(objects.publish(path, _TYPES[type]) for path in paths))
        case _:
            return Value(raw.json)
