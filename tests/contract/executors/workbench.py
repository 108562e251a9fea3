"""Makes orders out of a few lines of Python and runs them, for the tests of every executor."""

from __future__ import annotations

import json
import select
import textwrap
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay.engine.executor import Executor, Exited, Message, StepOrder
from assay.ids import RunId, StepName
from assay.model.component import Isolation
from assay.model.events import StepKey

PATIENCE = 90.0
"""Seconds after which what a test waits for does not come any more, also on a slow machine under load."""

_HEADER = "from assay.runtime.artifacts import File, Folder\nfrom assay.runtime.step import step\n"


@dataclass
class Ended:
    """All notices of one attempt."""

    messages: list[Message] = field(default_factory=list)
    exited: Exited | None = None
    at: float = 0.0

    @property
    def failure(self) -> Any:
        assert self.exited is not None
        assert self.exited.failure is not None, f"it succeeded: {self.exited.outputs}"
        return self.exited.failure

    @property
    def outputs(self) -> Any:
        assert self.exited is not None
        assert self.exited.failure is None, self.exited.failure
        return self.exited.outputs


class Workbench:
    """A store root and an executor."""

    def __init__(
        self,
        root: Path,
        executor: Executor,
        isolation: Isolation = Isolation.FORK,
        fields: dict[str, Any] | None = None,
    ) -> None:
        self.fields = fields or {}
        self.root = root
        self.executor = executor
        self.isolation = isolation
        self.made = 0
        self.ended: dict[StepKey, Ended] = {}

    @property
    def resting(self) -> int:
        """How many processes a server is that has nothing to do: itself, and those that wait for orders."""
        return 5 if self.isolation is Isolation.SPAWN else 2

    def order(
        self,
        source: str,
        *,
        outputs: dict[str, str] | None = None,
        params: dict[str, Any] | None = None,
        function: str = "work",
        **fields: Any,
    ) -> StepOrder:
        """Return an order for the function ``work`` in ``source``; ``outputs`` is port to type, ``[]`` after it for many."""
        self.made += 1
        folder = self.root / "work" / "r" / f"s{self.made}.1"
        for name in ("inputs", "outputs", "scratch"):
            (folder / name).mkdir(parents=True)
        code = self.root / "code" / f"code{self.made}.py"
        code.parent.mkdir(exist_ok=True)
        code.write_text(_HEADER + textwrap.dedent(source))
        ports = {
            port: {"type": kind.removesuffix("[]"), "many": kind.endswith("[]"), "optional": False}
            for port, kind in (outputs or {}).items()
        }
        implementation = {"kind": "function", "module": "", "file": str(code), "function": function}
        described = {"format": 1, "run": "r", "step": f"s{self.made}", "item": None, "attempt": 1, "pipeline": "p"}
        described |= {"component": "./code.py:work", "implementation": implementation, "params": params or {}}
        described |= {"inputs": {}, "outputs": ports, "threads": 1}
        (folder / "step.json").write_text(json.dumps(described))
        fields = {**self.fields, **fields}
        fields.setdefault("isolation", self.isolation)
        fields.setdefault("log", folder / "log.txt")
        return StepOrder(RunId("r"), StepKey(StepName(f"s{self.made}")), 1, folder, store=self.root, **fields)

    def start(self, source: str, **fields: Any) -> StepOrder:
        """Make an order and start it."""
        order = self.order(source, **fields)
        self.executor.start(order)
        return order

    def wait(self, *orders: StepOrder, timeout: float = PATIENCE) -> list[Ended]:
        """Wait for the end of these orders."""
        self.listen(lambda: all(self.of(order).exited for order in orders), timeout)
        return [self.of(order) for order in orders]

    def run(self, source: str, *, timeout: float = PATIENCE, **fields: Any) -> Ended:
        """Run one step to its end."""
        return self.wait(self.start(source, **fields), timeout=timeout)[0]

    def of(self, order: StepOrder) -> Ended:
        """Return what has come of an order so far."""
        return self.ended.setdefault(order.key, Ended())

    def listen(self, enough: Any, timeout: float = PATIENCE) -> None:
        """Take notices until ``enough()``; fails after ``timeout`` seconds."""
        until = time.monotonic() + timeout
        poll = select.poll()
        poll.register(self.executor.fileno(), select.POLLIN)
        while not enough():
            due = self.executor.deadline()
            left = min(until, due or until) - time.monotonic()
            poll.poll(max(0, left) * 1000)
            assert time.monotonic() < until, f"nothing more came within {timeout} s: {self.ended}"
            self.drain()

    def drain(self) -> None:
        """Take the notices that are there."""
        for notice in self.executor.drain():
            ended = self.ended.setdefault(notice.key, Ended())
            assert ended.exited is None, "something came after the end"
            if isinstance(notice, Message):
                ended.messages.append(notice)
            else:
                ended.exited, ended.at = notice, time.monotonic()

    def until_printed(self, order: StepOrder, text: str, timeout: float = PATIENCE) -> str:
        """Wait until the log holds ``text``; return the log."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if order.log.exists() and text in (log := order.log.read_text(errors="replace")):
                return log
            self.drain()
            time.sleep(0.005)
        raise AssertionError(f"{text!r} was not printed within {timeout} s: {self.of(order)}")


def alive(mark: str) -> list[int]:
    """Return the live processes that carry ``mark`` anywhere in their environment: an own look, not the executor's."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                environment = (entry / "environ").read_bytes()
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if mark.encode() in environment and state not in "ZX":
                found.append(int(entry.name))
    return found


def gone(mark: str, most: int = 0, within: float = PATIENCE) -> bool:
    """Whether at most so many processes carry ``mark`` within so many seconds."""
    until = time.monotonic() + within
    while len(alive(mark)) > most:
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True
