"""Rules on the ports that a pipeline declares, and on steps that use another pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from assay.check.checked import Finding
from assay.check.subject import Place, Subject
from assay.model.component import PipelineImplementation
from assay.model.pipeline import INPUTS, PortRef, ResourceRequest, Retry, Step


def unknown_pipeline_input(subject: Subject) -> Iterator[Finding]:
    """``inputs.name`` names an input that the pipeline does not declare under ``inputs:``."""
    known = tuple(subject.pipeline.inputs)
    for read in subject.reads:
        name = read.ref.port
        if read.ref.step != INPUTS or name in known or subject.is_broken(("inputs", name)):
            continue
        hint = f"add it under 'inputs:': '{name}: Images'"
        yield Finding(read.path, f"the pipeline declares no input {name!r}", name, known, hint, before="inputs.")


def optional_pipeline_input(subject: Subject) -> Iterator[Finding]:
    """A port that must be wired takes nothing but optional inputs of the pipeline, which may bring nothing."""
    for read in subject.reads:
        port = subject.pipeline.inputs.get(read.ref.port)
        spec = subject.specs.get(read.step.name)
        if read.ref.step != INPUTS or read.place is not Place.INPUT or port is None or spec is None:
            continue
        for name, sources in read.step.inputs.items():
            taking = spec.inputs.get(name)
            if read.ref not in sources or taking is None or taking.optional or not port.optional:
                continue
            if all(_may_be_missing(subject, source) for source in sources):
                message = f"input {name!r} of step {read.step.name!r} must be wired, and {read.ref} is optional"
                yield Finding(read.path, message, str(read.ref), hint="take 'optional' away, or wire something else")


def _may_be_missing(subject: Subject, source: object) -> bool:
    if not isinstance(source, PortRef) or source.step != INPUTS:
        return False
    port = subject.pipeline.inputs.get(source.port)
    return port is not None and port.optional


def unknown_output(subject: Subject) -> Iterator[Finding]:
    """An output of the pipeline comes from a step or port that is not there, or that others cannot wait for."""
    pipeline = subject.pipeline
    for name, output in pipeline.outputs.items():
        whole = ("outputs", name, "from")
        path = whole if subject.document.node(whole) is not None else ("outputs", name)
        step, port = output.source.step, output.source.port
        spec = subject.specs.get(step)
        if step == INPUTS:
            yield Finding(path, "an output comes from a step, not from an input", str(output.source))
        elif step in pipeline.final and step not in pipeline.steps:
            message = f"step {step!r} runs at the end of the whole run: nothing can take its outputs"
            yield Finding(path, message, step, hint="move it under 'steps'")
        elif step not in pipeline.steps and not subject.is_broken(("steps", step)):
            yield Finding(path, f"there is no step {step!r}", step, tuple(pipeline.steps))
        elif spec is not None and port not in spec.outputs:
            message = f"step {step!r} ({spec.name}) has no output {port!r}"
            yield Finding(path, message, port, tuple(spec.outputs), before=f"{step}.")


def nested_setting(subject: Subject) -> Iterator[Finding]:
    """A step that uses a pipeline says how one process runs: its own steps say that, in the file of the pipeline."""
    for step, path, spec in subject.steps():
        if spec is None or not isinstance(spec.implementation, PipelineImplementation):
            continue
        for key in _settings(step):
            hint = "map over the list inside that pipeline" if key == "foreach" else f"write it in {step.use}"
            yield Finding(
                (*path, key), f"{key!r} has no meaning for a step that is a pipeline", key, hint=hint, key=True
            )


def _settings(step: Step) -> Iterator[str]:
    given = {
        "foreach": step.foreach is not None,
        "retry": step.retry != Retry(),
        "timeout": step.timeout is not None,
        "resources": step.resources != ResourceRequest(),
        "isolation": step.isolation is not None,
        "secrets": bool(step.secrets),
        "image": bool(step.image),
    }
    yield from (key for key, said in given.items() if said)
