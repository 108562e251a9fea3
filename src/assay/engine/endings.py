"""What goes into the record when an attempt ends: the same whoever ran it, the engine of its run or a worker."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from assay.engine.attempts import Attempt
from assay.engine.bind import in_image
from assay.engine.executor import Exited
from assay.engine.folders import make_room
from assay.ids import PortName
from assay.model import events as ev
from assay.model.artifacts import Output
from assay.store.runs import Remember


def finished(
    attempt: Attempt, notice: Exited, outputs: Mapping[PortName, Output], seconds: float, pipeline: str
) -> tuple[ev.StepFinished, Remember]:
    """Return the event of an attempt that succeeded, and what is kept for reuse."""
    place = attempt.place
    if notice.image:  # it may have been pulled only now
        place.binding = in_image(place.binding, notice.image)
    key = place.binding.key
    event = ev.StepFinished(notice.key, attempt.number, key, outputs, seconds, notice.cpu_seconds, notice.peak_memory)
    reusable = place.spec.cache if place.step.cache is None else place.step.cache
    return event, Remember(key, place.label, place.binding.parts, outputs, pipeline, reusable)


def failure_of_attempt(attempt: Attempt, notice: Exited) -> ev.Failure:
    """Return why an attempt failed; makes room on a full disk, so that the failure can be written down."""
    failure = notice.failure or ev.Failure("lost", "the executor gave no reason")
    if attempt.ending == "timeout":
        failure = ev.Failure(
            "timeout",
            f"did not finish within {attempt.place.step.timeout:g} s",
            failure.traceback,
            "raise 'timeout:' of the step, or give it less to do",
        )
    if make_room(attempt.folder):
        hint = "the disk is full: free some space; the step's partial outputs were removed"
        failure = dataclasses.replace(failure, hint=hint)
    return failure
