"""Hold a document against the catalog: resolve every component, apply every rule, report all at once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from assay.check.checked import Checked, to_fault
from assay.check.nested import MOST_STEPS, Nest, PipelineCircle, PipelineTooLarge, Read, Trail, size_of, spec_of
from assay.check.rules import RULES
from assay.check.subject import Subject
from assay.errors import AssayError, Fault, Fix, InvalidDocument, MissingDependency, NotFound, Severity
from assay.ids import ParamName, StepName
from assay.model.artifacts import Json
from assay.model.codec.document import Document
from assay.model.codec.problems import Suggestions
from assay.model.component import MISSING, ComponentSpec
from assay.model.params import conform
from assay.model.pipeline import Pipeline

Resolve = Callable[[str, Path], ComponentSpec]

_MOST_FAULTS = 500
_DID_YOU_MEAN = re.compile(r"did you mean '([^']+)'\?")


def check(document: Document, resolve: Resolve, base: Path, read: Read | None = None) -> Checked:
    """Return the document with its components and every fault; never raises for what a person wrote.

    Args:
        resolve: ``Catalog.resolve``: takes ``use`` and ``base``; raises ``NotFound`` or ``InvalidDocument``.
        base: The folder of the file, from which ``./steps.py:clean`` is found.
        read: Reads the pipelines that steps use, such as ``./clean.pipeline.yaml``; ``None``: there are none.
    """
    file = Path(os.path.normpath(base.absolute() / Path(document.file).name))
    return _Checking(resolve, Nest(read)).check(document, base, Trail((file,)))


@dataclass(frozen=True, slots=True)
class _Checking:
    """One check with all pipelines that are used on the way."""

    resolve: Resolve
    nest: Nest

    def check(self, document: Document, base: Path, trail: Trail) -> Checked:
        pipeline = document.pipeline
        if pipeline is None:
            return Checked(document, None, {}, document.faults)
        specs, nested, faults = self._resolve_all(document, pipeline, base, trail)
        subject, suggestions = Subject(document, pipeline, specs), Suggestions()
        for rule in RULES.values():
            for finding in rule.apply(subject):
                faults.append(to_fault(document, suggestions, rule.code, rule.severity, finding))
                if len(faults) >= _MOST_FAULTS:
                    break
        try:
            size = size_of(pipeline, nested.values())
        except AssayError as error:
            size = MOST_STEPS
            faults.append(replace(error.fault(), location=document.locate(("steps",))))
        return Checked(document, pipeline, specs, tuple(sorted([*document.faults, *faults], key=_place)), nested, size)

    def _resolve_all(
        self, document: Document, pipeline: Pipeline, base: Path, trail: Trail
    ) -> tuple[dict[StepName, ComponentSpec], dict[StepName, Checked], list[Fault]]:
        """Each distinct ``use`` is resolved once; a component's own faults are reported once, in its own file."""
        specs: dict[StepName, ComponentSpec] = {}
        nested: dict[StepName, Checked] = {}
        faults: list[Fault] = []
        known: dict[str, tuple[ComponentSpec, Checked | None] | AssayError] = {}
        for top, steps in (("steps", pipeline.steps), ("finally", pipeline.final)):
            for step in steps.values():
                if not step.use:
                    continue
                first = step.use not in known
                if first:
                    known[step.use] = self._resolve(step.use, base, trail)
                found = known[step.use]
                if isinstance(found, AssayError):
                    faults.extend(_component_faults(document, (top, step.name, "use"), step.use, found, first=first))
                    continue
                specs.setdefault(step.name, found[0])
                if found[1] is not None:
                    nested[step.name] = found[1]
        return specs, nested, faults

    def _resolve(self, use: str, base: Path, trail: Trail) -> tuple[ComponentSpec, Checked | None] | AssayError:
        try:
            pipeline = self.nest.find(use, base)
            if pipeline is None:
                return self.resolve(use, base), None
            file, document = pipeline
            inner = self.nest.known.get(file)
            if inner is None:
                inner = self.check(document, file.parent, trail.into(file))
                self.nest.known[file] = inner
            return spec_of(use, file, inner), inner
        except AssayError as error:
            return error


def _place(fault: Fault) -> tuple[int, int]:
    return (fault.location.line, fault.location.column) if fault.location else (0, 0)


def _component_faults(
    document: Document, path: tuple[str, ...], use: str, error: AssayError, *, first: bool
) -> list[Fault]:
    place = document.locate_value(path)
    match error:
        case InvalidDocument():
            own = (
                [replace(fault, fix=None) for fault in error.faults] if first else []
            )  # a repair counts in its own file
            return [*own, Fault("broken-component", f"component {use!r} has faults of its own", use, place)]
        case NotFound():
            fix = _component_fix(document, path, use, error.hint)
            return [Fault("unknown-component", error.message, use, place, error.hint, fix=fix)]
        case MissingDependency() | PipelineCircle() | PipelineTooLarge():
            return [Fault(error.code, error.message, use, place, error.hint)]
        case _:
            return [Fault("broken-component", error.message, error.culprit or use, error.location or place, error.hint)]


def _component_fix(document: Document, path: tuple[str, ...], use: str, hint: str) -> Fix | None:
    """The catalog says its nearest name in the hint; a version that was asked for is a person's to choose."""
    near = _DID_YOU_MEAN.search(hint)
    node = document.node(path)
    if near is None or node is None or "@" in use:
        return None
    first = document.text.find(use, node.start, node.end)
    return Fix(f"write {near[1]!r}", first, first + len(use), near[1]) if first >= 0 else None


def check_params(pipeline: Pipeline, given: Mapping[str, Json]) -> tuple[dict[ParamName, Json], tuple[Fault, ...]]:
    """Return the value of every parameter of the pipeline, and all faults of what was given.

    Defaults fill in what is not given; values are taken as ``conform`` gives them.
    """
    values: dict[ParamName, Json] = {}
    faults: list[Fault] = []
    suggestions = Suggestions()
    for name in given:
        if name not in pipeline.params:
            best, _ = suggestions.best(name, list(pipeline.params))
            declared = ", ".join(pipeline.params) or "none"
            hint = f"did you mean {best!r}?" if best else f"it declares {declared}"
            faults.append(Fault("unknown-parameter", f"the pipeline has no parameter {name!r}", name, None, hint))
    for name, spec in pipeline.params.items():
        if name in given:
            try:
                values[name] = conform(spec, given[name])
            except AssayError as error:
                faults.append(replace(error.fault(), severity=Severity.ERROR))
        elif spec.default is MISSING:
            hint = f"give it with -p {name}=…"
            faults.append(
                Fault("missing-parameter", f"parameter {name!r} is not given and has no default", name, None, hint)
            )
        else:
            values[name] = spec.default
    return values, tuple(faults)
