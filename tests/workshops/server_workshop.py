"""Starts servers that cannot choose a free port themselves."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_PATIENCE = 300.0
_TRIES = 5


@contextlib.contextmanager
def listening(command: Callable[[int], list[str]], *, log: Path) -> Iterator[int]:
    """Run a server for the block; yields its port, once it takes connections there.

    A port that was free a moment ago may be somebody else's when the server comes to it: then the server ends, and is started again
    at another one.

    Args:
        command: Returns the words that start it at a port of loopback.
        log: File for what it says.
    """
    for attempt in range(_TRIES):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with log.open("wb") as file:
            process = subprocess.Popen(command(port), stdout=file, stderr=file, start_new_session=True)
        try:
            if _up(process, port):
                yield port
                return
            assert attempt < _TRIES - 1, log.read_text()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _up(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the server takes connections; return whether it does, and has not ended instead."""
    until = time.monotonic() + _PATIENCE
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.1)
    return False
