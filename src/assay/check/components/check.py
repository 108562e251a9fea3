"""Every fault of a component source: what authoring cannot read, and what the rules find."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assay.authoring import Reading, declared_components, is_script, read_file, read_whole_file
from assay.authoring.source import load_source
from assay.check.components.rules import RULES
from assay.check.components.subject import Subject, python_source
from assay.errors import AssayError, Fault, Severity
from assay.model.component import ComponentSpec


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """A component source with its components that can be read, and all its faults in the order of their places."""

    file: Path
    specs: tuple[ComponentSpec, ...]
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings do not count."""
        return not any(fault.severity is Severity.ERROR for fault in self.faults)


def check_source(file: Path, *, module: str = "") -> SourceCheck:
    """Return what is wrong with the components of ``file``; never raises for what is in it.

    Args:
        file: The source.
        module: Its importable name, such as ``assay.library.input.ct_phantom``; empty for a user's file.
    """
    reading = _reading(file, module)
    faults = list(reading.faults)
    said = {(fault.code, fault.culprit, fault.location.line if fault.location else 0) for fault in faults}
    helped = {(fault.code, fault.culprit) for fault in faults if fault.code == "no-help"}
    for spec in reading.specs:
        for fault in _judge(_subject(spec, module)):
            place = fault.location.line if fault.location else 0
            if (fault.code, fault.culprit) not in helped and (fault.code, fault.culprit, place) not in said:
                said.add((fault.code, fault.culprit, place))
                faults.append(fault)
    if not reading.specs and not faults:
        hint = "write @component above a function, or read a parameter from the environment or an option"
        faults.append(Fault("no-component", f"{file} has no component", str(file), hint=hint))
    return SourceCheck(file, reading.specs, tuple(sorted(faults, key=_place)))


def _reading(file: Path, module: str) -> Reading:
    """Read a file of functions, or else a notebook, script or description."""
    if file.suffix == ".py" and (module or not is_script(file) or _has_functions(file)):
        return read_file(file, module=module)
    return read_whole_file(file, f"./{file.name}")


def _has_functions(file: Path) -> bool:
    try:
        return bool(declared_components(file))
    except AssayError:
        return True  # broken Python: reading it says why


def _subject(spec: ComponentSpec, module: str) -> Subject:
    file = Path(spec.implementation.file)
    if spec.implementation.kind != "function":
        return Subject(spec)
    try:
        return Subject(spec, python_source(spec, load_source(file, module)))
    except AssayError:  # changed between the two readings: judged by its specification alone
        return Subject(spec)


def _judge(subject: Subject) -> list[Fault]:
    return [
        Fault(
            rule.code,
            finding.message,
            finding.culprit,
            subject.place(finding.node),
            finding.hint,
            rule.severity,
            finding.fix,
        )
        for rule in RULES.values()
        for finding in rule.apply(subject)
    ]


def _place(fault: Fault) -> tuple[int, int]:
    return (fault.location.line, fault.location.column) if fault.location else (0, 0)
