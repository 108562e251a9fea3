"""Starting runs at once: one engine process has its imports done and waits for the next order."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from assay.errors import AssayError, ExitCode

_PATIENCE = 120.0
"""Seconds until an engine has to have begun its run."""


class RunRefused(AssayError):  # noqa: N818  (like its kin in errors.py)
    """The engine would not begin: ``body`` is its problem as it is answered."""

    code: ClassVar[str] = "refused"

    def __init__(self, body: Mapping[str, Any]) -> None:
        super().__init__(str(body["message"]), culprit=str(body["culprit"]), hint=str(body["hint"]))
        self.body = dict(body)


class EngineDied(AssayError):  # noqa: N818  (as above)
    """The engine ended, or did not answer, before a run had begun."""

    code: ClassVar[str] = "engine"
    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL


class Launcher:
    """Hands orders to engine processes; safe in many threads.

    Args:
        log: File for what an engine prints to stderr.
        ahead: Whether an engine is started before there is an order for it.
    """

    def __init__(self, log: Path, *, ahead: bool = True) -> None:
        self._log = log
        self._ahead = ahead
        self._lock = threading.Lock()
        self._spare: subprocess.Popen[bytes] | None = None
        self._closed = False

    def warm(self) -> None:
        """Have an engine ready; returns at once."""
        with self._lock:
            if self._ahead and self._spare is None and not self._closed:
                self._spare = self._new()

    def launch(self, order: Mapping[str, Any]) -> str:
        """Begin a run and return its id.

        Raises:
            RunRefused: The document, the parameters or the secrets have faults.
            EngineDied: No engine could be had.
        """
        with self._lock:
            engine, self._spare = self._spare or self._new(), None
        threading.Thread(target=engine.wait, daemon=True).start()  # whenever it ends, it leaves no zombie
        answer = _ask(engine, order)
        threading.Thread(target=self.warm, daemon=True).start()
        if "problem" in answer:
            raise RunRefused(answer["problem"])
        return str(answer["run"])

    def close(self) -> None:
        """End the waiting engine; those that run go on."""
        with self._lock:
            self._closed = True
            spare, self._spare = self._spare, None
        if spare is not None:
            assert spare.stdin is not None
            assert spare.stdout is not None
            spare.stdin.close()
            spare.stdout.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                spare.wait(2)

    def _new(self) -> subprocess.Popen[bytes]:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "assay.server.engine"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )


def _ask(engine: subprocess.Popen[bytes], order: Mapping[str, Any]) -> dict[str, Any]:
    assert engine.stdin is not None
    assert engine.stdout is not None
    timer = threading.Timer(_PATIENCE, engine.kill)
    timer.start()
    try:
        engine.stdin.write(json.dumps(dict(order)).encode() + b"\n")
        engine.stdin.close()
        line = engine.stdout.readline()
        engine.stdout.close()
    except BrokenPipeError:
        line = b""
    finally:
        timer.cancel()
    if not line:
        engine.poll()
        raise EngineDied(
            "the engine ended before the run had begun", hint="its last words are in .assay/logs/studio.log"
        )
    answer: dict[str, Any] = json.loads(line)
    return answer
