"""Model to text: the form a person would have written."""

from __future__ import annotations

from collections.abc import Mapping

from assay.ids import StepName
from assay.model.artifacts import Json
from assay.model.codec.annotations import group_json, note_json
from assay.model.codec.document import FORMAT
from assay.model.codec.ports import input_json, output_json
from assay.model.codec.scalars import write, write_key
from assay.model.component import MISSING, ParamSpec
from assay.model.pipeline import (
    FileItems,
    Foreach,
    ListTemplate,
    Literal,
    MapTemplate,
    Pipeline,
    ResourceRequest,
    Retry,
    Step,
    Template,
)
from assay.model.quantities import format_duration, format_memory

_WIDEST = 110


def dump(pipeline: Pipeline) -> str:
    """Return the pipeline as a file; ``load(dump(pipeline)).pipeline == pipeline``."""
    lines = [f"assay: {FORMAT}", f"name: {write(pipeline.name)}"]
    if pipeline.description:
        lines.append(f"description: {write(pipeline.description)}")
    _section(lines, "params", {name: declaration_json(spec) for name, spec in pipeline.params.items()})
    _section(lines, "inputs", {name: input_json(port) for name, port in pipeline.inputs.items()})
    _section(lines, "outputs", {name: output_json(output) for name, output in pipeline.outputs.items()})
    if pipeline.steps:
        lines.append("steps:")
        _add_steps(lines, pipeline.steps)
    else:
        lines.append("steps: {}")
    if pipeline.final:
        lines.append("finally:")
        _add_steps(lines, pipeline.final)
    _section(lines, "layout", {name: list(place) for name, place in pipeline.layout.items()})
    _section(lines, "notes", {name: note_json(note) for name, note in pipeline.notes.items()})
    _section(lines, "groups", {name: group_json(group) for name, group in pipeline.groups.items()})
    lines.extend(f"{write_key(key)}: {write(value)}" for key, value in pipeline.extra.items())
    return "\n".join(lines) + "\n"


def _section(lines: list[str], title: str, entries: Mapping[str, Json]) -> None:
    if entries:
        lines.append(f"{title}:")
        lines.extend(f"  {write_key(key)}: {write(value)}" for key, value in entries.items())


def _add_steps(lines: list[str], steps: Mapping[StepName, Step]) -> None:
    for name, step in steps.items():
        body = step_json(step)
        line = f"  {write_key(name)}: {write(body)}"
        if len(line) <= _WIDEST:
            lines.append(line)
            continue
        lines.append(f"  {write_key(name)}:")
        lines.extend(f"    {write_key(key)}: {write(value)}" for key, value in body.items())


def step_json(step: Step) -> dict[str, Json]:
    """Return a step as it stands under its name in a file, defaults left out."""
    body: dict[str, Json] = {"use": step.use}
    given: dict[str, Json] = {
        "title": step.title,
        "in": {port: _sources([str(source) for source in sources]) for port, sources in step.inputs.items()},
        "with": {name: template_json(template) for name, template in step.params.items()},
        "if": step.condition.text if step.condition else "",
        "after": list(step.after),
        "env": dict(step.env),
        "secrets": dict(step.secrets),
        "image": step.image,
    }
    body.update({key: value for key, value in given.items() if value})
    if step.foreach is not None:
        body["foreach"] = _foreach_json(step.foreach)
    if step.retry != Retry():
        body["retry"] = _retry_json(step.retry)
    if step.timeout is not None:
        body["timeout"] = format_duration(step.timeout)
    if step.resources != ResourceRequest():
        body["resources"] = _resources_json(step.resources)
    if step.cache is not None:
        body["cache"] = step.cache
    if step.isolation is not None:
        body["isolation"] = str(step.isolation)
    body.update(step.extra)
    return body


def _sources(sources: list[str]) -> Json:
    return sources[0] if len(sources) == 1 else list[Json](sources)


def template_json(template: Template) -> Json:
    """Return a template as it stands under ``with:``; texts that begin with a dollar get a second one."""
    match template:
        case Literal(value):
            return _escaped(value)
        case ListTemplate(items):
            return [template_json(item) for item in items]
        case MapTemplate(pairs):
            return {key: template_json(item) for key, item in pairs}
        case _:
            text = str(template)
            return text if text.startswith("$") else f"${text}"


def _escaped(value: Json) -> Json:
    match value:
        case str() if value.startswith("$"):
            return f"${value}"
        case list():
            return [_escaped(item) for item in value]
        case dict():
            return {key: _escaped(item) for key, item in value.items()}
        case _:
            return value


def _foreach_json(foreach: Foreach) -> Json:
    over = foreach.over
    body: dict[str, Json]
    if isinstance(over, FileItems):
        body = {"files": str(over.folder)}
        if over.pattern != "*":
            body["pattern"] = over.pattern
    else:
        items = template_json(over.items)
        if foreach.parallel is None:
            return items
        body = {"items": items}
    return body | ({} if foreach.parallel is None else {"parallel": foreach.parallel})


def _retry_json(retry: Retry) -> Json:
    plain = Retry()
    body: dict[str, Json] = {"limit": retry.limit}
    if retry.delay != plain.delay:
        body["delay"] = format_duration(retry.delay)
    if retry.backoff != plain.backoff:
        body["backoff"] = retry.backoff
    return body


def _resources_json(request: ResourceRequest) -> Json:
    body: dict[str, Json] = {}
    if request.cpu is not None:
        body["cpu"] = int(request.cpu) if request.cpu == int(request.cpu) else request.cpu
    if request.memory is not None:
        body["memory"] = format_memory(request.memory)
    if request.gpu is not None:
        body["gpu"] = request.gpu
    return body


def declaration_json(spec: ParamSpec) -> Json:
    """Return a parameter as it is declared under ``params:``."""
    body: dict[str, Json] = {"type": str(spec.type)}
    if spec.items is not None:
        body["items"] = str(spec.items)
    if not spec.required:
        body["default"] = None if spec.default is MISSING else spec.default
    given: dict[str, Json] = {
        "nullable": spec.nullable or None,
        "min": spec.min,
        "max": spec.max,
        "choices": list(spec.choices) or None,
        "unit": spec.unit or None,
        "help": spec.help or None,
        "secret": spec.secret or None,
    }
    return body | {key: value for key, value in given.items() if value is not None}
