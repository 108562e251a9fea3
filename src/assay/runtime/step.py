"""``step``: what a running component tells Assay, and what it may ask. Also works when no step is running."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

from assay.runtime.artifacts import Folder, Handle
from assay.runtime.channels import ConsoleChannel

TYPE_CHECKING = False  # the one of typing costs a fresh interpreter milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, SupportsFloat, TypeVar

    from assay.runtime.channels import Channel, Message

    HandleT = TypeVar("HandleT", bound=Handle)

_LONG_AGO = float("-inf")

PROGRESS_EVERY = 0.2
"""Seconds between two progress messages, at least; the first and the last always pass."""

LARGEST_PREVIEW = 128 * 1024
"""Bytes of one preview as sent (base64 for pictures); a larger one is left out with a line in the log."""


class Session:
    """What ``step`` knows while a step runs."""

    __slots__ = ("channel", "folder", "inputs", "params", "threads")

    def __init__(
        self, folder: Path, channel: Channel, params: Mapping[str, Any], inputs: Mapping[str, Any], threads: int
    ) -> None:
        self.folder, self.channel, self.params, self.inputs, self.threads = folder, channel, params, inputs, threads


class Step:
    """The interface between a component's code and the step it runs in; the one instance is ``assay.step``."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._session: Session | None = None
        self._console = ConsoleChannel()
        self._next_progress = _LONG_AGO
        self._held_back: Message | None = None

    @property
    def running(self) -> bool:
        """Whether this code runs as a step, and not by a plain call."""
        return self._session is not None

    @property
    def params(self) -> Mapping[str, Any]:
        """The parameters of this step, without secrets; empty when no step is running."""
        return self._session.params if self._session else {}

    @property
    def inputs(self) -> Mapping[str, Handle | list[Handle]]:
        """The inputs of this step by port; empty when no step is running."""
        return self._session.inputs if self._session else {}

    @property
    def threads(self) -> int:
        """Threads that numerical libraries may use, at least 1."""
        return self._session.threads if self._session else 1

    def output(self, port: str, kind: type[HandleT], *, suffix: str | None = None, index: int | None = None) -> HandleT:
        """Return the place to write an output to.

        A folder is there when this returns; a file is not, but its folder is. When no step is running, the place is a fresh
        temporary folder that is left for the caller.

        Args:
            port: Name of the output port.
            kind: Artifact class, such as ``Images``.
            suffix: Ending of a file's name with its dot; default: what is usual for the type.
            index: Position in a list port, from 0.

        Example:
            >>> images = step.output("images", Images)  # doctest: +SKIP
            >>> (images / "index.csv").write_text("file,label")  # doctest: +SKIP
        """
        root = self._session.folder / "outputs" if self._session else _temporary_folder()
        ending = "" if issubclass(kind, Folder) else kind.suffix if suffix is None else suffix
        path = root / f"{port}{ending}" if index is None else root / port / f"{index:04d}{ending}"
        made = path if issubclass(kind, Folder) else path.parent
        if not os.path.isdir(made):
            made.mkdir(parents=True, exist_ok=True)
        return kind(path)

    def digest(self, artifact: Handle) -> str:
        """Return the sha256 of an input's or output's content, the one that the store and ``assay artifacts`` know it by.

        Evidence names what it measured by it. Raises ``StoreError`` when something cannot be read.
        """
        from assay.store.sources import digest_source  # only few components ask

        return digest_source(artifact.path)[0]

    def log_metric(self, name: str, value: SupportsFloat, *, index: int | None = None) -> None:
        """Record a figure, such as ``log_metric("auroc", 0.93, index=epoch)``.

        A figure that is not finite cannot be recorded: it becomes a line in the log, and the step goes on.
        """
        number = float(value)
        if number - number == 0:  # neither infinite nor not a number
            self._send(
                {"kind": "metric", "name": name, "value": number, "index": None if index is None else int(index)}
            )
        else:
            print(f"metric {name} is {number}: not recorded", flush=True)

    def progress(self, done: SupportsFloat, total: SupportsFloat | None = None, message: str = "") -> None:
        """Say how far the step is, such as ``progress(3, 10, "slices")``.

        May be called as often as you like: at most five messages a second are sent, the first and the last always.
        """
        whole = None if total is None else float(total)
        sent = {"kind": "progress", "done": float(done), "total": whole, "message": message}
        now = self._clock()
        if now >= self._next_progress or (whole is not None and float(done) >= whole):
            self._next_progress = now + PROGRESS_EVERY
            self._held_back = None
            self._send(sent)
        else:
            self._held_back = sent

    def preview(self, name: str, data: object, *, media_type: str | None = None) -> None:
        """Show something small while the step runs; at most 128 KiB, otherwise a line in the log takes its place.

        Args:
            name: Shown above it; a later preview of the same name replaces it.
            data: Text, bytes (a PNG picture, say), or anything JSON can hold.
            media_type: Default: ``text/plain``, ``image/png`` or ``application/octet-stream``, ``application/json``.
        """
        guessed, text = _preview_text(data)
        size = len(text.encode())
        if size > LARGEST_PREVIEW:
            print(f"preview {name} left out: {size} bytes, at most {LARGEST_PREVIEW}", flush=True)
            return
        self._send({"kind": "preview", "name": name, "media_type": media_type or guessed, "data": text})

    def begin(self, session: Session) -> None:
        """Start to speak for a step (``execute`` calls this)."""
        self._session, self._next_progress, self._held_back = session, _LONG_AGO, None

    def end(self) -> None:
        """Send what is held back and speak for no step any more (``execute`` calls this)."""
        if self._held_back is not None:
            self._send(self._held_back)
        self._session, self._next_progress, self._held_back = None, _LONG_AGO, None

    def _send(self, message: Message) -> None:
        (self._session.channel if self._session else self._console).send(message)


step = Step()


def _preview_text(data: object) -> tuple[str, str]:
    if isinstance(data, str):
        return "text/plain", data
    if isinstance(data, bytes):
        import base64  # not on the way of a step that shows no picture

        kind = "image/png" if data.startswith(b"\x89PNG") else "application/octet-stream"
        return kind, base64.b64encode(data).decode()
    return "application/json", json.dumps(data, allow_nan=False, default=_plain)


def _plain(value: object) -> object:
    """Turn what is nearly JSON into JSON: numpy scalars and arrays, tuples' cousins, paths."""
    for method in ("tolist", "item"):
        convert = getattr(value, method, None)
        if callable(convert):
            return convert()
    if isinstance(value, (Sequence, set, frozenset)):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _temporary_folder() -> Path:
    import tempfile  # only when a component is called outside a step

    return Path(tempfile.mkdtemp(prefix="assay-"))
