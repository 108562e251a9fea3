"""Requests as CloudEvents (version 1.0, HTTP in binary mode) to a sink of the hospital's own: off unless asked for.

The facts of a request are one event. With payloads, what was asked and what was answered are two more, of the types that KServe's own
payload logger uses, so that what reads those reads these.
"""

from __future__ import annotations

import http.client
import json
import threading
import urllib.parse
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from assay.errors import AssayError

COMPLETED = "assay.inference.completed"
REQUEST, RESPONSE = "org.kubeflow.serving.inference.request", "org.kubeflow.serving.inference.response"
MOST_WAITING = 1000
"""Events that wait to be sent."""
MOST_BYTES = 64 << 20
"""Bytes of payload that wait to be sent."""

_PATIENCE = 5.0
"""Seconds that the sink has for an answer."""
_LAST_WORDS = 5.0
"""Seconds that what waits has to be sent at the end."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A body and its media type."""

    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A request that was answered or refused.

    Attributes:
        protocol: ``http`` or ``grpc``.
        ask: ``infer``, ``predict`` or ``explain``.
        status: Of HTTP or gRPC.
        seconds: That it took.
        number: Its number, no name.
        pictures: How many it had.
        request: What was asked; ``None`` when payloads are not sent.
        response: What was answered, likewise.
    """

    protocol: str
    ask: str
    status: str
    seconds: float
    number: str
    pictures: int = 0
    request: Payload | None = None
    response: Payload | None = None

    def facts(self) -> dict[str, str | float | int]:
        """Return what may stand in a log: nothing of any patient."""
        return {
            "request": self.number,
            "protocol": self.protocol,
            "ask": self.ask,
            "status": self.status,
            "ms": round(1000 * self.seconds, 1),
            "pictures": self.pictures,
        }


@dataclass(frozen=True, slots=True)
class _Event:
    type: str
    number: str
    at: datetime
    data: Payload


class Events:
    """Sends events from a thread of its own; no answer ever waits for it. What does not fit into the queue is dropped, and counted.

    Args:
        sink: ``http://`` or ``https://`` address that takes CloudEvents by POST.
        source: What the events are of, a URI reference such as ``/models/covid-ct``.
        payloads: Whether requests and answers, pictures of patients included, are sent.
        most: Events that may wait.

    Raises:
        AssayError: The sink is no such address.
    """

    def __init__(self, sink: str, source: str, *, payloads: bool = False, most: int = MOST_WAITING) -> None:
        self._address = _address(sink)
        self._source, self.payloads, self._most = source, payloads, most
        self._waiting: deque[_Event] = deque()
        self._bytes = self.sent = self.dropped = self.failed = 0
        self._changed = threading.Condition()
        self._ending = False
        self._connection: http.client.HTTPConnection | None = None
        self._worker = threading.Thread(target=self._work, name="assay-events", daemon=True)
        self._worker.start()

    def put(self, finished: Finished) -> None:
        """Hand over the events of a request; returns at once."""
        with self._changed:
            for event in self._events(finished):
                if len(self._waiting) >= self._most or self._bytes + len(event.data.body) > MOST_BYTES:
                    self.dropped += 1
                    continue
                self._waiting.append(event)
                self._bytes += len(event.data.body)
            self._changed.notify()

    def close(self) -> None:
        """Send what waits, for a few seconds at most, and end."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._worker.join(_LAST_WORDS)

    def _events(self, finished: Finished) -> Iterator[_Event]:
        now, number = datetime.now(UTC), finished.number
        yield _Event(COMPLETED, number, now, Payload(json.dumps(finished.facts()).encode(), "application/json"))
        if self.payloads:
            for kind, payload in ((REQUEST, finished.request), (RESPONSE, finished.response)):
                if payload is not None:
                    yield _Event(kind, number, now, payload)

    def _work(self) -> None:
        while (event := self._next()) is not None:
            sent = self._post(event)
            with self._changed:
                self._bytes -= len(event.data.body)
                self.sent += sent
                self.failed += not sent
        self._disconnect()

    def _next(self) -> _Event | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ending)
            return self._waiting.popleft() if self._waiting else None

    def _post(self, event: _Event) -> bool:
        """Return whether the sink took the event; one that did not is not sent again."""
        headers = {
            "ce-specversion": "1.0",
            "ce-id": f"{uuid.uuid4()}",
            "ce-source": self._source,
            "ce-type": event.type,
            "ce-time": event.at.isoformat(),
            "ce-subject": event.number,
            "content-type": event.data.media_type,
        }
        try:
            connection = self._connection or self._connected()
            connection.request("POST", self._address.path or "/", event.data.body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._disconnect()
            return False
        return 200 <= answer.status < 300

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._address.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(self._address.hostname or "", self._address.port, timeout=_PATIENCE)
        return self._connection


def _address(sink: str) -> urllib.parse.SplitResult:
    try:
        address = urllib.parse.urlsplit(sink)
        whole = address.scheme in {"http", "https"} and bool(address.hostname) and address.port != 0
        if whole and not (address.query or address.fragment or address.username):
            return address
    except ValueError:  # of the port
        pass
    raise AssayError(
        "events are sent to an http:// or https:// address, without a query or a password",
        culprit=sink,
        hint="such as http://events.hospital.example/assay",
    )
