"""A pipeline that uses a component: its inputs come from components of the catalog, so that ``assay check`` finds no fault in it."""

from __future__ import annotations

from collections.abc import Sequence

from assay.ids import NAME, RESERVED_STEP_NAMES
from assay.model.artifacts import Json, misfit
from assay.model.builder import PipelineBuilder, Port, StepBuilder
from assay.model.codec import dump
from assay.model.component import MISSING, ComponentSpec, ParamSpec, ParamType, PortSpec
from assay.model.pipeline import Pipeline

_DEEPEST = 8
_MOST_SHOWN_DEFAULTS = 3
_HELD_OUT = "test"
_FITTED = ("train", "validation")
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


class _NoSourceError(Exception):
    """No component makes what a port takes (never leaves this file)."""


class _Example:
    def __init__(self, known: Sequence[ComponentSpec]) -> None:
        self._known = known
        self._builder = PipelineBuilder("example")
        self._steps: dict[str, StepBuilder] = {}

    def build(self, spec: ComponentSpec, use: str) -> Pipeline:
        self._add(spec, use, (str(spec.name),), shown=_MOST_SHOWN_DEFAULTS)
        return self._builder.build()

    def _add(self, spec: ComponentSpec, use: str, above: tuple[str, ...], *, shown: int = 0) -> StepBuilder:
        if use in self._steps:
            return self._steps[use]
        given: dict[str, object] = {
            str(port.name): self._source(port, (*above, use)) for port in spec.inputs.values() if not port.optional
        }
        params = [param for param in spec.params.values() if not param.secret]
        optional = [param for param in params if not param.required][:shown]
        for param in (*(param for param in params if param.required), *optional):
            given[str(param.name)] = _value(param)
        step = self._builder.step(self._name(spec), use, **given)
        secrets = {str(p.name): f"MY_{p.name.upper()}" for p in spec.params.values() if p.secret and p.required}
        self._steps[use] = step.secrets(**secrets) if secrets else step
        return self._steps[use]

    def _source(self, port: PortSpec, above: tuple[str, ...]) -> Port | list[Port]:
        for spec, output in self._makers(port, above):
            try:
                made = self._add(spec, spec.name, above)[output.name]
            except _NoSourceError:
                continue
            return [made] if port.type.many and not output.type.many else made
        raise _NoSourceError

    def _makers(self, port: PortSpec, above: tuple[str, ...]) -> list[tuple[ComponentSpec, PortSpec]]:
        """Return the components that make what ``port`` takes: first a port of the same name, then what asks for least."""
        if len(above) > _DEEPEST:
            return []
        found = [
            (spec, output)
            for spec in self._known
            if spec.name not in above
            for output in spec.outputs.values()
            if misfit(output.type, port.type) is None
        ]
        return sorted(
            found,
            key=lambda pair: (
                # What a model is asked about must not be what it was fitted on, in an example least of all.
                pair[1].name != _HELD_OUT or pair[0].name not in self._steps or port.name in _FITTED,
                pair[1].name != port.name or pair[0].name not in self._steps,
                pair[1].name != port.name,
                # An example runs as it stands: what reads a reader's own file comes last.
                any(param.required and param.type is ParamType.PATH for param in pair[0].params.values()),
                len(pair[0].inputs) + sum(param.required for param in pair[0].params.values()),
            ),
        )

    def _name(self, spec: ComponentSpec) -> str:
        short = spec.name.rpartition("/")[2].rpartition(":")[2].removesuffix(".py")
        base = short if NAME.fullmatch(short) and short not in RESERVED_STEP_NAMES else "step"
        taken = {str(step) for step in self._steps.values()}
        return next(name for name in (base, *(f"{base}-{n}" for n in range(2, 99))) if name not in taken)


def _value(param: ParamSpec) -> Json:
    if param.default is not MISSING:
        return param.default
    if param.choices:
        return [param.choices[0]] if param.type is ParamType.LIST else param.choices[0]
    value = _VALUE[param.type]
    if isinstance(value, int | float) and not isinstance(value, bool):
        low = param.min if param.min is not None else param.max if param.max is not None else value
        return int(low) if param.type is ParamType.INT else float(low)
    if isinstance(value, list) and param.min:
        inner = _VALUE[param.items] if param.items else "text"
        return [inner] * int(param.min)
    return value
