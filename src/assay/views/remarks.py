"""What there is to say of a step: how long it took, and why it is as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from assay.model.state import StepState, StepStatus
from assay.views.words import counted, duration

_MOST_REASONS = 3


def spent(state: StepState) -> str:
    """Return how long the step took; nothing for one that did not run."""
    if state.status in (StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.RETRYING) and state.attempt + state.seconds:
        return duration(state.seconds)
    if state.status is StepStatus.CANCELLED and state.started:
        return duration(state.finished - state.started)
    return ""


def remark(state: StepState) -> str:
    """Return why the step is as it is, in a few words."""
    match state.status:
        case StepStatus.REUSED:
            elements = f"{counted(len(state.elements), 'element')} " if state.elements else ""
            return f"{elements}reused{f' from {state.from_run}' if state.from_run else ''}"
        case StepStatus.SKIPPED:
            return f"skipped: {because(state.because)}"
        case StepStatus.FAILED | StepStatus.RETRYING if state.failure:
            attempt = f" (attempt {state.attempt})" if state.attempt > 1 else ""
            return f"{state.failure.message.splitlines()[0] if state.failure.message else state.failure.code}{attempt}"
        case StepStatus.CANCELLED:
            return "cancelled"
        case _ if state.elements:
            return f"{len(state.elements)} elements"
        case _:
            return reasons(state.reasons)


def tally(elements: Sequence[StepState]) -> str:
    """Return how many elements are in which state: ``3 elements: 2 succeeded, 1 running``."""
    counts = Counter(element.status for element in elements)
    listed = ", ".join(f"{counts[status]} {status}" for status in StepStatus if counts[status])
    return f"{counted(len(elements), 'element')}: {listed}" if listed else counted(0, "element")


def reasons(texts: tuple[str, ...]) -> str:
    """Return the first few reasons."""
    more = f", and {len(texts) - _MOST_REASONS} more" if len(texts) > _MOST_REASONS else ""
    return ", ".join(texts[:_MOST_REASONS]) + more


_SKIPS = {
    "condition": "its condition is false",
    "upstream-skipped": "it needs a step that was skipped",
    "upstream-failed": "it needs a step that failed",
    "cancelled": "the run was cancelled",
}


def because(text: str) -> str:
    """Return the reason of a skip as words: ``condition x > 1`` becomes ``its condition is false: x > 1``."""
    reason, _, about = text.partition(" ")
    words = _SKIPS.get(reason, reason)
    return f"{words}: {about}" if about else words
