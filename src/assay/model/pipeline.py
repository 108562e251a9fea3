"""The pipeline: steps wired by ports. Frozen, without places in a file (those are the codec's)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from assay.ids import RESERVED_STEP_NAMES, ParamName, PortName, StepName
from assay.model.annotations import Group, Note
from assay.model.artifacts import Json
from assay.model.component import Isolation, ParamSpec, PortSpec
from assay.model.expression import Expression


@dataclass(frozen=True, slots=True)
class PortRef:
    """``split.train``: an output port of a step."""

    step: StepName
    port: PortName

    def __str__(self) -> str:
        return f"{self.step}.{self.port}"


@dataclass(frozen=True, slots=True)
class ParamRef:
    """``$params.epochs``: a parameter of the pipeline."""

    name: ParamName

    def __str__(self) -> str:
        return f"$params.{self.name}"


@dataclass(frozen=True, slots=True)
class ItemRef:
    """``$item`` or ``$item.key``: the element that a ``foreach`` step is at. ``key`` reads a field of a map element,
    or ``name``, ``stem``, ``suffix`` of a file element."""

    key: str = ""

    def __str__(self) -> str:
        return f"$item.{self.key}" if self.key else "$item"


@dataclass(frozen=True, slots=True)
class ListTemplate:
    """A list that holds references somewhere inside."""

    items: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class MapTemplate:
    """A map that holds references somewhere inside."""

    items: tuple[tuple[str, Template], ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A plain JSON value without references."""

    value: Json


Template = Literal | PortRef | ParamRef | ItemRef | ListTemplate | MapTemplate
"""What may stand under ``with:``: a literal, or a reference that is filled in when the step starts. In YAML, a string that begins with
``$`` is a reference (``$params.x``, ``$item``, ``$step.port``); ``$$`` writes a plain dollar."""

Source = PortRef | ItemRef
"""What may stand under ``in:``: ``step.port`` or ``$item``."""


@dataclass(frozen=True, slots=True)
class ListItems:
    """``foreach: [a, b]`` or ``foreach: $params.sites`` or ``foreach: $step.value``: elements are JSON values."""

    items: Template


@dataclass(frozen=True, slots=True)
class FileItems:
    """``foreach: {files: ./scans, pattern: "*.png"}`` or ``{files: step.port}`` or ``{files: "s3://bucket/prefix"}``: elements are the files of a
    folder, or the objects below a prefix, sorted by name; each is an artifact of type File."""

    folder: str | PortRef | ParamRef
    pattern: str = "*"


@dataclass(frozen=True, slots=True)
class Foreach:
    """Map a step over elements; its outputs become lists in the order of the elements.

    Attributes:
        over: The elements.
        parallel: Most elements at one time; ``None`` for as many as resources allow.
    """

    over: ListItems | FileItems
    parallel: int | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Run again after a failure, at most ``limit`` more times, waiting ``delay`` seconds, then times ``backoff``."""

    limit: int = 0
    delay: float = 1.0
    backoff: float = 2.0


@dataclass(frozen=True, slots=True)
class ResourceRequest:
    """What a step asks for in place of its component's defaults; ``None`` keeps the default."""

    cpu: float | None = None
    memory: int | None = None
    gpu: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One use of a component.

    Attributes:
        use: ``category/name[@version]`` or a file beside the pipeline, ``./steps.py:clean``.
        inputs: Port to its sources; more than one source only for a list port.
        params: Parameter to its template (``with:``).
        condition: Runs only when this is true (``if:``).
        timeout: Seconds for one attempt; ``None`` for no limit.
        cache: ``None`` keeps the component's choice.
        env: Environment variables of the step's process.
        secrets: Environment variable, or secret parameter, to the secret's name.
        after: Steps that must have finished before, without passing anything.
        extra: Unknown keys, kept.
    """

    name: StepName
    use: str
    inputs: Mapping[PortName, tuple[Source, ...]] = field(default_factory=dict)
    params: Mapping[ParamName, Template] = field(default_factory=dict)
    condition: Expression | None = None
    foreach: Foreach | None = None
    after: tuple[StepName, ...] = ()
    retry: Retry = Retry()
    timeout: float | None = None
    resources: ResourceRequest = ResourceRequest()
    cache: bool | None = None
    isolation: Isolation | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    image: str = ""
    title: str = ""
    extra: Mapping[str, Json] = field(default_factory=dict)

    def references(self) -> Iterator[PortRef]:
        """Yield every output port that this step reads: inputs, parameters, condition and foreach."""
        for sources in self.inputs.values():
            yield from (source for source in sources if isinstance(source, PortRef))
        for template in self.params.values():
            yield from port_references(template)
        if self.condition is not None:
            for name, port in self.condition.references:
                if name not in RESERVED_STEP_NAMES:
                    yield PortRef(StepName(name), PortName(port))
        if self.foreach is not None:
            over = self.foreach.over
            if isinstance(over, ListItems):
                yield from port_references(over.items)
            elif isinstance(over.folder, PortRef):
                yield over.folder


INPUTS = StepName("inputs")
"""First word of a reference to an input of the pipeline itself: ``inputs.images``."""


@dataclass(frozen=True, slots=True)
class PipelineOutput:
    """What a pipeline gives as a step of another: the output of one of its own steps."""

    source: PortRef
    help: str = ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Steps wired by ports.

    Attributes:
        steps: In the order of the file. They run by their wiring, not by this order.
        inputs: Ports that a step of another pipeline, which uses this one, is wired at; steps read them as ``inputs.name``.
        outputs: Ports that such a step has, by name.
        final: Steps under ``finally:``: they run at the end of every run, also a failed or cancelled one.
        layout: Canvas positions in grid units; no hash sees them, nor ``notes`` and ``groups``.
    """

    name: str
    steps: Mapping[StepName, Step]
    description: str = ""
    params: Mapping[ParamName, ParamSpec] = field(default_factory=dict)
    final: Mapping[StepName, Step] = field(default_factory=dict)
    inputs: Mapping[PortName, PortSpec] = field(default_factory=dict)
    outputs: Mapping[PortName, PipelineOutput] = field(default_factory=dict)
    layout: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    notes: Mapping[str, Note] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    extra: Mapping[str, Json] = field(default_factory=dict)

    def all_steps(self) -> Iterator[Step]:
        """Yield the steps, then the final ones."""
        yield from self.steps.values()
        yield from self.final.values()


def references(template: Template) -> Iterator[PortRef | ParamRef | ItemRef]:
    """Yield every reference inside a template, outermost first, without recursion."""
    stack: list[Template] = [template]
    while stack:
        node = stack.pop()
        match node:
            case ListTemplate(items):
                stack.extend(reversed(items))
            case MapTemplate(pairs):
                stack.extend(value for _, value in reversed(pairs))
            case PortRef() | ParamRef() | ItemRef():
                yield node
            case Literal():
                pass


def port_references(template: Template) -> Iterator[PortRef]:
    """Yield the output ports that a template reads."""
    return (found for found in references(template) if isinstance(found, PortRef))
