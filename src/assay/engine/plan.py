"""The plan: what must run, and why, as data. Pure: all it knows of the world comes through ``Knowledge``."""

from __future__ import annotations

import enum
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from assay.engine.bind import Binding, Element, Scope, Surroundings, bind, fill
from assay.errors import NotFound, bounded, did_you_mean
from assay.ids import Digest, ParamName, PortName, RunId, StepName
from assay.model.artifacts import Artifact, ArtifactList, Json, Output, Value
from assay.model.component import ComponentSpec
from assay.model.graph import Graph
from assay.model.pipeline import FileItems, ListItems, ParamRef, Pipeline, PortRef, Step


class Verb(enum.StrEnum):
    """What will happen to a step."""

    RUN = "run"
    REUSE = "reuse"
    SKIP = "skip"
    LATER = "later"
    """Known only while running: its condition or its elements come from a step that runs."""


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
class PlannedStep:
    """What will happen to one step. For a ``foreach`` step, ``run_items`` and ``reused_items`` count its elements."""

    step: StepName
    verb: Verb
    reasons: tuple[Reason, ...] = ()
    key: Digest | None = None
    run_items: int = 0
    reused_items: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What will happen to every step, in an order in which they may run."""

    steps: tuple[PlannedStep, ...]

    def count(self, verb: Verb) -> int:
        """Return how many steps have this verb."""
        return sum(step.verb is verb for step in self.steps)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of a pipeline to run.

    Attributes:
        to: These steps and all they need.
        start: These steps and all that follow ("from").
        only: Just these.
        force: Steps that run even when nothing changed.
        force_all: Every selected step does.
    """

    to: tuple[StepName, ...] = ()
    start: tuple[StepName, ...] = ()
    only: tuple[StepName, ...] = ()
    force: tuple[StepName, ...] = ()
    force_all: bool = False

    def chosen(self, pipeline: Pipeline, graph: Graph[StepName]) -> frozenset[StepName]:
        """Return the steps to run; steps outside may only be reused. Raises ``NotFound`` for an unknown name."""
        for name in (*self.to, *self.start, *self.only, *self.force):
            if name not in pipeline.steps and name not in pipeline.final:
                known = [*pipeline.steps, *pipeline.final]
                raise NotFound(f"the pipeline has no step {name!r}", culprit=name, hint=did_you_mean(name, known))
        chosen = frozenset(pipeline.steps)
        if self.to:
            chosen &= graph.ancestors(self.to) | set(self.to)
        if self.start:
            chosen &= graph.descendants(self.start) | set(self.start)
        if self.only:
            chosen &= frozenset(self.only)
        partial = bool(self.to or self.start or self.only)
        named = {*self.to, *self.start, *self.only}
        return chosen | frozenset(name for name in pipeline.final if not partial or name in named)


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
        """Return the files of a folder outside the store as elements, sorted by name."""

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


def step_graph(pipeline: Pipeline) -> Graph[StepName]:
    """Return who needs whom, final steps included (they also need one another only by their wiring)."""
    needs: dict[StepName, list[StepName]] = {}
    for step in pipeline.all_steps():
        needs[step.name] = [*(reference.step for reference in step.references()), *step.after]
    return Graph(needs)


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


def elements(step: Step, scope: Scope, world: Knowledge) -> Sequence[Element]:
    """Return the elements of a ``foreach`` step whose sources are known."""
    if step.foreach is None:
        return ()
    match step.foreach.over:
        case ListItems(template):
            values = fill(template, scope)
            listed = values if isinstance(values, list) else [values]
            return [Element(index, element_text(value), value) for index, value in enumerate(listed)]
        case FileItems(folder, pattern):
            if isinstance(folder, PortRef):
                source = scope.outputs[folder.step].get(folder.port)
                artifacts = source.items if isinstance(source, ArtifactList) else (source,)
                found = [e for a in artifacts if isinstance(a, Artifact) for e in world.members(a, pattern)]
                return [Element(index, e.label, e.value, e.file) for index, e in enumerate(found)]
            path = scope.params[folder.name] if isinstance(folder, ParamRef) else folder
            return world.files(str(path), pattern)


