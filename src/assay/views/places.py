"""The places of a run: its steps and their elements, in the order of the file, and by the name that a person writes."""

from __future__ import annotations

from assay.errors import NotFound, did_you_mean
from assay.ids import StepName
from assay.model.events import StepKey
from assay.model.state import RunState, StepState


def find_step(state: RunState, text: str) -> StepKey:
    """Return the place that ``train`` or ``map[3]`` names in a run; raises ``NotFound``."""
    name, bracket, rest = text.partition("[")
    item = rest.removesuffix("]")
    known = step_names(state)
    if name not in known:
        hint = did_you_mean(name, known) or f"it has {', '.join(known[:12])}{' …' if len(known) > 12 else ''}"
        raise NotFound(f"the run has no step {name!r}", culprit=name, hint=hint)
    if not bracket:
        return StepKey(StepName(name))
    elements = state.steps[StepKey(StepName(name))].elements if StepKey(StepName(name)) in state.steps else ()
    if not item.isdecimal() or int(item) >= len(elements):
        hint = f"elements are {name}[0] to {name}[{len(elements) - 1}]" if elements else f"{name!r} has no elements"
        raise NotFound(f"there is no element {text!r}", culprit=text, hint=hint)
    return StepKey(StepName(name), int(item))


def step_names(state: RunState) -> list[str]:
    """Return the steps of a run: in the order of its pipeline file, also those that no event names yet."""
    from assay.model.nesting import nested_names  # only to look at one run

    listed = nested_names(state.document, state.file, state.documents)
    return list(dict.fromkeys([*listed, *(str(key.step) for key in state.steps)]))


def in_order(state: RunState) -> list[StepState]:
    """Return every step in the order of the file, each followed by its elements."""
    names = [StepName(name) for name in step_names(state)]
    return [step for name in names for step in (state.step(StepKey(name)), *state.elements_of(name))]
