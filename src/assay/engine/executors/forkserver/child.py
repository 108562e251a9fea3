"""A forked process from its first instruction until it is a step (or the filter of a step's log)."""

from __future__ import annotations

import _socket
import gc
import json
import os
import random
import resource
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from assay.engine.executors.forkserver import component, step
from assay.engine.executors.forkserver.interpreter import Interpreter
from assay.engine.executors.forkserver.linux import adopt_orphans, die_with_parent
from assay.engine.executors.forkserver.memory import writable
from assay.engine.executors.forkserver.protocol import IN_MEMORY
from assay.engine.executors.forkserver.redact import Redactor
from assay.engine.executors.forkserver.remains import Awaited, awaited

_LONGEST_ORDER = 1 << 16
_ROOM_FOR_DESCRIPTORS = _socket.CMSG_SPACE(2 * 4)
_SLACK = 512 << 20
"""Address space beyond twice the memory limit: stacks of threads, and what a spawned interpreter's imports map."""


def live(connection: int, server: int, inherited: Iterable[int], *, apart: bool) -> NoReturn:
    """Wait for an order on the socket ``connection``, carry it out, end.

    Args:
        server: Process id of the server; this process dies with it.
        inherited: The server's own descriptors, to be closed.
        apart: Have a fresh interpreter ready for the component.
    """
    for descriptor in inherited:
        os.close(descriptor)
    os.setsid()
    die_with_parent()
    if os.getppid() != server:
        os._exit(0)
    adopt_orphans()
    gc.enable()
    _new_randomness()
    link = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET, 0, connection)
    os.set_inheritable(connection, False)
    interpreter = Interpreter() if apart else None
    before = awaited()
    order, passed = receive(link)
    link.detach()
    if order is None:
        os._exit(0)
    if order["role"] == "redact":
        os.close(connection)
        Redactor(order["secrets"]).copy(passed[0], _open_log(order["log"]))
        os._exit(0)
    _become_step(connection, order, passed, before, interpreter)


def _become_step(
    connection: int, order: dict[str, Any], passed: list[int], before: Awaited, interpreter: Interpreter | None
) -> NoReturn:
    folder = order["folder"]
    try:
        most_data = _enter(order, passed[0] if passed else _open_log(order["log"]))
    except OSError as error:
        outcome = component.failed("store", f"cannot enter the step's folder: {error}")
        component.conclude(component.Line(connection), folder, outcome)
        os._exit(0)
    if order["spawn"]:
        if interpreter is not None and not interpreter.suits(order["env"]):
            interpreter.end()
            interpreter = None
        step.run_apart(
            connection, folder, order["store"], before, interpreter or Interpreter(), order["env"], most_data
        )
    step.run(connection, folder, order["store"], before)


def _new_randomness() -> None:
    """Make unseeded random numbers differ from step to step, as they would in separate programs.

    ``random`` sees to this itself after a fork; numpy's global generator would be a copy of the server's.
    """
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed(random.SystemRandom().getrandbits(32))


def receive(link: _socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """Wait for an order; return it, or ``None`` when the engine has gone, and the descriptors passed with it."""
    # Not ``socket.recv_fds``: each page that a child is the first to use costs it 3 us, and its ways are long.
    data, ancillary, _, _ = link.recvmsg(_LONGEST_ORDER, _ROOM_FOR_DESCRIPTORS)
    passed = [descriptor for _, _, raw in ancillary for descriptor in memoryview(raw).cast("i")]
    if data == IN_MEMORY:
        with open(passed.pop(), "rb") as file:
            data = file.read()
    return (json.loads(data.decode()) if data else None), passed


def _open_log(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)


def _enter(order: dict[str, Any], log: int) -> int | None:
    """Take on what the step is to find; return how much private memory it may have."""
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.chdir(f"{order['folder']}/scratch")
    for name, value in order["env"].items():
        os.environ[name] = value
    if not order["memory"]:
        return None
    most = writable() + 2 * int(order["memory"]) + _SLACK
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    return most
