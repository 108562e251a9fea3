"""Put the steps of other pipelines in the place of the steps that use them. Pure: names, wires and values are rewritten."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from assay.check.checked import Checked
from assay.errors import Fault, InvalidDocument
from assay.ids import ParamName, PortName, StepName
from assay.model.codec.templates import joined_list, joined_map
from assay.model.component import MISSING, ComponentSpec, ParamType
from assay.model.expression import Expression, both, replaced
from assay.model.pipeline import (
    INPUTS,
    FileItems,
    Foreach,
    ListItems,
    ListTemplate,
    Literal,
    MapTemplate,
    ParamRef,
    Pipeline,
    PortRef,
    Source,
    Step,
    Template,
)


def expanded(checked: Checked) -> Checked:
    """Return the same pipeline without steps that use another: in their place stand its steps, called ``outer/inner``.

    Raises:
        InvalidDocument: The pipeline itself takes inputs that only a step of another could wire.
    """
    pipeline = checked.pipeline
    if pipeline is None or not (checked.nested or pipeline.inputs):
        return checked
    faults = [
        Fault(
            "unwired-input",
            f"the pipeline takes the input {name!r} ({port.type}), which nothing brings",
            name,
            checked.document.locate(("inputs", name)),
            "use it in a step of another pipeline: use: ./" + os.path.basename(checked.document.file),
        )
        for name, port in pipeline.inputs.items()
        if not port.optional
    ]
    if faults:
        raise InvalidDocument(faults, what=checked.document.file)
    level = _Level(checked, pipeline, Path(checked.document.file).parent)
    found = list(_steps(level))
    flat = replace(
        pipeline,
        steps={step.name: step for step, _, final in found if not final},
        final={step.name: step for step, _, final in found if final},
        inputs={},
        outputs={},
        layout={},
        notes={},
        groups={},
    )
    return replace(checked, pipeline=flat, specs={step.name: spec for step, spec, _ in found if spec}, nested={})


def members(checked: Checked, name: StepName) -> tuple[StepName, ...]:
    """Return the names that a step has after ``expanded``: its own, or those of the steps of its pipeline."""
    inner = checked.nested.get(name)
    if inner is None or inner.pipeline is None:
        return (name,)
    return tuple(
        StepName(f"{name}/{below}") for step in inner.pipeline.all_steps() for below in members(inner, step.name)
    )


@dataclass(frozen=True, slots=True)
class _Level:
    """One file, in the place where a step uses it.

    Attributes:
        base: Folder of the outermost file, from which relative paths are read.
        prefix: What its steps' names begin with.
        inputs: What is wired to its inputs; ``None`` outermost.
        params: What its parameters are given; ``None`` outermost, where they stay parameters.
        around: The step that uses it.
    """

    checked: Checked
    pipeline: Pipeline
    base: Path
    prefix: str = ""
    inputs: Mapping[PortName, tuple[Source, ...]] | None = None
    params: Mapping[ParamName, Template] | None = None
    around: Step | None = None
    final: bool = False

    def name(self, step: StepName) -> StepName:
        return StepName(self.prefix + step)

    def moved(self, path: str) -> str:
        """Return a relative path of this file as one of the outermost file."""
        here = Path(self.checked.document.file).parent
        if not self.prefix or os.path.isabs(path) or "://" in path:
            return path
        return posixpath.normpath(posixpath.join(os.path.relpath(here, self.base), path))


def _steps(level: _Level) -> Iterator[tuple[Step, ComponentSpec | None, bool]]:
    for steps, last in ((level.pipeline.steps, False), (level.pipeline.final, True)):
        for step in steps.values():
            written = _rewritten(level, step)
            inner = level.checked.nested.get(step.name)
            if inner is None or inner.pipeline is None:
                yield written, level.checked.specs.get(step.name), level.final or last
                continue
            params: dict[ParamName, Template] = {
                name: written.params.get(name, Literal(None if spec.default is MISSING else spec.default))
                for name, spec in inner.pipeline.params.items()
            }
            for name, spec in inner.pipeline.params.items():
                if name not in written.params and spec.type is ParamType.PATH:
                    params[name] = _path(params[name], _Level(inner, inner.pipeline, level.base, "inside"))
            below = _Level(
                inner,
                inner.pipeline,
                level.base,
                f"{written.name}/",
                written.inputs,
                params,
                written,
                level.final or last,
            )
            yield from _steps(below)


def _rewritten(level: _Level, step: Step) -> Step:
    """Return a step with its name, wires, values and condition as they are outermost."""
    spec = level.checked.specs.get(step.name)
    around = level.around
    condition = _condition(level, step.condition)
    after = [name for waited in step.after for name in _waited(level, waited)]
    if around is not None:
        condition = both(around.condition, condition)
        after = [*around.after, *after]
    params = {name: _template(level, _given(level, spec, name, value)) for name, value in step.params.items()}
    return replace(
        step,
        name=level.name(step.name),
        use=level.moved(step.use) if step.use.startswith(".") else step.use,
        inputs={port: found for port, sources in step.inputs.items() if (found := _sources(level, sources))},
        params=params,
        condition=condition,
        foreach=_foreach(level, step.foreach),
        after=tuple(dict.fromkeys(after)),
        cache=step.cache if around is None or around.cache is None else around.cache and step.cache,
        env=step.env if around is None else {**around.env, **step.env},
    )


def _given(level: _Level, spec: ComponentSpec | None, name: ParamName, value: Template) -> Template:
    param = spec.params.get(name) if spec is not None else None
    return _path(value, level) if param is not None and param.type is ParamType.PATH else value


def _path(value: Template, level: _Level) -> Template:
    return Literal(level.moved(value.value)) if isinstance(value, Literal) and isinstance(value.value, str) else value


def _waited(level: _Level, step: StepName) -> Iterable[StepName]:
    return (level.name(name) for name in members(level.checked, step))


def _sources(level: _Level, sources: Iterable[Source]) -> tuple[Source, ...]:
    found: list[Source] = []
    for source in sources:
        if isinstance(source, PortRef) and source.step == INPUTS:
            found.extend((level.inputs or {}).get(source.port, ()))
        elif isinstance(source, PortRef):
            found.append(_port(level, source))
        else:
            found.append(source)
    return tuple(found)


def _port(level: _Level, ref: PortRef) -> PortRef:
    """Return an output where it is: of the step that makes it, however deep."""
    checked, prefix = level.checked, level.prefix
    while (inner := checked.nested.get(ref.step)) is not None and inner.pipeline is not None:
        prefix += f"{ref.step}/"
        checked, ref = inner, inner.pipeline.outputs[ref.port].source
    return PortRef(StepName(prefix + ref.step), ref.port)


def _template(level: _Level, template: Template) -> Template:
    """Templates are as deep as the reader of YAML allows, which is bounded."""
    match template:
        case ParamRef(name) if level.params is not None:
            return level.params[name]
        case PortRef():
            return _port(level, template)
        case ListTemplate(items):
            return joined_list([_template(level, item) for item in items])
        case MapTemplate(pairs):
            return joined_map([(key, _template(level, item)) for key, item in pairs])
        case _:
            return template


def _foreach(level: _Level, foreach: Foreach | None) -> Foreach | None:
    if foreach is None:
        return None
    over = foreach.over
    if isinstance(over, ListItems):
        return replace(foreach, over=ListItems(_template(level, over.items)))
    folder = over.folder
    if isinstance(folder, str):
        return replace(foreach, over=replace(over, folder=level.moved(folder)))
    if isinstance(folder, PortRef):
        if folder.step == INPUTS:
            wired = (level.inputs or {}).get(folder.port, ())
            folder = next((source for source in wired if isinstance(source, PortRef)), folder)
        else:
            folder = _port(level, folder)
        return replace(foreach, over=FileItems(folder, over.pattern))
    given = _template(level, folder)
    if isinstance(given, Literal):
        return replace(foreach, over=FileItems(str(given.value), over.pattern))
    return replace(foreach, over=FileItems(given if isinstance(given, ParamRef | PortRef) else folder, over.pattern))


def _condition(level: _Level, condition: Expression | None) -> Expression | None:
    if condition is None or not (level.prefix or level.checked.nested):
        return condition

    def meaning(name: str, attribute: str) -> tuple[object, ...] | None:
        if name == "params" and level.params is not None:
            return _node(level.params[ParamName(attribute)])
        if name in ("params", "item", "run"):
            return None
        ref = _port(level, PortRef(StepName(name), PortName(attribute)))
        return ("name", str(ref.step), str(ref.port))

    return replaced(condition, meaning)


def _node(template: Template) -> tuple[object, ...]:
    """Return a template as a node of an expression's tree."""
    match template:
        case Literal(value):
            return ("literal", value)
        case ParamRef(name):
            return ("name", "params", str(name))
        case PortRef(step, port):
            return ("name", str(step), str(port))
        case ListTemplate(items):
            return ("list", [_node(item) for item in items])
        case MapTemplate(pairs):
            return ("map", [(key, _node(item)) for key, item in pairs])
        case _:
            return ("name", "item", template.key)
