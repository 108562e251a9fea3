"""The decision: must one execution place run, and every reason why. Pure: all it knows of the world is ``Knowledge``."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from assay.engine.bind import Binding, Element, Scope, Surroundings, bind
from assay.ids import Digest, PortName, RunId, StepName
from assay.model.artifacts import Artifact, Json, Output, Value
from assay.model.component import ComponentSpec
from assay.model.pipeline import PortRef, Step


class Cause(enum.StrEnum):
    """Why a step runs, is skipped, or cannot be judged yet."""

    FIRST_RUN = "first run"
    CODE = "code changed"
    PARAMETER = "parameter changed"
    INPUT = "input changed"
    ENVIRONMENT = "environment changed"
    SETTING = "setting changed"
    UPSTREAM = "waits for"
    FORCED = "forced"
    NEVER_CACHED = "never cached"
    OUTPUT_LOST = "output lost"
    FORGOTTEN = "result no longer kept"
    CONDITION = "condition is false"
    NOT_SELECTED = "not selected"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: the cause, what it is about (a parameter, a port, a step), and the change in words."""

    cause: Cause
    about: str = ""
    detail: str = ""

    def __str__(self) -> str:
        about = f" {self.about}" if self.about else ""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.cause}{about}{detail}"


@dataclass(frozen=True, slots=True)
class Remembered:
    """An earlier execution of the same content. ``intact`` is false when an output is gone or was written to."""

    outputs: Mapping[PortName, Output]
    run: RunId
    intact: bool = True


class Knowledge(Surroundings, Protocol):
    """What the plan may ask."""

    def remembered(self, key: Digest) -> Remembered | None:
        """Return the execution kept under a cache key."""

    def last_parts(self, label: str) -> Mapping[str, str] | None:
        """Return the key parts of the last execution of a step or element of this pipeline."""

    def files(self, folder: str, pattern: str) -> Sequence[Element]:
        """Return the files of a folder outside the store, or the objects below an address, as elements, sorted by name."""

    def members(self, folder: Artifact, pattern: str) -> Sequence[Element]:
        """Return the files of a folder in the store as elements, sorted by name."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with one execution place whose sources are known."""

    binding: Binding
    remembered: Remembered | None
    reasons: tuple[Reason, ...] = ()

    @property
    def run(self) -> bool:
        """Whether it must run."""
        return self.remembered is None


def decide(
    step: Step, spec: ComponentSpec, scope: Scope, world: Knowledge, *, label: str, forced: bool = False
) -> Decision:
    """Return whether ``step`` must run, with every reason. All its sources are in ``scope``."""
    binding = bind(step, spec, scope, world)
    cached = spec.cache if step.cache is None else step.cache
    if not cached:
        return Decision(binding, None, (Reason(Cause.NEVER_CACHED),))
    if forced:
        return Decision(binding, None, (Reason(Cause.FORCED),))
    remembered = world.remembered(binding.key)
    if remembered is not None and remembered.intact:
        return Decision(binding, remembered)
    if remembered is not None:
        return Decision(binding, None, (Reason(Cause.OUTPUT_LOST),))
    return Decision(binding, None, tuple(changes(world.last_parts(label), binding.parts)))


_CAUSES = {
    "param": Cause.PARAMETER,
    "input": Cause.INPUT,
    "code": Cause.CODE,
    "environment": Cause.ENVIRONMENT,
}


def changes(before: Mapping[str, str] | None, now: Mapping[str, str]) -> list[Reason]:
    """Return what differs between the key parts of the last execution and of this one."""
    if before is None:
        return [Reason(Cause.FIRST_RUN)]
    reasons = []
    for part in sorted({*before, *now}):
        old, new = before.get(part), now.get(part)
        if old != new:
            kind, _, about = part.partition(":")
            detail = f"{old or 'nothing'} → {new or 'nothing'}" if kind in ("param", "env") else ""
            reasons.append(Reason(_CAUSES.get(kind, Cause.SETTING), about or ("" if kind in _CAUSES else kind), detail))
    return reasons or [Reason(Cause.FORGOTTEN)]


def condition_holds(step: Step, scope: Scope) -> bool:
    """Return whether the step's ``if:`` is true; a step without one always runs. Raises ``ExpressionError``."""
    if step.condition is None:
        return True
    names: dict[str, Mapping[str, Json]] = {
        "params": {str(name): value for name, value in scope.params.items()},
        "run": scope.run,
    }
    if scope.element is not None:
        names["item"] = scope.element.scope()
    for name, _ in step.condition.references:
        outputs = scope.outputs.get(StepName(name))
        if outputs is not None:
            names[name] = {port: output.json for port, output in outputs.items() if isinstance(output, Value)}
    return bool(step.condition.evaluate(names))


def reads_only_optionally(step: Step, spec: ComponentSpec, need: StepName) -> bool:
    """Return whether ``step`` reads ``need`` through optional input ports alone, so that it can do without."""
    elsewhere = dataclasses.replace(step, inputs={}).references()
    if need in step.after or any(reference.step == need for reference in elsewhere):
        return False
    ports = [
        port
        for port, sources in step.inputs.items()
        if any(isinstance(source, PortRef) and source.step == need for source in sources)
    ]
    return bool(ports) and all(port in spec.inputs and spec.inputs[port].optional for port in ports)
