"""Which image a name stands for: found out once a run, pulled when it is not there."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

from assay.engine.executors.container.daemon import ContainerError, Daemon, find_daemon

_LONGEST_WORDS = 1000


class Images:
    """The digests of images, each asked for once, so that one run never meets two contents under one name. For any thread."""

    def __init__(self, find: Callable[[], Daemon] = find_daemon) -> None:
        self._find = find
        self._daemon: Daemon | None = None
        self._known: dict[str, str] = {}
        self._pulling: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    @property
    def daemon(self) -> Daemon:
        """Return the container engine. Raises ``ContainerError``."""
        with self._guard:
            if self._daemon is None:
                self._daemon = self._find()
            return self._daemon

    def known(self, reference: str) -> str | None:
        """Return the digest of an image that is on this machine; ``None`` when it is not, or when nobody can tell."""
        if reference not in self._known:
            try:
                found = self.daemon.image(reference)
            except ContainerError:
                return None
            if found is None:
                return None
            self._known.setdefault(reference, found)
        return self._known[reference]

    def get(self, reference: str, say: Callable[[str], None]) -> str:
        """Return the digest of an image, after pulling it if need be.

        Args:
            say: Told how the pull goes on.

        Raises:
            ContainerError: There is no engine, or the image cannot be had: code ``image-pull``.
        """
        daemon = self.daemon
        with self._guard:
            lock = self._pulling.setdefault(reference, threading.Lock())
        with lock:
            if self.known(reference) is None:
                self._pull(daemon, reference, say)
            found = self.known(reference)
        if found is None:
            raise PullError(f"the image {reference} is not there after it was pulled", culprit=reference)
        return found

    def _pull(self, daemon: Daemon, reference: str, say: Callable[[str], None]) -> None:
        say(f"pulls {reference}")
        name, tag = split(reference)
        try:
            with daemon.open("POST", "/images/create", fromImage=name, tag=tag) as answer:
                for line in answer:
                    told = json.loads(line)
                    if "error" in told:
                        raise _refusal(reference, str(told["error"]))
                    # One line each time a layer is whole, not for each kilobyte of it.
                    if not told.get("progressDetail") and told.get("status"):
                        say(f"{told.get('id', '')} {told['status']}".strip())
        except PullError:
            raise
        except (ContainerError, ValueError) as error:
            raise _refusal(reference, str(getattr(error, "message", error))) from error


class PullError(ContainerError):
    """An image is not on this machine and cannot be pulled."""

    code = "image-pull"


def _refusal(reference: str, words: str) -> PullError:
    hint = "see whether the name is right and the registry is reached; 'docker login' for one that asks who you are"
    return PullError(f"the image {reference} cannot be pulled: {words[:_LONGEST_WORDS]}", culprit=reference, hint=hint)


def split(reference: str) -> tuple[str, str]:
    """Return name and tag (or digest) of an image; without either the tag is ``latest``, not every tag that there is."""
    if "@" in reference:
        name, _, digest = reference.partition("@")
        return name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name, digest
    head, slash, last = reference.rpartition("/")
    name, colon, tag = last.partition(":")
    return f"{head}{slash}{name}", tag if colon else "latest"