def element_text(value: Json) -> str:
    """Return a JSON value as a short label."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return bounded(text, 80)


def gather(parts: Iterable[Mapping[PortName, Output]], ports: Iterable[PortName]) -> dict[PortName, Output]:
    """Return the outputs of a ``foreach`` step: on each port a list, in the order of the elements."""
    executed = list(parts)
    gathered: dict[PortName, Output] = {}
    for port in ports:
        found = [outputs[port] for outputs in executed if port in outputs]
        if any(isinstance(output, Value) for output in found):
            gathered[port] = Value([output.json if isinstance(output, Value) else None for output in found])
        else:
            artifacts: list[Artifact] = []
            for output in found:
                if isinstance(output, ArtifactList):
                    artifacts.extend(output.items)
                elif isinstance(output, Artifact):
                    artifacts.append(output)
            gathered[port] = ArtifactList(tuple(artifacts))
    return gathered


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


@dataclass(slots=True)
class _Planner:
    pipeline: Pipeline
    specs: Mapping[StepName, ComponentSpec]
    params: Mapping[ParamName, Json]
    selection: Selection
    world: Knowledge
    chosen: Collection[StepName]
    outputs: dict[StepName, Mapping[PortName, Output]] = field(default_factory=dict)
    skipped: set[StepName] = field(default_factory=set)

    def plan(self, step: Step, needs: Sequence[StepName]) -> PlannedStep:
        gone = [need for need in needs if need in self.skipped]
        blocking = [need for need in gone if not self._optional(step, need)]
        if blocking:
            self.skipped.add(step.name)
            return PlannedStep(step.name, Verb.SKIP, (Reason(Cause.UPSTREAM, blocking[0]),))
        waits = tuple(Reason(Cause.UPSTREAM, n) for n in needs if n not in self.outputs and n not in self.skipped)
        if waits:
            later = step.condition is not None or step.foreach is not None
            return PlannedStep(step.name, Verb.LATER if later else Verb.RUN, waits)
        scope = Scope(self.params, {**{name: {} for name in gone}, **self._seen(needs)})
        if step.foreach is None:
            return self._single(step, scope)
        return self._mapped(step, scope)

    def _seen(self, needs: Sequence[StepName]) -> dict[StepName, Mapping[PortName, Output]]:
        return {need: self.outputs[need] for need in needs if need in self.outputs}

    def _optional(self, step: Step, need: StepName) -> bool:
        return reads_only_optionally(step, self.specs[step.name], need)

    def _single(self, step: Step, scope: Scope) -> PlannedStep:
        if not condition_holds(step, scope):
            self.skipped.add(step.name)
            return PlannedStep(
                step.name, Verb.SKIP, (Reason(Cause.CONDITION, detail=step.condition.text if step.condition else ""),)
            )
        decision = decide(
            step, self.specs[step.name], scope, self.world, label=step.name, forced=self._forced(step.name)
        )
        if decision.remembered is not None:
            self.outputs[step.name] = decision.remembered.outputs
            return PlannedStep(step.name, Verb.REUSE, (), decision.binding.key)
        reasons = decision.reasons
        if step.name not in self.chosen:
            reasons = (Reason(Cause.NOT_SELECTED), *reasons)
        return PlannedStep(step.name, Verb.RUN, reasons, decision.binding.key)

    def _mapped(self, step: Step, scope: Scope) -> PlannedStep:
        spec = self.specs[step.name]
        reused: list[Mapping[PortName, Output]] = []
        reasons: dict[Reason, None] = {}
        run = 0
        for element in elements(step, scope, self.world):
            inner = Scope(scope.params, scope.outputs, element)
            if not condition_holds(step, inner):
                continue
            label = element_label(step.name, element)
            decision = decide(step, spec, inner, self.world, label=label, forced=self._forced(step.name))
            if decision.remembered is not None:
                reused.append(decision.remembered.outputs)
            else:
                run += 1
                reasons.update(dict.fromkeys(decision.reasons))
        if run == 0:
            self.outputs[step.name] = gather(reused, spec.outputs)
        verb = Verb.RUN if run else Verb.REUSE
        return PlannedStep(step.name, verb, tuple(reasons)[:10], None, run, len(reused))

    def _forced(self, name: StepName) -> bool:
        return name in self.chosen and (self.selection.force_all or name in self.selection.force)


def element_label(step: StepName, element: Element) -> str:
    """Return the name under which an element's last execution is kept: files by name, values by position."""
    return f"{step}[{element.label if element.file is not None else element.index}]"


def reads_only_optionally(step: Step, spec: ComponentSpec, need: StepName) -> bool:
    """Return whether ``step`` reads ``need`` through optional input ports alone, so that it can do without."""
    for port, sources in step.inputs.items():
        if any(isinstance(source, PortRef) and source.step == need for source in sources):
            known = spec.inputs.get(port)
            if known is None or not known.optional:
                return False
    through_inputs = {s.step for sources in step.inputs.values() for s in sources if isinstance(s, PortRef)}
    elsewhere = {name for name in step.after if name == need}
    elsewhere |= {r.step for r in step.references() if r.step == need} - through_inputs
    return need in through_inputs and not elsewhere


def make_plan(
    pipeline: Pipeline,
    specs: Mapping[StepName, ComponentSpec],
    params: Mapping[ParamName, Json],
    selection: Selection,
    world: Knowledge,
) -> Plan:
    """Return the plan of a checked pipeline.

    Args:
        specs: The component of every step, final ones included.
        params: A value for every parameter of the pipeline.

    Raises:
        NotFound: ``selection`` names an unknown step.
        BindError: A value does not fit the parameter it feeds.
        AssayError: A path parameter cannot be read.
    """
    graph = step_graph(pipeline)
    chosen = selection.chosen(pipeline, graph)
    relevant = graph.ancestors(chosen) | chosen
    planner = _Planner(pipeline, specs, params, selection, world, chosen)
    by_name = {step.name: step for step in pipeline.all_steps()}
    planned = [planner.plan(by_name[name], graph.needs(name)) for name in graph.order() if name in relevant]
    return Plan(tuple(planned))
