"""What the runner is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assay.engine.selection import Selection
from assay.ids import Digest, ParamName, PortName, RunId, StepName
from assay.model.artifacts import Json, Output
from assay.model.component import ComponentSpec, Resources
from assay.model.events import StepKey
from assay.model.pipeline import Pipeline, Step


@dataclass(frozen=True, slots=True)
class Options:
    """How to run.

    Attributes:
        most: Most steps at one time; ``None`` for as many as resources allow.
        fail_fast: End the run at the first step that fails for good, in place of finishing what does not depend on it.
        cpu: Cores to use; ``None`` for all of the machine.
        memory: Bytes to use; ``None`` for all of the machine.
    """

    most: int | None = None
    fail_fast: bool = False
    cpu: float | None = None
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Adopted:
    """A place that had finished before the run was interrupted."""

    cache_key: Digest
    outputs: Mapping[PortName, Output]


@dataclass(frozen=True, slots=True)
class Job:
    """A checked pipeline with values for all its parameters.

    Attributes:
        secrets: Values by secret name.
        adopted: Finished places of the interrupted run that is being resumed.
        attempts: Number of the last attempt of each place of that run.
    """

    run: RunId
    pipeline: Pipeline
    specs: Mapping[StepName, ComponentSpec]
    params: Mapping[ParamName, Json]
    selection: Selection = field(default_factory=Selection)
    options: Options = Options()
    secrets: Mapping[str, str] = field(default_factory=dict)
    adopted: Mapping[StepKey, Adopted] = field(default_factory=dict)
    attempts: Mapping[StepKey, int] = field(default_factory=dict)


def resources_of(step: Step, spec: ComponentSpec) -> Resources:
    """Return what a step holds: its own request, or its component's default."""
    asked, default = step.resources, spec.resources
    return Resources(
        cpu=default.cpu if asked.cpu is None else asked.cpu,
        memory=default.memory if asked.memory is None else asked.memory,
        gpu=default.gpu if asked.gpu is None else asked.gpu,
    )
