"""A pipeline that uses a component: its inputs come from components of the catalog, so that ``assay check`` finds no fault in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from assay.ids import NAME, RESERVED_STEP_NAMES, ParamName
from assay.model.artifacts import ArtifactType, Json, misfit
from assay.model.builder import PipelineBuilder, Port, StepBuilder
from assay.model.codec import dump
from assay.model.component import MISSING, ComponentSpec, ParamSpec, ParamType, PortSpec
from assay.model.pipeline import Pipeline

_DEEPEST = 8
_MOST_SHOWN_DEFAULTS = 3
_HELD_OUT = "test"
_FITTED = ("train", "validation")
_FOREIGN = ("other",)
"""Inputs that are held against what comes from elsewhere."""
_CHANGED = ("after",)
"""Inputs that are held against what they were before."""
_STAGES = ("input", "transform", "train", "evaluate")
_DATA = frozenset({ArtifactType.IMAGES, ArtifactType.DATASET, ArtifactType.FOLDER})
_SITES = 2
_SEED = ParamName("seed")
_VALUE: dict[ParamType, Json] = {
    ParamType.INT: 1,
    ParamType.FLOAT: 1.0,
    ParamType.STR: "text",
    ParamType.BOOL: True,
    ParamType.LIST: [],
    ParamType.MAP: {},
    ParamType.PATH: "./data",
}


def example(spec: ComponentSpec, known: Sequence[ComponentSpec], use: str = "") -> str:
    """Return a pipeline with a step of ``spec``, as text; empty when nothing among ``known`` makes one of its inputs.

    Args:
        use: What its step says, when that is not the component's name.
    """
    try:
        return dump(_Example(known).build(spec, use or spec.name))
    except _NoSourceError:
        return ""


@dataclass(frozen=True, slots=True)
class _Need:
    """What a source is wanted for.

    Attributes:
        above: Components that wait for it.
        part: Of the data, such as ``validation``; empty: whichever.
        site: Whose data.
        taken: What the step that waits has already.
    """

    above: tuple[str, ...]
    part: str = ""
    site: int = 0
    taken: list[_Made] = field(default_factory=list)


class _NoSourceError(Exception):
    """No component makes what a port takes (never leaves this file)."""


class _Made(NamedTuple):
    """An output of a step: its component, which part of the data it is about, and at which site."""

    use: str
    part: str
    site: int
    output: str


class _Example:
    def __init__(self, known: Sequence[ComponentSpec]) -> None:
        self._known = known
        self._builder = PipelineBuilder("example")
        self._steps: dict[tuple[str, str, int], StepBuilder] = {}

    def build(self, spec: ComponentSpec, use: str) -> Pipeline:
        self._add(spec, use, _Need((str(spec.name),)), shown=_MOST_SHOWN_DEFAULTS)
        return self._builder.build()

    def _add(self, spec: ComponentSpec, use: str, need: _Need, *, shown: int = 0) -> StepBuilder:
        key = use, need.part, need.site
        if key in self._steps:
            return self._steps[key]
        within = replace(need, above=(*need.above, use), taken=[])
        given: dict[str, object] = {
            str(port.name): self._source(spec, port, within) for port in spec.inputs.values() if not port.optional
        }
        params = [param for param in spec.params.values() if not param.secret]
        optional = [param for param in params if not param.required][:shown]
        for param in (*(param for param in params if param.required), *optional):
            given[str(param.name)] = _value(param, need.site)
        if need.site and _SEED in spec.params:
            given[_SEED] = need.site
        step = self._builder.step(self._name(spec, need.part), use, **given)
        secrets = {str(p.name): f"MY_{p.name.upper()}" for p in spec.params.values() if p.secret and p.required}
        self._steps[key] = step.secrets(**secrets) if secrets else step
        return self._steps[key]

    def _source(self, asks: ComponentSpec, port: PortSpec, need: _Need) -> Port | list[Port]:
        """Return what feeds a port; a list of data comes from two sites, since one has nobody to be put beside."""
        if port.type.many and port.type.artifact in _DATA:
            return [self._one(asks, port, replace(need, site=site))[0] for site in range(_SITES)]
        made, many = self._one(asks, port, need)
        return [made] if port.type.many and not many else made

    def _one(self, asks: ComponentSpec, port: PortSpec, need: _Need) -> tuple[Port, bool]:
        for spec, output in self._makers(asks, port, need):
            part = _part(port, output)
            try:
                made = self._add(spec, spec.name, replace(need, part=part))[output.name]
            except _NoSourceError:
                continue
            need.taken.append(_Made(spec.name, part, need.site, output.name))
            return made, output.type.many
        raise _NoSourceError

    def _makers(self, asks: ComponentSpec, port: PortSpec, need: _Need) -> list[tuple[ComponentSpec, PortSpec]]:
        """Return the components that make what ``port`` takes, the most sensible first."""
        if len(need.above) > _DEEPEST:
            return []
        found = [
            (spec, output)
            for spec in self._known
            if spec.name not in need.above
            for output in spec.outputs.values()
            if misfit(output.type, port.type) is None
        ]
        return sorted(found, key=lambda pair: self._against(asks, port, need, *pair))

    def _against(
        self, asks: ComponentSpec, port: PortSpec, need: _Need, spec: ComponentSpec, output: PortSpec
    ) -> tuple[int, ...]:
        """Return what speaks against a maker, the weightiest first."""
        there = any(use == spec.name and site == need.site for use, _, site in self._steps)
        other_name = output.name != port.name
        changes = output.name in spec.inputs and spec.inputs[output.name].type == output.type
        of_kind = _data_of(asks) & _data_of(spec)
        stage = _STAGES.index(spec.category) if spec.category in _STAGES else len(_STAGES)
        return (
            # Two inputs of one kind are two things.
            _Made(spec.name, _part(port, output), need.site, output.name) in need.taken,
            port.name in _CHANGED and not (changes and spec.category == asks.category),
            port.name in _FOREIGN and (there or bool(spec.inputs)),
            bool(need.part) and output.name != need.part,
            # What a model is asked about must not be what it was fitted on, in an example least of all.
            output.name != _HELD_OUT or not there or port.name in _FITTED,
            other_name or not there,
            other_name,
            # An example runs as it stands: what reads a reader's own file comes last.
            any(param.required and param.type is ParamType.PATH for param in spec.params.values()),
            # What mends or spoils the like of what it makes is no source of it.
            changes,
            # Of tables or of images, as the other inputs are.
            -len(of_kind),
            stage,
            sum(one.type.many for one in spec.inputs.values()),
            len(spec.inputs) + sum(param.required for param in spec.params.values()),
        )

    def _name(self, spec: ComponentSpec, part: str) -> str:
        short = spec.name.rpartition("/")[2].rpartition(":")[2].removesuffix(".py")
        short = f"{short}-{part}" if part else short
        base = short if NAME.fullmatch(short) and short not in RESERVED_STEP_NAMES else "step"
        taken = {str(step) for step in self._steps.values()}
        return next(name for name in (base, *(f"{base}-{n}" for n in range(2, 99))) if name not in taken)


def _part(port: PortSpec, output: PortSpec) -> str:
    """Return the part of the data that the maker of an input has to be asked about; empty: whichever it takes."""
    return port.name if port.name in _FITTED and output.name != port.name and port.type.artifact not in _DATA else ""


def _data_of(spec: ComponentSpec) -> set[ArtifactType]:
    return {port.type.artifact for port in spec.inputs.values() if not port.optional} & _DATA


def _value(param: ParamSpec, site: int) -> Json:
    if param.default is not MISSING:
        return param.default
    if param.choices:
        return [param.choices[0]] if param.type is ParamType.LIST else param.choices[0]
    value = _VALUE[param.type]
    if param.type is ParamType.PATH and site:
        return f"{value}-{site + 1}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        low = param.min if param.min is not None else param.max if param.max is not None else value
        return int(low) if param.type is ParamType.INT else float(low)
    if isinstance(value, list) and param.min:
        inner = _VALUE[param.items] if param.items else "text"
        return [inner] * int(param.min)
    return value
