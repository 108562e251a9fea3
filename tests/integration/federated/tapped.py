"""Keeps a copy of every byte that a process of a federation sends. Loaded as ``sitecustomize`` by the test that looks at them."""

import os
import socket
import sys
import threading
from multiprocessing.connection import Connection

FOLDER = os.environ["TAPPED"]
WORDS = sys.orig_argv
LOCK = threading.Lock()
NAME = WORDS[WORDS.index("--client") + 1] if "--client" in WORDS else "server"


def keep(*parts):
    """Add to what this process has sent, and how large each piece was."""
    with (
        LOCK,  # threads send at once, and sizes have to stand in the order of what they are of
        open(os.path.join(FOLDER, f"{NAME}.bin"), "ab") as file,
        open(os.path.join(FOLDER, f"{NAME}.sizes"), "a", encoding="ascii") as sizes,
    ):
        file.writelines(parts)
        sizes.writelines(f"{memoryview(part).nbytes}\n" for part in parts)


class Tapped(socket.socket):
    """A socket that writes down what it sends."""

    def send(self, data, *flags):
        sent = super().send(data, *flags)
        keep(memoryview(data).cast("B")[:sent])
        return sent

    def sendall(self, data, *flags):
        keep(memoryview(data).cast("B"))
        return super().sendall(data, *flags)

    def sendmsg(self, buffers, *rest):
        keep(*buffers)
        return super().sendmsg(buffers, *rest)


def tapped_send(self, buffer, _send=Connection._send):
    """Write down what a connection between two processes sends."""
    keep(buffer)
    return _send(self, buffer)


socket.socket = Tapped
Connection._send = tapped_send
