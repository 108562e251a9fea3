"""The plan: what must run, and why, as data. Pure: all it knows of the world comes through ``Knowledge``."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from assay.engine.bind import Scope
from assay.engine.decision import Cause, Knowledge, Reason, condition_holds, decide, reads_only_optionally
from assay.engine.elements import element_label, elements, gather
from assay.engine.selection import Selection
from assay.ids import Digest, ParamName, PortName, StepName
from assay.model.artifacts import Json, Output
from assay.model.component import ComponentSpec
from assay.model.graph import Graph
from assay.model.pipeline import Pipeline, Step


class Verb(enum.StrEnum):
    """What will happen to a step."""

    RUN = "run"
    REUSE = "reuse"
    SKIP = "skip"
    LATER = "later"
    """Known only while running: its condition or its elements come from a step that runs."""


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


def step_graph(pipeline: Pipeline) -> Graph[StepName]:
    """Return who needs whom, final steps included (they also need one another only by their wiring)."""
    needs: dict[StepName, list[StepName]] = {}
    for step in pipeline.all_steps():
        needs[step.name] = [*(reference.step for reference in step.references()), *step.after]
    return Graph(needs)


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
