"""A component as a page of text: what it takes, gives and needs, and a step to copy into a pipeline."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

from assay.cli.terminal import Cell, Column, say, say_cells, table
from assay.model.component import (
    MISSING,
    ComponentSpec,
    ContainerImplementation,
    Language,
    ParamSpec,
    ParamType,
    PortSpec,
    ScriptImplementation,
)
from assay.model.quantities import format_memory

_MOST_SHOWN_DEFAULTS = 3


def say_component(spec: ComponentSpec, use: str) -> None:
    """Write everything about ``spec``, which a step names by ``use``."""
    say_cells(Cell(spec.name, "bold"), Cell(f"  {spec.version}", "dim"))
    say(spec.title)
    if spec.description:
        say()
        say(spec.description)
    for title, ports in (("Inputs", spec.inputs), ("Outputs", spec.outputs)):
        if ports:
            _say_title(title)
            table(
                [Column("  name"), Column("type"), Column("help")],
                [_port(p) for p in ports.values()],
            )
    if spec.params:
        _say_title("Parameters")
        for param in spec.params.values():
            say_cells(Cell(f"  {param.name}", "bold"), Cell(f"  {_domain(param)}"))
            say(f"      {param.help}{' (secret)' if param.secret else ''}", "dim")
    _say_title("Needs")
    for line in _needs(spec):
        say(f"  {line}")
    _say_title("In a pipeline")
    say(textwrap.indent(snippet(spec, use), "  "))


def snippet(spec: ComponentSpec, use: str) -> str:
    """Return a step that uses ``spec`` by the name ``use``: every required input and parameter, and a few defaults to see the form."""
    step = spec.name.rpartition("/")[2].rpartition(":")[2].partition(".")[0].replace("-", "_")
    lines = [f"{step}:", f"  use: {use}"]
    needed = [port for port in spec.inputs.values() if not port.optional]
    if needed:
        lines.append("  in:")
        lines += [f"    {port.name}: STEP.PORT  # {port.type}" for port in needed]
    params = [param for param in spec.params.values() if not param.secret]
    shown = [p for p in params if p.required]
    shown += [p for p in params if not p.required][:_MOST_SHOWN_DEFAULTS]
    if shown:
        lines.append("  with:")
        lines += [f"    {param.name}: {_example(param)}" for param in shown]
    secrets = [param for param in spec.params.values() if param.secret]
    if secrets:
        lines.append("  secrets:")
        lines += [f"    {param.name}: NAME_OF_THE_SECRET" for param in secrets]
    return "\n".join(lines)


def _say_title(title: str) -> None:
    say()
    say(title, "bold")


def _port(port: PortSpec) -> list[str]:
    return [f"  {port.name}", str(port.type), f"{port.help}{' (optional)' if port.optional else ''}".strip()]


def _domain(param: ParamSpec) -> str:
    """Return ``int = 8, 1 to 1000 [epochs]``."""
    kind = f"{param.type}[{param.items}]" if param.items else str(param.type)
    default = ", required" if param.default is MISSING else f" = {json.dumps(param.default, ensure_ascii=False)}"
    limits = allowed(param)
    unit = f" [{param.unit}]" if param.unit else ""
    return f"{kind}{default}{f', {limits}' if limits else ''}{unit}"


def allowed(param: ParamSpec) -> str:
    """Return ``1 to 1000``, ``at least 0`` or ``"a" | "b"``; nothing when every value of the type is allowed."""
    if param.choices:
        return " | ".join(json.dumps(choice, ensure_ascii=False) for choice in param.choices)
    of = " elements" if param.type in (ParamType.LIST, ParamType.MAP) else ""
    match param.min, param.max:
        case None, None:
            return ""
        case low, None:
            return f"at least {low:g}{of}"
        case None, high:
            return f"at most {high:g}{of}"
        case low, high:
            return f"{low:g}{of}" if low == high else f"{low:g} to {high:g}{of}"


def _example(param: ParamSpec) -> str:
    if param.default is MISSING:
        return f"…  # {param.type}: {param.help}"
    return json.dumps(param.default, ensure_ascii=False)


def _needs(spec: ComponentSpec) -> Iterator[str]:
    from assay.engine.environment import lacks, own_requirements  # reads package metadata: only for one component

    if isinstance(spec.implementation, ContainerImplementation):
        yield f"image      {spec.implementation.image}"
    else:
        yield f"packages   {', '.join(spec.requirements) or 'nothing but Python'}"
    if isinstance(spec.implementation, ScriptImplementation) and spec.implementation.language is Language.R:
        yield f"in R       {', '.join(spec.implementation.packages) or 'nothing but R'}"
    missing = [requirement for requirement in own_requirements(spec) if lacks(requirement)]
    if missing:
        yield f"runs       in an environment of its own, which uv makes: {', '.join(missing)} is not installed here"
    resources = spec.resources
    memory = f", memory {format_memory(resources.memory)}" if resources.memory else ""
    gpu = f", gpu {resources.gpu}" if resources.gpu else ""
    yield f"resources  cpu {resources.cpu:g}{memory}{gpu}"
    yield f"reuse      {'results of the same content are reused' if spec.cache else 'runs every time'}"
    if spec.tags:
        yield f"tags       {', '.join(spec.tags)}"
    if spec.licence:
        yield f"licence    {spec.licence}"
    if spec.authors:
        yield f"authors    {', '.join(spec.authors)}"
