"""One attempt of one step, inside its own process: run the component, publish its outputs, say how it went."""

from __future__ import annotations

import atexit
import contextlib
import errno
import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from assay.engine.executors.forkserver.protocol import LONGEST_PACKET, OUTCOME_FILE
from assay.errors import AssayError
from assay.model.artifacts import ArtifactList, ArtifactType, Output, Value
from assay.model.events import output_to_json
from assay.runtime.channels import PacketChannel
from assay.runtime.execute import execute
from assay.runtime.failures import StepFailure
from assay.runtime.results import RawArtifact, RawList, RawOutput
from assay.store.objects import ObjectStore


class Line:
    """The step's end of its socket to the engine.

    The component runs in this process and may close any descriptor, so that another file gets the same number: what the
    descriptor is gets checked before each use.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._identity = os.fstat(descriptor).st_ino

    def send(self, packet: bytes) -> None:
        """Send one packet; raises ``OSError`` when nobody can get it."""
        if os.fstat(self._descriptor).st_ino != self._identity:
            raise OSError(errno.EBADF, "the component closed the socket to the engine")
        try:
            os.write(self._descriptor, packet)
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise
            _log(f"a message of {len(packet)} bytes is too long, left out")


def run(descriptor: int, folder: str, store: str) -> NoReturn:
    """Run the step in ``folder``, publish into ``store``, report on the socket ``descriptor``, and end this process."""
    line = Line(descriptor)
    outcome = attempt(folder, store, line)
    _flush()
    conclude(line, folder, outcome)
    atexit._run_exitfuncs()  # noqa: SLF001  (the only way, and what multiprocessing does in its own children)
    _flush()
    os._exit(0)


def main() -> NoReturn:
    """Entry of a freshly started interpreter: ``DESCRIPTOR FOLDER STORE`` are its arguments."""
    descriptor, folder, store = sys.argv[1:]
    sys.argv[:] = ["assay-step"]
    live_output()
    os.set_inheritable(int(descriptor), False)
    run(int(descriptor), folder, store)


def live_output() -> None:
    """Have each printed line reach the log at once, whatever characters are in it."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def attempt(folder: str, store: str, line: Line) -> dict[str, Any]:
    """Run the component and publish its outputs; return the outcome."""
    try:
        raw = execute(Path(folder), PacketChannel(line.send))
        objects = ObjectStore(Path(store))
        published = {port: output_to_json(_publish(objects, output)) for port, output in raw.items()}
    except StepFailure as failure:
        return failed(failure.code, failure.message, failure.traceback, failure.hint)
    except AssayError as error:
        return failed("store", error.message, hint=error.hint)
    except OSError as error:
        return failed(
            "store", f"cannot keep the step's outputs: {error}", hint="look at the disk and at the step's folder"
        )
    return {"kind": "done", "outputs": published}


def _publish(objects: ObjectStore, raw: RawOutput) -> Output:
    match raw:
        case RawArtifact(type, path):
            return objects.publish(path, ArtifactType(type))
        case RawList(type, paths):
            return ArtifactList(tuple(objects.publish(path, ArtifactType(type)) for path in paths))
        case _:
            return Value(raw.json)


def failed(code: str, message: str, traceback: str = "", hint: str = "") -> dict[str, Any]:
    """Return the outcome of an attempt that failed."""
    return {"kind": "failed", "code": code, "message": message, "traceback": traceback, "hint": hint}


def conclude(line: Line, folder: str, outcome: dict[str, Any]) -> None:
    """Tell the engine how the step went."""
    packet = json.dumps(outcome).encode()
    if len(packet) <= LONGEST_PACKET:
        with contextlib.suppress(OSError):  # then the file says it
            line.send(packet)
            return
    try:
        with open(f"{folder}/{OUTCOME_FILE}.part", "wb") as file:
            file.write(packet)
        os.rename(f"{folder}/{OUTCOME_FILE}.part", f"{folder}/{OUTCOME_FILE}")
    except OSError as error:
        _log(f"cannot say how this step went: {error}")


def _log(text: str) -> None:
    sys.stdout.write(f"assay: {text}\n")


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue  # the disk is full, or the component closed it
