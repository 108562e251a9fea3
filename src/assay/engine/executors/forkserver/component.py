"""Running the component itself, in whichever process: what it returns, how it fails, what it says meanwhile.

A fresh interpreter (``isolation: spawn``) imports only this, so it stays small: the store and the model are not in it.
"""

from __future__ import annotations

import _socket
import atexit
import errno
import json
import os
import sys
from pathlib import Path

from assay.engine.executors.forkserver.protocol import LONGEST_PACKET, OUTCOME_FILE, RETURNED_FILE
from assay.runtime.channels import PacketChannel
from assay.runtime.execute import execute
from assay.runtime.failures import StepFailure
from assay.runtime.results import RawArtifact, RawList, RawValue

TYPE_CHECKING = False  # the one of typing costs a fresh interpreter milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from assay.runtime.results import RawOutput


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


def main() -> NoReturn:
    """Entry of a fresh interpreter: the descriptor its order comes by is its argument. Its outputs are published by its parent."""
    link = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET, 0, int(sys.argv[1]))
    sys.argv[:] = ["assay-step"]
    live_output()
    folder, descriptor = _wait_for_order(link)
    line = Line(descriptor)
    outcome = guarded(lambda: {"kind": "returned", "outputs": packed(call(folder, line))})
    flush()
    if outcome["kind"] != "returned":
        conclude(line, folder, outcome)
    else:
        write_whole(f"{folder}/{RETURNED_FILE}", json.dumps(outcome["outputs"]))
    end()


def _wait_for_order(link: _socket.socket) -> tuple[str, int]:
    """Return the step's folder and the socket to the engine, once this process has taken on what else the step is to find."""
    _, ancillary, _, _ = link.recvmsg(16, _socket.CMSG_SPACE(3 * 4))
    if not ancillary:
        os._exit(0)
    log, descriptor, memory = memoryview(ancillary[0][2]).cast("i")
    link.close()
    with open(memory, "rb", buffering=0) as file:
        file.seek(0)
        order = json.loads(file.readall().decode())
    for standard in (1, 2):
        os.dup2(log, standard)
    os.close(log)
    os.set_inheritable(descriptor, False)
    os.chdir(f"{order['folder']}/scratch")
    for name, value in order["env"].items():
        os.environ[name] = value
    return order["folder"], descriptor


def call(folder: str, line: Line) -> dict[str, RawOutput]:
    """Run the component in ``folder``; its messages go out by ``line``."""
    return execute(Path(folder), PacketChannel(line.send))


def guarded(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the outcome that ``work`` returns, or that of its failure."""
    try:
        return work()
    except StepFailure as failure:
        return failed(failure.code, failure.message, failure.traceback, failure.hint)
    except OSError as error:
        return failed(
            "store", f"cannot keep the step's outputs: {error}", hint="look at the disk and at the step's folder"
        )


def failed(code: str, message: str, traceback: str = "", hint: str = "") -> dict[str, Any]:
    """Return the outcome of an attempt that failed."""
    return {"kind": "failed", "code": code, "message": message, "traceback": traceback, "hint": hint}


def conclude(line: Line, folder: str, outcome: dict[str, Any]) -> None:
    """Tell the engine how the step went."""
    text = json.dumps(outcome)
    packet = text.encode()
    if len(packet) > LONGEST_PACKET or not _sent(line, packet):
        write_whole(f"{folder}/{OUTCOME_FILE}", text)


def _sent(line: Line, packet: bytes) -> bool:
    try:
        line.send(packet)
    except OSError:
        return False
    return True


def write_whole(path: str, text: str) -> None:
    """Write a file that is either whole or not there."""
    try:
        with open(f"{path}.part", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(f"{path}.part", path)
    except OSError as error:
        _log(f"cannot say how this step went: {error}")


def end() -> NoReturn:
    """End this process as an interpreter would, without waiting for threads."""
    atexit._run_exitfuncs()  # noqa: SLF001  (the only way, and what multiprocessing does in its own children)
    flush()
    os._exit(0)


def live_output() -> None:
    """Have each printed line reach the log at once, whatever characters are in it."""
    for stream in (sys.stdout, sys.stderr):
        # write_through is what PYTHONUNBUFFERED turns on: it would tear lines of parallel processes apart.
        stream.reconfigure(line_buffering=True, write_through=False, encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def flush() -> None:
    """Write out what is printed and not yet written."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue  # the disk is full, or the component closed it


def packed(outputs: dict[str, RawOutput]) -> dict[str, list[Any]]:
    """Return outputs as JSON; ``unpacked`` is the inverse."""
    packed: dict[str, list[Any]] = {}
    for port, raw in outputs.items():
        match raw:
            case RawArtifact(type, path):
                packed[port] = ["artifact", type, str(path)]
            case RawList(type, paths):
                packed[port] = ["list", type, *map(str, paths)]
            case RawValue(value):
                packed[port] = ["value", value]
    return packed


def unpacked(packed: dict[str, list[Any]]) -> dict[str, RawOutput]:
    """Return the outputs that a fresh interpreter wrote down."""
    outputs: dict[str, RawOutput] = {}
    for port, raw in packed.items():
        match raw:
            case ["artifact", type, path]:
                outputs[port] = RawArtifact(type, Path(path))
            case ["list", type, *paths]:
                outputs[port] = RawList(type, tuple(map(Path, paths)))
            case [_, value]:
                outputs[port] = RawValue(value)
    return outputs


def _log(text: str) -> None:
    sys.stdout.write(f"assay: {text}\n")
