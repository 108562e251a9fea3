"""From how a process ended and what it said before to outputs or a failure. Pure."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay.engine.executor import StepOrder
from assay.ids import PortName
from assay.model.artifacts import Output
from assay.model.events import Failure, output_from_json
from assay.model.quantities import format_memory

Verdict = tuple[Mapping[PortName, Output] | None, Failure | None]
"""Exactly one of the two is not ``None``."""

_CRASHES = frozenset({signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT})


@dataclass(frozen=True, slots=True)
class Ending:
    """How the process of a step ended.

    Attributes:
        code: Exit status, or the negative number of the signal that ended it.
        cpu_seconds: User and system time.
        peak_memory: Bytes.
        exceeded: Whether it was killed for using more memory than it asked for.
        lost: Why nobody knows how it ended; empty when it is known.
    """

    code: int = 0
    cpu_seconds: float = 0.0
    peak_memory: int = 0
    exceeded: bool = False
    lost: str = ""


def judge(order: StepOrder, outcome: Mapping[str, Any] | None, ended: Ending, *, stopped: bool) -> Verdict:
    """Return the outputs of a step that said it was done (whatever ended it after that), else why it failed."""
    if outcome is not None and outcome["kind"] == "done":
        try:
            return {PortName(port): output_from_json(output) for port, output in outcome["outputs"].items()}, None
        except (KeyError, TypeError, ValueError, AttributeError):
            return None, Failure("raised", "the component sent something else than its outcome to the engine")
    return None, _failure(order, outcome, ended, stopped=stopped)


def _failure(order: StepOrder, outcome: Mapping[str, Any] | None, ended: Ending, *, stopped: bool) -> Failure:
    if ended.exceeded:
        return _out_of_memory(order)
    said = _said(outcome) if outcome is not None else None
    if stopped:
        return Failure("killed", "stopped", said.traceback if said else "")
    if said is not None:
        return _out_of_memory(order, said) if said.code == "out-of-memory" and order.memory else said
    if ended.lost:
        return Failure("lost", ended.lost, hint="run it again: what finished before is kept")
    if ended.code < 0:
        return _killed(signal.Signals(-ended.code) if -ended.code in set(signal.Signals) else None, -ended.code)
    return Failure(
        "exit-status",
        f"the process ended with status {ended.code} before the component returned",
        hint="something in it called os._exit; return from the function, or raise, instead"
        if ended.code != 1
        else "see its log",
    )


def _said(outcome: Mapping[str, Any]) -> Failure:
    code, message, traceback, hint = (str(outcome.get(name, "")) for name in ("code", "message", "traceback", "hint"))
    return Failure(code or "raised", message, traceback, hint)


def _out_of_memory(order: StepOrder, said: Failure | None = None) -> Failure:
    detail = f": {said.message}" if said else ""
    return Failure(
        "out-of-memory",
        f"needed more than {format_memory(order.memory or 0)}{detail}",
        said.traceback if said else "",
        "ask for more under 'resources: {memory: …}', or give the step less to hold at one time",
    )


def _killed(known: signal.Signals | None, number: int) -> Failure:
    name = f"signal {number} ({known.name})" if known else f"signal {number}"
    if known is signal.SIGKILL:
        hint = "see the kernel's log (dmesg); ask for memory under 'resources: {memory: …}' so that fewer steps run at one time"
        return Failure("killed", f"killed by {name}, probably by the kernel because memory ran out", hint=hint)
    if known in _CRASHES:
        return Failure(
            "killed", f"crashed with {name}", hint="native code failed; where it was stands at the end of the log"
        )
    return Failure("killed", f"killed by {name}")
