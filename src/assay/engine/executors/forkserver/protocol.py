"""What both sides of the process executor know: how a server and a step are started, and what crosses between them.

Engine and server share one SOCK_SEQPACKET socket; each packet is a JSON list, its first element the verb. To the server:
``["fork", number, over]`` with the ends of ``AHEAD`` children's sockets (``number`` is the first one's) and the numbers of
children whose end nobody waits for any more,
``["limit", number, bytes]``, ``["stop", number, grace]``, and ``["know", 0, file]``: children made from now on will load this file.
From the server: ``["ready"]``, ``["refused", number, why]``, and ``["exited", number, code, cpu_seconds, peak_memory, exceeded]``
when nothing of that process is left (``code`` is negative for a signal).

Engine and child share another one: an order (a JSON object) comes down, the component's messages go up, and last the
outcome: ``{"kind": "done", "outputs"}``, with ``"over": {"cpu_seconds", "peak_memory"}`` when nothing of the component can run
any more, or ``{"kind": "failed", "code", "message", "traceback", "hint"}``.
"""

import os

import assay

CONTROL = 3
"""Descriptor of a server's socket to the engine."""

AHEAD = 2
"""How many children are forked together, ahead of their orders. After a fork the server copies each page it writes to, so two
in a row cost less than one and one; and the next is ready while a fresh interpreter of the one before still starts."""

PYTHON_OPTIONS = ("-X", "utf8", "-X", "faulthandler", "-P", "-c")
"""UTF-8 mode, so that results do not depend on the shell's locale; a traceback when native code crashes; and no module from
the current directory in place of an installed one."""


def program(module: str) -> str:
    """Return a program that runs ``main`` of a module; its first argument is the folder that this package is in.

    The interpreter of another environment knows nothing of it, and needs nothing but the standard library to run it.
    """
    find_us = "import sys; path = sys.argv.pop(1); path in sys.path or sys.path.append(path)"
    return f"{find_us}; from {module} import main; main()"


SERVER = program("assay.engine.executors.forkserver.server")
COMPONENT = program("assay.engine.executors.forkserver.component")

HOME = os.path.dirname(os.path.dirname(os.path.abspath(assay.__file__)))
"""The folder that the package ``assay`` is in, as this process found it."""

LONGEST_PACKET = 60_000
"""Bytes; what is longer goes around the socket."""

IN_MEMORY = b"@"
"""Stands for an order that is too long for a packet: its text is in the last descriptor passed."""

RETURNED_FILE = "returned.json"
"""In the step's folder: the outputs of a component that ran in a fresh interpreter, for its parent to publish."""

OUTCOME_FILE = "outcome.json"
"""In the step's folder: how it went, when that is too long for a packet or the socket is no longer there."""
