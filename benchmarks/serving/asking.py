"""A client that costs little: prepared bytes over kept connections, one thread a caller."""

from __future__ import annotations

import re
import socket
import statistics
import threading
import time
from dataclasses import dataclass

_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Figures:
    """What a round gave: answers, requests a second, and milliseconds of the middle and the slowest hundredth."""

    answers: int
    rps: float
    p50: float
    p99: float


def posted(port: int, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return the bytes of a POST request."""
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answered(connection: socket.socket, request: bytes) -> tuple[int, bytes]:
    """Send a request and return status and body."""
    connection.sendall(request)
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("the server closed the connection")
        head += part
    head, _, body = head.partition(b"\r\n\r\n")
    found = _LENGTH.search(head)
    if found is None:
        raise ConnectionError(f"an answer without a length: {head!r}")
    while len(body) < int(found[1]):
        body += connection.recv(65536)
    return int(head.split(b" ", 2)[1]), body


def measure(port: int, request: bytes, seconds: float, callers: int) -> Figures:
    """Ask for some seconds with some callers at once; every answer has to be a 200."""
    times: list[list[float]] = [[] for _ in range(callers)]
    faults: list[str] = []
    until = time.perf_counter() + seconds

    def caller(mine: list[float]) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (began := time.perf_counter()) < until:
                status, body = answered(connection, request)
                if status != 200:
                    faults.append(f"{status}: {body[:200]!r}")
                    return
                mine.append(time.perf_counter() - began)

    threads = [threading.Thread(target=caller, args=(mine,)) for mine in times]
    began = time.perf_counter()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    took = time.perf_counter() - began
    if faults:
        raise SystemExit(f"a request failed: {faults[0]}")
    every = sorted(1000 * one for mine in times for one in mine)
    return Figures(len(every), len(every) / took, statistics.median(every), every[int(0.99 * (len(every) - 1))])
