"""What the engine knows of one attempt while it runs."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assay.engine.executor import Exited, Message, StepOrder
from assay.engine.executors.forkserver.protocol import IN_MEMORY, LONGEST_PACKET, OUTCOME_FILE
from assay.engine.executors.process.messages import is_message, is_outcome, is_over
from assay.engine.executors.process.verdict import Ending, judge
from assay.engine.executors.process.zygote import Zygote
from assay.model.component import Isolation

if TYPE_CHECKING:
    from assay.engine.executors.forkserver.redact import Redactor

_LONGEST_PACKET_RECEIVED = 1 << 20
_MOST_TRIES = 3
_ACCELERATORS = "CUDA_VISIBLE_DEVICES"


class _Buffer(threading.local):
    """Room for one packet, for each thread its own: receiving lets other threads run."""

    def __init__(self) -> None:
        self.room = bytearray(_LONGEST_PACKET_RECEIVED)


_BUFFER = _Buffer()


@dataclass(slots=True, eq=False)
class Attempt:
    """One order on its way: waiting for the server, running, or ended and not yet read to the end.

    Attributes:
        number: Of its child in ``zygote``; 0 before it has one.
        link: The engine's end of the socket to it.
        filter: Number of the child that keeps the secrets out of its log; 0 for none.
        ended: How its process ended, once that is known.
        stopped: Whether ``stop`` was called.
        silent: Whether nothing more can come through ``link``.
    """

    order: StepOrder
    zygote: Zygote
    number: int = 0
    link: socket.socket | None = None
    filter: int = 0
    redactor: Redactor | None = None
    outcome: Mapping[str, Any] | None = None
    ended: Ending | None = None
    stopped: bool = False
    silent: bool = False

    def begin(self) -> None:
        """Hand the order to a child.

        Raises ``ConnectionError`` when the server takes no orders any more: it is dying, or dead and not yet missed.
        """
        if self.order.source:
            self.zygote.know(self.order.source)
        log = self._begin_filter() if self.order.secrets else None
        try:
            self.number, self.link = self._hand_over(json.dumps(_order(self.order)).encode(), log)
        finally:
            if log is not None:
                os.close(log)
        if self.order.memory is not None:
            self.zygote.ask("limit", self.number, self.order.memory)

    def _begin_filter(self) -> int:
        from assay.engine.executors.forkserver.redact import Redactor  # only steps with secrets pay for it

        secrets = list(self.order.secrets.values())
        self.redactor = Redactor(secrets)
        theirs, ours = os.pipe()
        text = json.dumps({"role": "redact", "log": str(self.order.log), "secrets": secrets}).encode()
        try:
            self.filter, link = self._hand_over(text, theirs)
        except OSError:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        link.close()
        return ours

    def _hand_over(self, text: bytes, descriptor: int | None) -> tuple[int, socket.socket]:
        passed = [] if descriptor is None else [descriptor]
        memory = _in_memory(text) if len(text) > LONGEST_PACKET else None
        if memory is not None:
            text, passed = IN_MEMORY, [*passed, memory]
        try:
            for _ in range(_MOST_TRIES):
                number, link = self.zygote.take()
                with contextlib.suppress(ConnectionError):  # it was killed while it waited
                    socket.send_fds(link, [text], passed)
                    return number, link
                link.close()
            raise ConnectionError("no child takes the order")
        finally:
            if memory is not None:
                os.close(memory)

    def read(self, most: int) -> list[Message]:
        """Return up to ``most`` messages of the step; remember its outcome; ``silent`` tells that there is no more."""
        found: list[Message] = []
        if self.link is None:
            return found
        for _ in range(most):
            try:
                size = self.link.recv_into(_BUFFER.room)
            except BlockingIOError:
                self.silent = self.ended is not None
                return found
            except OSError:
                size = 0
            if not size:
                self.silent = True
                return found
            data = self._decode(_BUFFER.room[:size])
            if is_message(data):
                found.append(Message(self.order.key, self.order.attempt, data))
            elif is_outcome(data):
                self.outcome = data
                if self._hasty and is_over(data):
                    self.ended = Ending(0, data["over"]["cpu_seconds"], data["over"]["peak_memory"])
                    self.silent = True
                    return found
        return found

    @property
    def _hasty(self) -> bool:
        """Whether its word that it is over is enough: nothing that the end of its process sets free is counted."""
        order = self.order
        return order.memory is None and not order.secrets and _ACCELERATORS not in order.env

    def _decode(self, packet: bytes | bytearray) -> Mapping[str, Any]:
        """Return what a packet says; anything but a JSON object, which only the component itself can have sent, says nothing."""
        try:
            data = json.loads(packet)
            if self.redactor is not None:
                data = self.redactor.json(data)
        except (ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    def conclude(self) -> Exited:
        """Return how the attempt ended."""
        ended = self.ended or Ending(lost="the process that supervises the step ended")
        outcome = self.outcome or self._outcome_in_file()
        outputs, failure = judge(self.order, outcome, ended, stopped=self.stopped)
        return Exited(self.order.key, self.order.attempt, outputs, failure, ended.cpu_seconds, ended.peak_memory)

    def _outcome_in_file(self) -> Mapping[str, Any] | None:
        try:
            said = self._decode((self.order.folder / OUTCOME_FILE).read_bytes())
        except OSError:
            return None
        return said if is_outcome(said) else None

    def close(self) -> None:
        """Close the socket."""
        if self.link is not None:
            self.link.close()


def _order(order: StepOrder) -> dict[str, object]:
    return {
        "role": "step",
        "folder": str(order.folder),
        "log": str(order.log),
        "store": str(order.store),
        "env": {**order.env, **order.secrets},
        "memory": order.memory,
        "spawn": order.isolation is Isolation.SPAWN,
    }


def _in_memory(text: bytes) -> int:
    memory = os.memfd_create("assay-order")
    with open(memory, "wb", closefd=False) as file:
        file.write(text)
    os.lseek(memory, 0, os.SEEK_SET)
    return memory
