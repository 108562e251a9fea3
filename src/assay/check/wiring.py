"""Rules on wires: what they join must exist, fit, and not run in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay.check.checked import Finding
from assay.check.subject import Subject, output_type, source_path
from assay.ids import StepName
from assay.model.artifacts import misfit
from assay.model.codec.problems import Path
from assay.model.graph import Cycle, Graph
from assay.model.pipeline import INPUTS, PortRef

_MOST_CYCLES = 20


def cycle(subject: Subject) -> Iterator[Finding]:
    """Steps wait for each other in a circle, so that none can begin. The circle is drawn as arrows."""
    needs = {
        step.name: [ref.step for ref in step.references()] + list(step.after) for step in subject.pipeline.all_steps()
    }
    paths = {step.name: path for step, path, _ in subject.steps()}
    for _ in range(_MOST_CYCLES):
        try:
            Graph(needs).order()
        except Cycle as found:
            nodes = _from_first_line(subject, found.nodes, paths)
            message = f"the steps run in a circle: {_draw(nodes)}"
            yield Finding(paths[nodes[0]], message, nodes[0], hint="cut one of these wires", key=True)
            for node in nodes:
                del needs[node]
        else:
            return


def _from_first_line(
    subject: Subject, nodes: tuple[StepName, ...], paths: Mapping[StepName, Path]
) -> tuple[StepName, ...]:
    lines = [subject.document.locate(paths[node]).line for node in nodes]
    start = lines.index(min(lines))
    return (*nodes[start:], *nodes[:start])


def _draw(nodes: tuple[StepName, ...]) -> str:
    shown = nodes if len(nodes) <= 12 else (*nodes[:6], "…", *nodes[-5:])
    return " → ".join((*shown, nodes[0]))


def unknown_step(subject: Subject) -> Iterator[Finding]:
    """An input, parameter, condition, ``foreach:`` or ``after:`` names a step that the pipeline does not have."""
    names = (*subject.pipeline.steps, *subject.pipeline.final)
    known = set(names)
    for name, path in _named_steps(subject):
        if name not in known and name != INPUTS and not _is_broken_step(subject, name):
            yield Finding(path, f"there is no step {name!r}", name, names)


def _named_steps(subject: Subject) -> Iterator[tuple[StepName, Path]]:
    for read in subject.reads:
        yield read.ref.step, read.path
    for step, path, _ in subject.steps():
        for number, name in enumerate(step.after):
            whole = (*path, "after", number)
            yield name, whole if subject.document.node(whole) is not None else (*path, "after")


def _is_broken_step(subject: Subject, name: str) -> bool:
    broken = subject.document.broken
    return ("steps", name) in broken or ("finally", name) in broken or ("steps",) in broken or ("finally",) in broken


def final_source(subject: Subject) -> Iterator[Finding]:
    """A step waits for a step under ``finally:``, which only runs after all others."""
    final, normal = subject.pipeline.final, subject.pipeline.steps
    for name, path in _named_steps(subject):
        if path[0] == "steps" and name in final and name not in normal:
            yield Finding(
                path,
                f"step {name!r} runs at the end of the run; {path[1]!r} cannot wait for it",
                name,
                hint="move one of them between 'steps' and 'finally'",
            )


def unknown_port(subject: Subject) -> Iterator[Finding]:
    """A reference names an output port that the step's component does not have."""
    for read in subject.reads:
        spec = subject.specs.get(read.ref.step)
        if spec is not None and read.ref.port not in spec.outputs:
            ports = tuple(spec.outputs)
            hint = f"it has {', '.join(ports)}" if ports else "it has no outputs"
            yield Finding(
                read.path,
                f"step {read.ref.step!r} ({spec.name}) has no output {read.ref.port!r}",
                read.ref.port,
                ports,
                hint,
                before=f"{read.ref.step}.",
            )


def unknown_input(subject: Subject) -> Iterator[Finding]:
    """``in:`` names an input port that the component does not have."""
    for step, path, spec in subject.steps():
        for port in step.inputs if spec is not None else ():
            if spec is None or port in spec.inputs:
                continue
            is_param = str(port) in spec.params
            hint = "it is a parameter: move it under 'with:'" if is_param else _offer(tuple(spec.inputs), "inputs")
            known = () if is_param else tuple(spec.inputs)
            yield Finding((*path, "in", port), f"{spec.name} has no input {port!r}", port, known, hint, key=True)


def _offer(names: tuple[str, ...], what: str) -> str:
    return f"it has {', '.join(names)}" if names else f"it has no {what}"


def missing_input(subject: Subject) -> Iterator[Finding]:
    """An input port that the component must have is not wired."""
    for step, path, spec in subject.steps():
        for port in spec.inputs.values() if spec is not None else ():
            if port.optional or step.inputs.get(port.name) or subject.is_broken((*path, "in", port.name)):
                continue
            yield Finding(
                path,
                f"input {port.name!r} of step {step.name!r} is not wired; it takes {port.type}",
                port.name,
                hint=f"add 'in: {{{port.name}: step.port}}'",
                key=True,
            )


def several_sources(subject: Subject) -> Iterator[Finding]:
    """Several sources are wired to an input port that takes one artifact."""
    for step, path, spec in subject.steps():
        for name, sources in step.inputs.items() if spec is not None else ():
            port = spec.inputs.get(name) if spec is not None else None
            if port is not None and len(sources) > 1 and not port.type.many:
                yield Finding(
                    (*path, "in", name), f"input {name!r} takes one {port.type}, not {len(sources)}", name, key=True
                )


def type_misfit(subject: Subject) -> Iterator[Finding]:
    """What an output port carries does not fit the input port it is wired to.

    A type fits itself and every more general one (Predictions → Dataset → File); one artifact fits a list; the outputs of a step
    under ``foreach:`` are lists.
    """
    for step, path, spec in subject.steps():
        for name, sources in step.inputs.items() if spec is not None else ():
            port = spec.inputs.get(name) if spec is not None else None
            for number, source in enumerate(sources) if port is not None else ():
                given = output_type(subject, source) if isinstance(source, PortRef) else None
                reason = misfit(given, port.type) if given is not None and port is not None else None
                if reason is not None:
                    message = f"{source} does not fit input {name!r} of {step.name!r}: {reason}"
                    yield Finding(source_path(path, name, number, len(sources)), message, str(source))
