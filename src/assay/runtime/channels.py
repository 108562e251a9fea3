"""Where a step's metrics, progress and previews go: one JSON message at a time."""

from __future__ import annotations

import json

TYPE_CHECKING = False  # the one of typing costs a fresh interpreter milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import IO, Any, Protocol

    Message = Mapping[str, Any]
else:
    Protocol = object
"""``{"kind": "metric", "name", "value", "index"}``, ``{"kind": "progress", "done", "total", "message"}`` or
``{"kind": "preview", "name", "media_type", "data"}``."""


class Channel(Protocol):
    """Takes the messages of a step."""

    def send(self, message: Message, /) -> None:
        """Pass one message on. Never raises because nobody listens any more."""


class PacketChannel:
    """Sends each message as one packet of UTF-8 JSON.

    Args:
        send_packet: Sends one packet, such as ``socket.send`` of a connected SOCK_SEQPACKET socket.
    """

    def __init__(self, send_packet: Callable[[bytes], object]) -> None:
        self._send_packet = send_packet
        self._open = True

    def send(self, message: Message, /) -> None:
        """Send ``message``; after a broken connection, do nothing (the engine is gone and so will the step be)."""
        if not self._open:
            return
        try:
            self._send_packet(encode(message))
        except OSError as error:
            self._open = False
            print(f"assay: nobody takes this step's messages any more ({error})", flush=True)


class LinesChannel:
    """Writes each message as one line of JSON to an open text file."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def send(self, message: Message, /) -> None:
        """Write ``message`` and flush."""
        self._file.write(encode(message).decode() + "\n")
        self._file.flush()


class ConsoleChannel:
    """Prints messages for a person: what a notebook or a test sees when no step is running."""

    def send(self, message: Message, /) -> None:
        """Print ``message`` in one line."""
        match message["kind"]:
            case "metric":
                at = "" if message["index"] is None else f" [{message['index']}]"
                print(f"{message['name']}{at} = {message['value']:.6g}")
            case "progress":
                total = "" if message["total"] is None else f"/{message['total']:g}"
                print(f"{message['done']:g}{total} {message['message']}".rstrip())
            case _:
                print(f"preview {message['name']} ({message['media_type']}, {len(message['data'])} characters)")


def encode(message: Message) -> bytes:
    """Return ``message`` as compact UTF-8 JSON."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
