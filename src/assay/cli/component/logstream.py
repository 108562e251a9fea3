"""A run of one component as it happens: what it prints, between the lines of its steps."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.logview import Tail
from assay.cli.terminal import ReaderGone, mute_stdout, raw
from assay.cli.watching import JsonWatcher, PlainWatcher, Watcher
from assay.ids import RunId
from assay.model import events as ev
from assay.model.state import RunState

if TYPE_CHECKING:
    from assay.store.store import Store

_PAUSE = 0.05
_ENDS = (ev.StepFinished, ev.StepFailed, ev.StepCancelled)


class StreamingWatcher:
    """Says what another watcher says, and streams the log of one step beside it: to stdout, or with JSON to stderr.

    Attributes:
        state: What is known of the run.
    """

    state: RunState

    def __init__(self, store: Store, step: ev.StepKey, title: str, *, json: bool) -> None:
        self._inner: Watcher = JsonWatcher() if json else PlainWatcher(len(step.step), title)
        self._store = store
        self._step = step
        self._json = json
        self.state = self._inner.state
        self._run = RunId("")
        self._stream: LogStream | None = None

    def begin(self, run: RunId, past: Iterable[ev.LoggedEvent]) -> None:
        """Say which run this is."""
        self._run = run
        self._inner.begin(run, past)

    def see(self, logged: ev.LoggedEvent) -> None:
        """Say the event; a log begins and ends with its attempt."""
        event = logged.event
        if isinstance(event, _ENDS) and event.key == self._step:
            self._stop()
        self._inner.see(logged)
        if isinstance(event, ev.StepStarted) and event.key == self._step:
            self._stop()
            log = self._store.log_file(self._run, event.key, event.attempt)
            self._stream = LogStream(log, to_stderr=self._json)

    def end(self) -> None:
        """Print what is left of the log."""
        self._stop()
        self._inner.end()

    def _stop(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None


class LogStream:
    """Prints a growing file from a thread of its own until it is closed; what is there by then is printed."""

    def __init__(self, path: Path, *, to_stderr: bool) -> None:
        self._tail = Tail(path)
        self._to_stderr = to_stderr
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="log", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Print the rest and stop."""
        self._over.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._over.wait(_PAUSE):
            self._print()
        self._print()

    def _print(self) -> None:
        try:
            while data := self._tail.read():
                if self._to_stderr:
                    sys.stderr.buffer.write(data)
                    sys.stderr.flush()
                else:
                    raw(data)
        except ReaderGone:
            mute_stdout()
