"""docker or podman by their HTTP API on a Unix socket: ten calls, no client library, no program on PATH."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from assay.errors import AssayError

_PLACES = ("/var/run/docker.sock", "{runtime}/docker.sock", "{runtime}/podman/podman.sock", "/run/podman/podman.sock")
_LONGEST_WORDS = 1000


class ContainerError(AssayError):
    """The container engine is not there, or refuses."""

    code = "container"


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float | None) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Daemon:
    """A container engine behind a Unix socket. Every call has a connection of its own, so that any thread may make it.

    Args:
        path: Of the socket.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def call(
        self, method: str, path: str, body: object = None, *, timeout: float | None = 60.0, **query: str | int
    ) -> Any:
        """Return the answer to a request, decoded from JSON; ``None`` when it is empty.

        Raises:
            ContainerError: With the engine's own words; ``status`` has its answer's number.
        """
        with self.open(method, path, body, timeout=timeout, **query) as answer:
            text = answer.read()
        return json.loads(text) if text.strip() else None

    @contextlib.contextmanager
    def open(
        self, method: str, path: str, body: object = None, *, timeout: float | None = None, **query: str | int
    ) -> Iterator[http.client.HTTPResponse]:
        """Make a request whose answer is read as it comes. Raises ``ContainerError``."""
        connection = _Connection(self.path, timeout)
        target = f"{path}?{urlencode(query)}" if query else path
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            connection.request(method, target, None if body is None else json.dumps(body).encode(), headers)
            answer = connection.getresponse()
            if answer.status >= http.client.BAD_REQUEST:
                raise RefusedError(answer.status, _words(answer.read()))
            yield answer
        except (OSError, http.client.HTTPException) as error:
            hint = "see whether the container engine still runs: assay doctor"
            raise ContainerError(f"no answer from {self.path}: {error}", culprit=self.path, hint=hint) from error
        finally:
            connection.close()

    def facts(self) -> Mapping[str, Any]:
        """Return name, version and more of the engine."""
        found: Mapping[str, Any] = self.call("GET", "/version", timeout=30.0)
        return found

    def rootless(self) -> bool:
        """Return whether root inside a container is an ordinary user outside."""
        options = self.call("GET", "/info", timeout=30.0).get("SecurityOptions") or []
        return any("rootless" in option for option in options)

    def image(self, reference: str) -> str | None:
        """Return the digest of an image that is there, or ``None``."""
        try:
            found: str = self.call("GET", f"/images/{quote(reference, safe='')}/json")["Id"]
        except RefusedError as error:
            if error.status == http.client.NOT_FOUND:
                return None
            raise
        return found


class RefusedError(ContainerError):
    """The engine answered a request with a refusal; ``status`` is its number in HTTP."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def _words(text: bytes) -> str:
    try:
        said = json.loads(text)["message"]
    except (ValueError, KeyError, TypeError):
        said = text.decode("utf-8", "replace")
    return str(said).strip()[:_LONGEST_WORDS]


def find_daemon(given: Mapping[str, str] | None = None) -> Daemon:
    """Return the engine that ``DOCKER_HOST`` or ``CONTAINER_HOST`` name, else the first whose socket is there and takes calls.

    Raises:
        ContainerError: There is none, or only one on another machine.
    """
    given = os.environ if given is None else given
    hint = "start docker, or: systemctl --user start podman.socket; DOCKER_HOST=unix:///path names another socket"
    for variable in ("DOCKER_HOST", "CONTAINER_HOST"):
        host = given.get(variable, "")
        if host and not host.startswith("unix://"):
            message = (
                f"{variable} is {host}: files of a step can be shared only with a container engine on this machine"
            )
            raise ContainerError(message, culprit=host, hint=hint)
        if host:
            return Daemon(_answering(host.removeprefix("unix://"), hint))
    runtime = given.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
    deaf: ContainerError | None = None
    for place in _PLACES:
        path = place.format(runtime=runtime)
        if Path(path).is_socket():
            try:
                return Daemon(_answering(path, hint))
            except ContainerError as error:
                deaf = deaf or error
    if deaf is not None:  # one that is there and refuses says more than that there is none
        raise deaf
    raise ContainerError("there is no container engine: neither docker nor podman listens", hint=hint)


def _answering(path: str, hint: str) -> str:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
            trial.connect(path)
    except OSError as error:
        if isinstance(error, PermissionError):
            hint = "sudo usermod -aG docker $USER, then log in again; or podman without root: systemctl --user start podman.socket"
        message = f"the container engine at {path} takes no calls: {error.strerror}"
        raise ContainerError(message, culprit=path, hint=hint) from error
    return path
