"""The plan as text: what will run and why."""

from __future__ import annotations

from assay.cli.stepline import STYLES
from assay.cli.terminal import Cell, Column, Row, say, table
from assay.engine.plan import Plan, PlannedStep, Verb
from assay.model.state import StepStatus
from assay.views.remarks import reasons

_LOOKS = {
    Verb.RUN: ("▸ run", STYLES[StepStatus.RUNNING]),
    Verb.REUSE: ("≡ reuse", STYLES[StepStatus.REUSED]),
    Verb.SKIP: ("\N{EN DASH} skip", STYLES[StepStatus.SKIPPED]),
    Verb.LATER: ("? later", STYLES[StepStatus.RETRYING]),
}
_COUNTED = {Verb.RUN: "to run", Verb.REUSE: "reused", Verb.SKIP: "skipped", Verb.LATER: "decided while running"}


def headline(plan: Plan) -> str:
    """Return ``3 to run, 9 reused``."""
    shown = [f"{plan.count(verb)} {word}" for verb, word in _COUNTED.items() if plan.count(verb)]
    return ", ".join(shown) or "nothing to do"


def say_plan(title: str, plan: Plan) -> None:
    """Write every step with what will happen to it and why, then the counts."""
    rows: list[Row] = [
        [Cell(_LOOKS[step.verb][0], _LOOKS[step.verb][1]), Cell(step.step, "bold"), _why(step)] for step in plan.steps
    ]
    table([Column("plan"), Column("step"), Column("why")], rows)
    say()
    say(f"{title}: {headline(plan)}", "bold")


def _why(step: PlannedStep) -> str:
    elements = ""
    if step.run_items + step.reused_items:
        elements = f"{step.run_items} of {step.run_items + step.reused_items} elements: "
    if step.verb is Verb.REUSE:
        return "nothing changed"
    return elements + reasons(tuple(str(reason) for reason in step.reasons))
