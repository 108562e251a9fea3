"""Making one environment: by uv, once, in a folder of its own that is renamed into place when it is whole."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from assay.engine.executors.environment.places import FACTS, is_whole, mark_used, take
from assay.engine.executors.environment.settings import find_uv, pip_settings, uv_environment
from assay.model.events import Failure
from assay.store.placing import remove_tree

_AGAIN = 0.1
"""Seconds between two looks at a lock that another engine has."""

_LONGEST_WORDS = 1500
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")


class BuildError(Exception):
    """The environment was not made; ``failure`` says why to the steps that wanted it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(slots=True)
class Build:
    """Makes one environment, or waits for another engine to have done so.

    Args:
        folder: Where environments are.
        mark: Goes into the environment of uv, so that it does not outlive a dead engine.
        say: Told what is going on, in a few words each; called from the thread that calls ``run``.
    """

    folder: Path
    digest: str
    requirements: tuple[str, ...]
    mark: tuple[str, str]
    say: Callable[[str], None]
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _process: subprocess.Popen[str] | None = None

    def run(self) -> int:
        """Return a descriptor that holds the environment's lock, shared, once it is whole. Raises ``BuildError``."""
        while True:
            lock = take(self.folder, self.digest, shared=True)
            if lock is not None and is_whole(self.folder, self.digest):
                mark_used(self.folder, self.digest)
                return lock
            if lock is not None:
                os.close(lock)
                lock = take(self.folder, self.digest, shared=False)
            if lock is None:
                self.say("waits for another engine that makes this environment")
                if self._cancelled.wait(_AGAIN):
                    raise BuildError(Failure("killed", "stopped"))
                continue
            try:
                if not is_whole(self.folder, self.digest):
                    self._make()
            except OSError as error:
                hint = "free some space or make the store writable"
                raise BuildError(Failure("store", f"cannot make an environment: {error}", hint=hint)) from error
            finally:
                os.close(lock)

    def cancel(self) -> None:
        """End it soon; ``run`` raises."""
        self._cancelled.set()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def _make(self) -> None:
        uv = find_uv()
        if uv is None:
            message = f"not installed: {', '.join(self.requirements)}, and there is no uv to make an environment with"
            raise BuildError(Failure("environment", message, hint="pip install uv, or install the packages yourself"))
        for left in self.folder.glob(f".{self.digest}-*"):  # by an engine that was killed: nobody else has the lock
            remove_tree(str(left))
        began, part = time.monotonic(), self.folder / f".{self.digest}-{os.getpid()}"
        versions = self.folder / f"{self.digest}.txt"
        try:
            environment = {**uv_environment(os.environ, pip_settings()), self.mark[0]: self.mark[1]}
            self.say(f"makes an environment for {', '.join(self.requirements)}")
            # Relocatable: its programs find their interpreter also after the rename.
            self._uv([uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, str(part)], environment)
            install = [uv, "pip", "install", "--python", str(part / "bin" / "python")]
            same = ["--constraints", str(versions)] if versions.exists() else []
            self._uv([*install, *same, "--", *self.requirements], environment)
            freeze = [uv, "pip", "freeze", "--python", str(part / "bin" / "python")]
            self._finish(part, self._uv(freeze, environment), versions, time.monotonic() - began)
        finally:
            remove_tree(str(part))

    def _finish(self, part: Path, frozen: str, versions: Path, seconds: float) -> None:
        written = versions.with_suffix(f".{os.getpid()}")
        written.write_text(frozen, encoding="utf-8")
        os.rename(written, versions)
        facts = {"requirements": self.requirements, "versions": frozen.split("\n")[:-1], "seconds": round(seconds, 3)}
        (part / FACTS).write_text(json.dumps(facts), encoding="utf-8")
        remove_tree(str(self.folder / self.digest))  # it is there only when it is broken
        os.rename(part, self.folder / self.digest)

    def _uv(self, command: list[str], environment: dict[str, str]) -> str:
        """Run uv, pass on what it says while it works, and return what it prints. Raises ``BuildError``."""
        said: list[str] = []
        process = self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=environment,
            cwd=self.folder,  # below the project: settings of uv in its files are found
        )
        if self._cancelled.is_set():
            process.terminate()
        with process:
            for line in process.stderr or ():
                if line.startswith("Using Python"):  # of the unfinished folder: tells nobody anything
                    continue
                said.append(_CREDENTIALS.sub("***@", line))
                if not line.startswith((" ", "warning")):
                    self.say(said[-1].strip())
            printed = process.stdout.read() if process.stdout else ""
        if process.returncode == 0 and not self._cancelled.is_set():
            return printed
        if self._cancelled.is_set():
            raise BuildError(Failure("killed", "stopped"))
        raise BuildError(refusal(self.requirements, "".join(said)))


def refusal(requirements: tuple[str, ...], words: str) -> Failure:
    """Return the failure of a step whose requirements uv could not install: its own words, as much as can be read."""
    text = "\n".join(line.rstrip() for line in words.strip().splitlines())
    if len(text) > _LONGEST_WORDS:
        text = f"{text[: _LONGEST_WORDS // 2]}\n…\n{text[-_LONGEST_WORDS // 2 :]}"
    message = f"the requirements {', '.join(requirements)} cannot be installed: {text}"
    return Failure(
        "environment", message, hint="correct the component's requirements, or see whether the index is reached"
    )
