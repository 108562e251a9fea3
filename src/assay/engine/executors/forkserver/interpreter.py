"""A fresh interpreter for a step that must not be forked: started ahead of its order, like the process that waits for it."""

from __future__ import annotations

import _socket
import contextlib
import json
import os
import resource
import signal
import sys
from collections.abc import Mapping

from assay.engine.executors.forkserver.linux import die_with_parent
from assay.engine.executors.forkserver.protocol import COMPONENT, HOME, PYTHON_OPTIONS

_READ_AT_START = ("PYTHON", "LD_", "MALLOC_", "GLIBC_")
"""How the names begin of variables that an interpreter, or the C library, reads once."""


class Interpreter:
    """Waits, with the runtime imported, for the folder of a step; ends with this process."""

    def __init__(self) -> None:
        parent = os.getpid()
        self._link, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
        self._pid = os.fork()
        if self._pid == 0:
            die_with_parent()
            if os.getppid() != parent:
                os._exit(0)
            os.set_inheritable(theirs.fileno(), True)
            command = [sys.executable, *PYTHON_OPTIONS, COMPONENT, HOME, str(theirs.fileno())]
            os.execv(sys.executable, command)  # noqa: S606  (no shell is the point)
        theirs.close()

    def suits(self, environment: Mapping[str, str]) -> bool:
        """Return whether a step with these variables can run in it: none of them had to be there at its start."""
        return not any(name.startswith(_READ_AT_START) for name in environment)

    def run(self, connection: int, folder: str, environment: Mapping[str, str], most_data: int | None) -> int:
        """Run the component in ``folder``; return how the interpreter ended, as ``os.waitstatus_to_exitcode`` says it.

        Args:
            connection: Socket to the engine, which the component shares with this process; so are stdout and stderr.
            most_data: Its limit of private memory in bytes.
        """
        if most_data is not None:
            resource.prlimit(self._pid, resource.RLIMIT_DATA, (most_data, most_data))
        order = json.dumps({"folder": folder, "env": dict(environment)}).encode()
        memory = os.memfd_create("assay-order")
        os.write(memory, order)
        rights = b"".join(number.to_bytes(4, sys.byteorder) for number in (1, connection, memory))
        with contextlib.suppress(OSError):  # it has ended: its status says how
            self._link.sendmsg([b"go"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
        # A signal to the group is for the component to act on.
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def end(self) -> None:
        """End it without a step."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self._link.close()
