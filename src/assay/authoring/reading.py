"""What reading a file gives: components and faults."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath

from assay.authoring.interface import Interface
from assay.errors import Fault, Location, Severity
from assay.ids import ComponentName
from assay.model.component import ComponentSpec, NotebookImplementation, ScriptImplementation


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: the components without errors, and every fault, warnings too."""

    specs: tuple[ComponentSpec, ...]
    faults: tuple[Fault, ...]


def finish(spec: ComponentSpec, faults: list[Fault], place: Location, way: str) -> Reading:
    """Return the reading of a notebook or script: without a title it is called as its file, and a warning says so.

    Args:
        way: How this kind of file is described, such as ``a docstring``.
    """
    if not spec.title and isinstance(spec.implementation, (NotebookImplementation, ScriptImplementation)):
        file = PurePath(spec.implementation.file)
        message, hint = f"{file.name} says nowhere what it does", f"write {way}: its first line becomes the title"
        faults = [*faults, Fault("no-description", message, file.name, place, hint, Severity.WARNING)]
        spec = replace(spec, title=file.stem.replace("_", " ").replace("-", " ").capitalize())
    broken = any(fault.severity is Severity.ERROR for fault in faults)
    return Reading(() if broken else (spec,), tuple(faults))


def script_spec(
    name: str, code: ScriptImplementation, said: tuple[str, str], interface: Interface, requirements: list[str]
) -> ComponentSpec:
    """Return a script as a component; ``said`` is its title and description."""
    return ComponentSpec(
        name=ComponentName(name),
        implementation=code,
        title=said[0],
        description=said[1],
        params=interface.params,
        inputs=interface.inputs,
        outputs=interface.outputs,
        requirements=tuple(dict.fromkeys(requirements)),
    )
