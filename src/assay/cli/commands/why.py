"""``assay why``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.cli.app import new_app
from assay.cli.options import Json, Run, Step, Store
from assay.cli.terminal import document, say

if TYPE_CHECKING:
    from assay.model.state import RunState, StepState

app = new_app()


@app.command()
def why(run: Run, step: Step, store: Store = None, json: Json = False) -> None:
    """Explain why a step ran, was reused or was skipped.

    For what would happen now, and why: assay run FILE --dry-run.
    """
    from assay.cli.project import find_run  # SQLite and the engine: not for --help
    from assay.views.places import find_step

    found = find_run(store, run)
    place = found.state.step(find_step(found.state, step))
    if json:
        from assay.views.shapes import why_json

        document(why_json(found.row.id, place))
        return
    for line in explanation(found.state, place):
        say(line)


def explanation(state: RunState, step: StepState) -> list[str]:
    """Return why ``step`` is as it is: one sentence, then one line a reason."""
    from assay.model.state import StepStatus
    from assay.views.remarks import because

    if step.elements:
        return _of_elements(state, step)
    match step.status:
        case StepStatus.REUSED:
            made = f" made by run {step.from_run}" if step.from_run else ""
            return [
                f"{step.key} was reused: its outputs{made} are of the same content",
                "  code, parameters, inputs and environment are all unchanged",
                f"  key {step.cache_key}",
            ]
        case StepStatus.SKIPPED:
            return [f"{step.key} was skipped: {because(step.because)}"]
        case StepStatus.WAITING:
            return [f"{step.key} has not been decided yet: it waits for other steps, or the run ended before its turn"]
        case StepStatus.CANCELLED | StepStatus.FAILED | StepStatus.SUCCEEDED | StepStatus.RUNNING | StepStatus.RETRYING:
            ran = "runs" if step.status is StepStatus.RUNNING else "ran"
            lines = [f"{step.key} {ran} because:", *(f"  {reason}" for reason in step.reasons)]
            return lines if step.reasons else [f"{step.key} {ran}; the record gives no reason"]


def _of_elements(state: RunState, step: StepState) -> list[str]:
    elements = state.elements_of(step.key.step)
    reused = sum(element.status == "reused" for element in elements)
    reasons: dict[str, int] = {}
    for element in elements:
        for reason in element.reasons:
            reasons[reason] = reasons.get(reason, 0) + 1
    lines = [f"{step.key} has {len(step.elements)} elements: {reused} reused, {len(elements) - reused} ran"]
    lines += [
        f"  {count} \N{MULTIPLICATION SIGN} {reason}"
        for reason, count in sorted(reasons.items(), key=lambda pair: -pair[1])
    ]
    lines.append(f"  one of them: assay why RUN '{step.key}[0]'")
    return lines
