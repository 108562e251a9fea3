"""What the run store gives out and takes in."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from assay.ids import Digest, PortName, RunId
from assay.model.artifacts import Output


class RunStatus(enum.StrEnum):
    """Where a run stands; ``interrupted``: neither finished nor held by a living engine."""

    RUNNING = "running"
    INTERRUPTED = "interrupted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PlaceState(enum.StrEnum):
    """The latest thing known of a step, or of one element of a ``foreach`` step."""

    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    REUSED = "reused"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in a list.

    Attributes:
        file: The pipeline file, as given to the run.
        started: Seconds since the epoch, UTC; so is ``finished``, ``None`` until then.
        steps: State to the number of steps (of elements, for ``foreach`` steps) in it; states without any are left out.
    """

    id: RunId
    pipeline: str
    file: str
    started: float
    finished: float | None
    status: RunStatus
    steps: Mapping[PlaceState, int]


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """The outputs of an execution whose content-based key was ``key``."""

    key: Digest
    outputs: Mapping[PortName, Output]
    run: RunId
    step: str
    created: float


@dataclass(frozen=True, slots=True)
class Remember:
    """An execution to be remembered together with its event.

    Attributes:
        key: The cache key.
        step: Label of the place: ``train`` or ``train[3]``.
        parts: Name of what went into the key, such as ``param epochs``, to its digest or value: the ground for reasons.
        outputs: What it made.
        pipeline: Name of the pipeline; with ``step`` it addresses the last execution.
        reusable: Whether the outputs may be taken again; ``False`` records ``parts`` only (``cache: false``).
    """

    key: Digest
    step: str
    parts: Mapping[str, str]
    outputs: Mapping[PortName, Output]
    pipeline: str
    reusable: bool = True
