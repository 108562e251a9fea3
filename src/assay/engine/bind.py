"""Binding: fill in what a step reads once its sources are known, and derive its cache key. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from assay.errors import AssayError
from assay.ids import Digest, ParamName, PortName, StepName
from assay.model.artifacts import Artifact, ArtifactList, Json, Output, Value
from assay.model.component import MISSING, ComponentSpec, ContainerImplementation, ParamType
from assay.model.params import ParamError, conform
from assay.model.pipeline import (
    ItemRef,
    ListTemplate,
    Literal,
    MapTemplate,
    ParamRef,
    PortRef,
    Step,
    Template,
)

_LONGEST_PART = 200


class BindError(AssayError):
    """A value that became known only now does not fit the parameter or port it feeds."""

    code = "binding"


@dataclass(frozen=True, slots=True)
class Element:
    """What a ``foreach`` step is at.

    Attributes:
        index: Position, from 0.
        label: Its value as text, or the file's name; unique labels name the element in the record.
        value: JSON value; ``None`` for a file.
        file: The file in the store; ``None`` for a JSON value.
    """

    index: int
    label: str
    value: Json = None
    file: Artifact | None = None

    def scope(self) -> dict[str, Json]:
        """Return what ``item`` means in an expression: ``""`` is the element, other names are its fields."""
        if self.file is not None:
            stem, dot, suffix = self.label.rpartition("/")[2].rpartition(".")
            return {"": self.label, "name": self.label, "stem": stem if dot else self.label, "suffix": dot + suffix}
        fields = dict(self.value) if isinstance(self.value, dict) else {}
        return {**fields, "": self.value}


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything a step may refer to.

    Attributes:
        params: Values of the pipeline's parameters.
        outputs: Outputs of the steps that are done, by step and port.
        element: The element, inside ``foreach``.
        run: ``$run`` facts for conditions of final steps: ``outcome``.
    """

    params: Mapping[ParamName, Json]
    outputs: Mapping[StepName, Mapping[PortName, Output]]
    element: Element | None = None
    run: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Binding:
    """A step with everything filled in.

    Attributes:
        params: Values of the component's parameters, defaults included; secret ones are left out.
        inputs: Artifacts by port, in order; a port without a source is left out.
        parts: What the cache key is made of, by name (``code``, ``environment``, ``param:epochs``, ``input:images``, …).
        key: Digest of the parts.
    """

    params: Mapping[ParamName, Json]
    inputs: Mapping[PortName, tuple[Artifact, ...]]
    parts: Mapping[str, str]
    key: Digest


class Surroundings(Protocol):
    """What a cache key needs to know of the world."""

    def environment(self, spec: ComponentSpec, image: str) -> str:
        """Return the digest of the image, or, when there is none, of the interpreter and the versions of the component's
        requirements; the image's name as long as nobody knows its digest."""

    def source(self, path: str) -> Digest:
        """Return the content digest of a file or folder outside the store; raises ``AssayError``."""

    def absolute(self, path: str) -> str:
        """Return ``path`` made absolute against the pipeline's folder."""


def bind(step: Step, spec: ComponentSpec, scope: Scope, world: Surroundings) -> Binding:
    """Return the binding of ``step``; every source must be in ``scope``. Raises ``BindError``."""
    params, parts = _bind_params(step, spec, scope, world)
    inputs: dict[PortName, tuple[Artifact, ...]] = {}
    for port, sources in step.inputs.items():
        found = [artifact for source in sources for artifact in _artifacts(source, scope)]
        if found:
            inputs[port] = tuple(found)
            parts[f"input:{port}"] = " ".join(artifact.digest + artifact.suffix for artifact in found)
    parts["code"] = spec.implementation.code
    parts["environment"] = world.environment(spec, image_of(step, spec))
    for name, value in step.env.items():
        parts[f"env:{name}"] = _short(value)
    for name, secret in step.secrets.items():
        parts[f"secret:{name}"] = secret
    return Binding(params, inputs, parts, digest_json(parts))


def image_of(step: Step, spec: ComponentSpec) -> str:
    """Return the name of the image that a step runs in; empty for none. What the step says comes before its component."""
    code = spec.implementation
    return step.image or (code.image if isinstance(code, ContainerImplementation) else "")


def in_image(binding: Binding, digest: str) -> Binding:
    """Return a binding whose key counts the image that a step ran in, for one whose digest was not known before."""
    parts = {**binding.parts, "environment": digest}
    return dataclasses.replace(binding, parts=parts, key=digest_json(parts))


def digest_json(value: object) -> Digest:
    """Return the sha256 of the canonical JSON form (sorted keys, no spaces)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Digest(hashlib.sha256(text.encode()).hexdigest())


def fill(template: Template, scope: Scope) -> Json:
    """Return the JSON value of a template. Templates are as deep as the YAML reader allows, which is bounded."""
    match template:
        case Literal(value):
            return value
        case ParamRef(name):
            return scope.params[name]
        case ItemRef(key):
            return _item(key, scope)
        case PortRef(step, port):
            output = scope.outputs[step].get(port)
            return output.json if isinstance(output, Value) else None
        case ListTemplate(items):
            return [fill(item, scope) for item in items]
        case MapTemplate(pairs):
            return {name: fill(item, scope) for name, item in pairs}


def _bind_params(
    step: Step, spec: ComponentSpec, scope: Scope, world: Surroundings
) -> tuple[dict[ParamName, Json], dict[str, str]]:
    params: dict[ParamName, Json] = {}
    parts: dict[str, str] = {}
    for name, param in spec.params.items():
        if param.secret:
            continue
        if name in step.params:
            value = fill(step.params[name], scope)
        elif param.default is not MISSING:
            value = param.default
        else:
            raise BindError(
                f"step {step.name!r} does not give the parameter {name!r}",
                culprit=name,
                hint=f"add it under 'with:' of {step.name!r}",
            )
        try:
            value = conform(param, value)
        except ParamError as error:
            raise BindError(
                f"parameter {name!r} of step {step.name!r}: {error.message}", culprit=name, hint=error.hint
            ) from error
        if param.type is ParamType.PATH and isinstance(value, str):
            value = world.absolute(value)
            parts[f"param:{name}"] = world.source(value)
        else:
            parts[f"param:{name}"] = _short(json.dumps(value, sort_keys=True, ensure_ascii=False))
        params[name] = value
    return params, parts


def _short(text: str) -> str:
    """Keep short values readable (they become reasons), and turn long ones into their digest."""
    return text if len(text) <= _LONGEST_PART else "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _artifacts(source: PortRef | ItemRef, scope: Scope) -> Sequence[Artifact]:
    if isinstance(source, ItemRef):
        return (scope.element.file,) if scope.element is not None and scope.element.file is not None else ()
    match scope.outputs[source.step].get(source.port):
        case Artifact() as artifact:
            return (artifact,)
        case ArtifactList(items):
            return items
        case _:
            return ()


def _item(key: str, scope: Scope) -> Json:
    if scope.element is None:
        raise BindError("'$item' has a meaning only in a step with 'foreach:'", culprit="$item")
    fields = scope.element.scope()
    if key not in fields:
        known = ", ".join(sorted(name for name in fields if name)) or "no fields"
        raise BindError(
            f"the element {scope.element.label!r} has no field {key!r}", culprit=key, hint=f"it has {known}"
        )
    return fields[key]
