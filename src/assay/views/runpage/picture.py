"""The pipeline of a run as a picture, each step with how it went."""

from __future__ import annotations

from dataclasses import replace

from assay.ids import StepName
from assay.model.events import StepKey
from assay.model.state import RunState, StepState
from assay.views.drawing.pipeline import sketch_of
from assay.views.drawing.sketch import Sketch
from assay.views.outline import Outline
from assay.views.remarks import spent


def run_sketch(found: Outline, state: RunState) -> Sketch:
    """Return the sketch of a pipeline with the state of every step below its ports; a step that uses a pipeline tells of its steps."""
    sketch = sketch_of(found)
    boxes = {name: replace(box, notes=(_note(state, name),)) for name, box in sketch.boxes.items()}
    told = "; ".join(f"{name}: {boxes[name].notes[0]}" for name in boxes)
    return replace(sketch, boxes=boxes, text=f"{sketch.text} {told}")


def _note(state: RunState, name: str) -> str:
    own = state.steps.get(StepKey(StepName(name)))
    if own is not None:
        return " ".join(filter(None, (own.status.symbol, str(own.status), spent(own))))
    inner = [step for key, step in state.steps.items() if str(key.step).startswith(f"{name}/") and key.item is None]
    if not inner:
        return "not started"
    return f"{_worst(inner)}, {len(inner)} steps"


def _worst(steps: list[StepState]) -> str:
    unfinished = next((step for step in steps if not step.status.finished), steps[0])
    return f"{unfinished.status.symbol} {unfinished.status}"
