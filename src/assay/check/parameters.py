"""Rules on parameters: known, given, of the right type and range, and no secret written down."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.check.checked import Finding
from assay.check.subject import Place, Subject, output, references
from assay.errors import AssayError
from assay.model.artifacts import ArtifactType
from assay.model.component import MISSING, ParamSpec, ParamType
from assay.model.params import conform
from assay.model.pipeline import ListTemplate, Literal, MapTemplate, ParamRef, Template

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_WIDENS = {
    (ParamType.INT, ParamType.FLOAT),
    (ParamType.STR, ParamType.PATH),
    (ParamType.PATH, ParamType.STR),
}


def unknown_parameter(subject: Subject) -> Iterator[Finding]:
    """``with:`` names a parameter that the component does not have."""
    for step, path, spec in subject.steps():
        for name in step.params if spec is not None else ():
            if spec is None or name in spec.params:
                continue
            is_port = str(name) in spec.inputs
            listed = f"it has {', '.join(spec.params)}" if spec.params else "it has none"
            yield Finding(
                (*path, "with", name),
                f"{spec.name} has no parameter {name!r}",
                name,
                () if is_port else tuple(spec.params),
                "it is an input: move it under 'in:'" if is_port else listed,
                key=True,
            )


def missing_parameter(subject: Subject) -> Iterator[Finding]:
    """A parameter without default is not given."""
    for step, path, spec in subject.steps():
        for param in spec.params.values() if spec is not None else ():
            given = param.name in step.params or (param.secret and param.name in step.secrets)
            if given or not param.required or subject.is_broken((*path, "with", param.name)):
                continue
            if param.secret:
                if subject.is_broken((*path, "secrets")):
                    continue
                hint = f"add 'secrets: {{{param.name}: NAME_OF_THE_SECRET}}'"
            else:
                hint = f"add 'with: {{{param.name}: …}}'"
            yield Finding(
                path, f"parameter {param.name!r} of step {step.name!r} is not given", param.name, hint=hint, key=True
            )


def parameter_value(subject: Subject) -> Iterator[Finding]:
    """The value of a parameter has the wrong type, is out of range, or is not one of the choices."""
    for step, path, spec in subject.steps():
        for name, template in step.params.items() if spec is not None else ():
            param = spec.params.get(name) if spec is not None else None
            where = (*path, "with", name)
            if param is not None and not param.secret and not subject.is_broken(where):
                yield from _misfits(subject, param, template, where)


def _misfits(subject: Subject, param: ParamSpec, template: Template, where: tuple[str | int, ...]) -> Iterator[Finding]:
    match template:
        case Literal(value):
            try:
                conform(param, value)
            except AssayError as error:
                choices = tuple(str(choice) for choice in param.choices if isinstance(choice, str))
                yield Finding(where, error.message, error.culprit, choices, error.hint)
        case ListTemplate() if param.type is not ParamType.LIST:
            yield Finding(where, f"parameter {param.name!r} takes {param.type}, not a list", param.name)
        case MapTemplate() if param.type is not ParamType.MAP:
            yield Finding(where, f"parameter {param.name!r} takes {param.type}, not a map", param.name)
        case ParamRef(name):
            given = subject.pipeline.params.get(name)
            if given is not None and not subject.is_broken(("params", name)):
                yield from _reference_misfits(param, given, where)
        case _:
            pass


def _reference_misfits(param: ParamSpec, given: ParamSpec, where: tuple[str | int, ...]) -> Iterator[Finding]:
    if given.type is not param.type and (given.type, param.type) not in _WIDENS:
        yield Finding(
            where,
            f"parameter {param.name!r} takes {param.type}, $params.{given.name} is {given.type}",
            f"$params.{given.name}",
        )
    elif given.default is not MISSING:
        try:
            conform(param, given.default)
        except AssayError as error:
            message = f"the default of $params.{given.name} does not suit: {error.message}"
            yield Finding(where, message, f"$params.{given.name}", hint=error.hint)


def unknown_pipeline_parameter(subject: Subject) -> Iterator[Finding]:
    """``$params.name`` names a parameter that the pipeline does not declare under ``params:``."""
    known = tuple(subject.pipeline.params)
    for step, path, _ in subject.steps():
        for ref, where, _ in references(subject, step, path):
            if (
                isinstance(ref, ParamRef)
                and ref.name not in subject.pipeline.params
                and not subject.is_broken(("params", ref.name))
            ):
                yield Finding(
                    where,
                    f"the pipeline declares no parameter {ref.name!r}",
                    ref.name,
                    known,
                    f"add it under 'params:': '{ref.name}: {{type: …}}'",
                    before="params.",
                )


def not_a_value(subject: Subject) -> Iterator[Finding]:
    """A parameter, condition or ``foreach:`` reads a port that carries an artifact. Only Value ports carry values."""
    for read in subject.reads:
        if read.place in (Place.INPUT, Place.FILES):
            continue
        port = output(subject, read.ref)
        if port is not None and port.type.artifact is not ArtifactType.VALUE:
            hint = (
                "map over its files with 'foreach: {files: step.port}'"
                if read.place is Place.ITEMS
                else "wire it under 'in:'"
            )
            yield Finding(read.path, f"{read.ref} carries {port.type}, not a Value", str(read.ref), hint=hint)


def secret_in_file(subject: Subject) -> Iterator[Finding]:
    """A secret parameter is given under ``with:``. Its value is never written down: ``secrets:`` names where it is kept."""
    for step, path, spec in subject.steps():
        for name in step.params if spec is not None else ():
            param = spec.params.get(name) if spec is not None else None
            if param is not None and param.secret:
                yield Finding(
                    (*path, "with", name),
                    f"parameter {name!r} is a secret and cannot stand under 'with:'",
                    name,
                    hint=f"write 'secrets: {{{name}: NAME_OF_THE_SECRET}}'; if a real value stood here, replace it where it came from",
                    key=True,
                )


def unknown_secret(subject: Subject) -> Iterator[Finding]:
    """``secrets:`` binds neither a secret parameter of the component nor an environment variable (in capital letters)."""
    for step, path, spec in subject.steps():
        for name in step.secrets if spec is not None else ():
            if spec is None or _VARIABLE.fullmatch(name):
                continue
            secret = tuple(param.name for param in spec.params.values() if param.secret)
            if name not in secret:
                yield Finding(
                    (*path, "secrets", name),
                    f"{name!r} is neither a secret parameter of {spec.name} nor an environment variable",
                    name,
                    secret,
                    "environment variables are in capital letters",
                    key=True,
                )
