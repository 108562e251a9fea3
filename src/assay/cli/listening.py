"""The socket of a server that is started by a command."""

from __future__ import annotations

import socket

from assay.errors import AssayError


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raises ``AssayError`` when the port is taken."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise AssayError(
            f"cannot listen on {host}:{port}: {error.strerror}", culprit=str(port), hint="--port 0 takes any free port"
        ) from None
    return listener
