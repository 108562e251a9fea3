"""What every rule looks at: steps with their components, and every place where one reads an output port."""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from assay.check.checked import Finding
from assay.ids import PortName, StepName
from assay.model.artifacts import ArtifactType, PortType
from assay.model.codec.document import Document
from assay.model.codec.problems import Path
from assay.model.component import ComponentSpec, PortSpec
from assay.model.pipeline import (
    INPUTS,
    FileItems,
    ItemRef,
    ListTemplate,
    MapTemplate,
    ParamRef,
    Pipeline,
    PortRef,
    Step,
    Template,
)


class Place(enum.Enum):
    """Under which key of a step something is read."""

    INPUT = "in"
    PARAMETER = "with"
    CONDITION = "if"
    ITEMS = "foreach"
    FILES = "foreach files"


@dataclass(frozen=True, slots=True)
class Read:
    """One reference of a step to an output port."""

    step: Step
    ref: PortRef
    path: Path
    place: Place


@dataclass(frozen=True)  # no slots: the cached property keeps its value in the instance
class Subject:
    """What a rule looks at: the model, its components, and every place where a step reads an output port."""

    document: Document
    pipeline: Pipeline
    specs: Mapping[StepName, ComponentSpec]

    def steps(self) -> tuple[tuple[Step, Path, ComponentSpec | None], ...]:
        """Return each step with its path and, when it was found, its component."""
        return self._steps

    @functools.cached_property
    def _steps(self) -> tuple[tuple[Step, Path, ComponentSpec | None], ...]:
        groups = (("steps", self.pipeline.steps), ("finally", self.pipeline.final))
        return tuple((step, (top, name), self.specs.get(name)) for top, steps in groups for name, step in steps.items())

    @functools.cached_property
    def reads(self) -> tuple[Read, ...]:
        """Every reference of a step to an output port."""
        return tuple(_reads(self))

    def step(self, name: StepName) -> Step | None:
        """Return a step or a final step by name."""
        return self.pipeline.steps.get(name) or self.pipeline.final.get(name)

    def is_broken(self, path: Path) -> bool:
        """Whether the value at ``path``, one around it or one inside it was already reported."""
        broken = self.document.broken
        return bool(broken) and any(path[: len(other)] == other or other[: len(path)] == path for other in broken)


Rule = Callable[[Subject], Iterator[Finding]]


def _reads(subject: Subject) -> Iterator[Read]:
    for step, path, _ in subject.steps():
        for port, sources in step.inputs.items():
            for number, source in enumerate(sources):
                if isinstance(source, PortRef):
                    yield Read(step, source, source_path(path, port, number, len(sources)), Place.INPUT)
        for ref, where, place in references(subject, step, path):
            if isinstance(ref, PortRef):
                yield Read(step, ref, where, place)


def references(subject: Subject, step: Step, path: Path) -> Iterator[tuple[PortRef | ParamRef | ItemRef, Path, Place]]:
    """Yield every reference under ``with:``, ``if:`` and ``foreach:``, with its path."""
    for name, template in step.params.items():
        for found, where in template_references(template, (*path, "with", name)):
            yield found, where, Place.PARAMETER
    if step.condition is not None:
        for head, tail in sorted(step.condition.references):
            if head == "run":
                continue  # judged by the rule run-fact
            yield _condition_reference(head, tail), (*path, "if"), Place.CONDITION
    if step.foreach is not None:
        over = step.foreach.over
        if isinstance(over, FileItems):
            if not isinstance(over.folder, str):
                yield over.folder, (*path, "foreach", "files"), Place.FILES
            return
        whole = (*path, "foreach", "items")
        where = whole if subject.document.node(whole) is not None else (*path, "foreach")
        for found, inner in template_references(over.items, where):
            yield found, inner, Place.ITEMS


def _condition_reference(head: str, tail: str) -> PortRef | ParamRef | ItemRef:
    if head == "item":
        return ItemRef(tail)
    if head == "params":
        return ParamRef(tail)  # type: ignore[arg-type]  # a name, checked by the parser of expressions
    return PortRef(StepName(head), PortName(tail))


def template_references(template: Template, path: Path) -> Iterator[tuple[PortRef | ParamRef | ItemRef, Path]]:
    """Yield every reference inside a template with its path, outermost first, without recursion."""
    stack: list[tuple[Template, Path]] = [(template, path)]
    while stack:
        node, where = stack.pop()
        match node:
            case ListTemplate(items):
                stack.extend((item, (*where, number)) for number, item in reversed(list(enumerate(items))))
            case MapTemplate(pairs):
                stack.extend((item, (*where, key)) for key, item in reversed(pairs))
            case PortRef() | ParamRef() | ItemRef():
                yield node, where
            case _:
                pass


def source_path(path: Path, port: str, number: int, count: int) -> Path:
    """Return the path of one of ``count`` sources of an input port."""
    return (*path, "in", port) if count == 1 else (*path, "in", port, number)


def output(subject: Subject, ref: PortRef) -> PortSpec | None:
    """Return the port that ``ref`` names, when its step, component and port are known."""
    if ref.step == INPUTS:
        return subject.pipeline.inputs.get(ref.port)
    spec = subject.specs.get(ref.step)
    return spec.outputs.get(ref.port) if spec is not None else None


def output_type(subject: Subject, ref: PortRef) -> PortType | None:
    """Return what arrives from ``ref``: a step under ``foreach:`` gives lists of what its component gives."""
    port = output(subject, ref)
    if ref.step == INPUTS:
        return port.type if port is not None else None
    source = subject.step(ref.step)
    if port is None or source is None:
        return None
    mapped = source.foreach is not None and port.type.artifact is not ArtifactType.VALUE
    return PortType(port.type.artifact, port.type.many or mapped)
