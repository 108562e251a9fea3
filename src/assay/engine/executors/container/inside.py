"""What runs in the container of a step that is Python: the same runtime as in every step, the engine's end is a socket in a folder."""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import NoReturn

from assay.engine.executors.forkserver.component import (
    Line,
    call,
    end,
    flush,
    guarded,
    live_output,
    packed,
    write_whole,
)
from assay.engine.executors.forkserver.remains import used

SAID = "said"
"""In the step's folder: where the socket to the engine is, and where the outcome goes."""

LINE = "line"
OUTCOME = "outcome.json"


def main() -> NoReturn:
    """Run the step in the folder that is the argument, and write down how it went."""
    (folder,) = sys.argv[1:]
    sys.argv[:] = ["assay-step"]
    os.dup2(1, 2)  # two streams would come out in another order than they went in
    live_output()
    link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    os.chdir(f"{folder}/{SAID}")
    link.connect(LINE)  # a socket's path may have 107 characters, a step's folder more
    line = Line(link.fileno())
    outcome = guarded(lambda: {"kind": "returned", "outputs": packed(call(folder, line))})
    flush()
    os.chdir("/")
    write_whole(f"{folder}/{SAID}/{OUTCOME}", json.dumps({**outcome, "used": used()}))
    end()
