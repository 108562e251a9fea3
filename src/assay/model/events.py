"""Run events: the append-only log from which every state is derived. A tagged union on ``type``."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from assay.ids import Digest, ParamName, PortName, RunId, StepName
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType, Json, Output, Value


class RunOutcome(enum.StrEnum):
    """How a run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SkipReason(enum.StrEnum):
    """Why a step did not run at all."""

    CONDITION = "condition"
    UPSTREAM_SKIPPED = "upstream-skipped"
    UPSTREAM_FAILED = "upstream-failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class StepKey:
    """One execution place: a step, or one element of a ``foreach`` step (``item`` counts from 0)."""

    step: StepName
    item: int | None = None

    def __str__(self) -> str:
        return self.step if self.item is None else f"{self.step}[{self.item}]"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed.

    Attributes:
        code: ``raised``, ``exit-status``, ``killed``, ``out-of-memory``, ``timeout``, ``missing-output``,
            ``bad-output`` (does not fit its port), ``component``, ``import``,
            ``lost`` (the executor died), ``store``, ``elements`` (of a ``foreach`` step), or the code of one of our errors.
        message: One sentence.
        traceback: The user's own frames, without ours; empty when there are none.
        hint: The next thing to do.
    """

    code: str
    message: str
    traceback: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run began.

    Attributes:
        document: Text of the pipeline file, kept so that the run can be resumed and explained.
        documents: The same for the pipelines that its steps use, by absolute path.
    """

    type: ClassVar[str] = "run.started"
    pipeline: str
    file: str
    document: str
    params: Mapping[ParamName, Json] = field(default_factory=dict)
    options: Mapping[str, Json] = field(default_factory=dict)
    version: str = ""
    documents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunResumed:
    """A run that had been interrupted went on in a new engine."""

    type: ClassVar[str] = "run.resumed"


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """Someone asked for the run to stop."""

    type: ClassVar[str] = "run.cancel-requested"


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run ended."""

    type: ClassVar[str] = "run.finished"
    outcome: RunOutcome


@dataclass(frozen=True, slots=True)
class StepExpanded:
    """A ``foreach`` step knows its elements; ``labels`` names each (the value, or the file's name)."""

    type: ClassVar[str] = "step.expanded"
    step: StepName
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepStarted:
    """An attempt is about to begin (written before the process is made). This is also the claim on an element."""

    type: ClassVar[str] = "step.started"
    key: StepKey
    attempt: int
    cache_key: Digest
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepFinished:
    """An attempt succeeded and its outputs are in the store."""

    type: ClassVar[str] = "step.finished"
    key: StepKey
    attempt: int
    cache_key: Digest
    outputs: Mapping[PortName, Output]
    seconds: float
    cpu_seconds: float = 0.0
    peak_memory: int = 0


@dataclass(frozen=True, slots=True)
class StepReused:
    """The outputs of an earlier execution of the same content were taken."""

    type: ClassVar[str] = "step.reused"
    key: StepKey
    cache_key: Digest
    outputs: Mapping[PortName, Output]
    from_run: RunId


@dataclass(frozen=True, slots=True)
class StepMapped:
    """All elements of a ``foreach`` step are done; its outputs are the lists."""

    type: ClassVar[str] = "step.mapped"
    step: StepName
    outputs: Mapping[PortName, Output]


@dataclass(frozen=True, slots=True)
class StepSkipped:
    """The step did not run; ``because`` names the step or the expression."""

    type: ClassVar[str] = "step.skipped"
    key: StepKey
    reason: SkipReason
    because: str = ""


@dataclass(frozen=True, slots=True)
class StepFailed:
    """An attempt failed. ``retry_in`` is the seconds until the next attempt, or ``None`` when it was the last."""

    type: ClassVar[str] = "step.failed"
    key: StepKey
    attempt: int
    failure: Failure
    retry_in: float | None = None
    seconds: float = 0.0
    peak_memory: int = 0


@dataclass(frozen=True, slots=True)
class StepCancelled:
    """An attempt was ended because the run was cancelled."""

    type: ClassVar[str] = "step.cancelled"
    key: StepKey
    attempt: int


@dataclass(frozen=True, slots=True)
class StepMetric:
    """The step logged a figure; ``index`` is the epoch or iteration, if there is one."""

    type: ClassVar[str] = "step.metric"
    key: StepKey
    name: str
    value: float
    index: int | None = None


@dataclass(frozen=True, slots=True)
class StepProgress:
    """The step said how far it is; ``total`` is ``None`` when it cannot know."""

    type: ClassVar[str] = "step.progress"
    key: StepKey
    done: float
    total: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class StepPreview:
    """The step showed something small: ``media_type`` and ``data`` (text, JSON, or base64 for pictures)."""

    type: ClassVar[str] = "step.preview"
    key: StepKey
    name: str
    media_type: str
    data: str


RunEvent = (
    RunStarted
    | RunResumed
    | CancelRequested
    | RunFinished
    | StepExpanded
    | StepStarted
    | StepFinished
    | StepReused
    | StepMapped
    | StepSkipped
    | StepFailed
    | StepCancelled
    | StepMetric
    | StepProgress
    | StepPreview
)

EVENT_TYPES: dict[str, type[Any]] = {kind.type: kind for kind in RunEvent.__args__}
"""Tag to class, complete by construction."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event with its place in the log and its time (seconds since the epoch, UTC)."""

    sequence: int
    time: float
    event: RunEvent


def event_to_json(event: RunEvent) -> dict[str, Json]:
    """Return the JSON form; ``event_from_json`` is its inverse."""
    return {"type": event.type, **{f.name: _encode(getattr(event, f.name)) for f in dataclasses.fields(event)}}


def event_from_json(data: Mapping[str, Any]) -> RunEvent:
    """Return the event written by ``event_to_json``; raises ``KeyError`` for an unknown type."""
    kind = EVENT_TYPES[data["type"]]
    known = {f.name for f in dataclasses.fields(kind)}
    fields = {name: _DECODERS.get(name, _same)(value) for name, value in data.items() if name in known}
    event: RunEvent = kind(**fields)
    return event


def output_to_json(output: Output) -> dict[str, Json]:
    """Return the JSON form of what a port carries, tagged by ``kind``."""
    match output:
        case Artifact():
            facts: dict[str, Json] = {
                "kind": "artifact",
                "digest": output.digest,
                "type": str(output.type),
                "folder": output.folder,
                "size": output.size,
                "files": output.files,
                "suffix": output.suffix,
            }
            return facts | ({"origin": output.origin} if output.origin else {})
        case ArtifactList(items):
            return {"kind": "list", "items": [output_to_json(item) for item in items]}
        case Value(json):
            return {"kind": "value", "json": json}


def output_from_json(data: Mapping[str, Any]) -> Output:
    """Return the output written by ``output_to_json``."""
    match data["kind"]:
        case "artifact":
            return Artifact(
                data["digest"],
                ArtifactType(data["type"]),
                data["folder"],
                data["size"],
                data["files"],
                data["suffix"],
                data.get("origin", ""),
            )
        case "list":
            items = tuple(output_from_json(item) for item in data["items"])
            return ArtifactList(tuple(item for item in items if isinstance(item, Artifact)))
        case _:
            return Value(data["json"])


def _encode(value: Any) -> Json:
    match value:
        case StepKey(step, item):
            return {"step": step, "item": item}
        case Failure():
            return dataclasses.asdict(value)
        case Artifact() | ArtifactList() | Value():
            return output_to_json(value)
        case enum.Enum():
            return str(value.value)
        case Mapping():
            return {str(name): _encode(item) for name, item in value.items()}
        case tuple() | list():
            return [_encode(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(f"not a JSON value: {value!r}")


def _same(value: Any) -> Any:
    return value


_DECODERS: dict[str, Any] = {
    "key": lambda data: StepKey(data["step"], data["item"]),
    "failure": lambda data: Failure(**data),
    "outputs": lambda data: {name: output_from_json(item) for name, item in data.items()},
    "outcome": RunOutcome,
    "reason": SkipReason,
    "labels": tuple,
    "reasons": tuple,
}
