"""Rules about what a component says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from assay.check.components.edits import with_keyword
from assay.check.components.subject import Finding, Subject
from assay.model.component import ParamSpec, PortSpec

_UNVERSIONED = "0"
_HELPED = {
    "function": "explain it in the docstring",
    "notebook": "write a comment above it",
    "script": "write a comment above it, or help=",
    "container": "add 'help:' (KFP: 'description:', CWL: 'doc:')",
}
_FIRST_VERSION = 'version="0.1.0"'


def no_title(subject: Subject) -> Iterator[Finding]:
    """A component has a title: one sentence, shown wherever it is listed."""
    if not subject.spec.title and not subject.undocumented:
        name = subject.spec.name
        yield Finding(f"component {name!r} has no title", name, "write one sentence as the first line of its docstring")


def no_help(subject: Subject) -> Iterator[Finding]:
    """Every parameter and port is explained: it is the help of the editor, the command line and the reference page."""
    if subject.undocumented:
        return
    spec = subject.spec
    for kind, section, entries in (
        ("input", "Args", spec.inputs),
        ("parameter", "Args", spec.params),
        ("output", "Returns", spec.outputs),
    ):
        listed: list[PortSpec | ParamSpec] = list(entries.values())
        for entry in listed:
            if not entry.help:
                hint = (
                    f"write '{entry.name}: …' under {section}" if subject.python else _HELPED[spec.implementation.kind]
                )
                yield Finding(f"{kind} {entry.name!r} is not explained", entry.name, hint, subject.argument(entry.name))


def no_version(subject: Subject) -> Iterator[Finding]:
    """A component that others find by name has a version, so that a pipeline can ask for the one it was written for."""
    if subject.shared and subject.spec.version == _UNVERSIONED:
        fix = with_keyword(subject, _FIRST_VERSION)
        hint = f"write @component(…, {_FIRST_VERSION})"
        yield Finding(f"component {subject.spec.name!r} has no version", subject.spec.name, hint, fix=fix)


def no_licence(subject: Subject) -> Iterator[Finding]:
    """A component that others find by name says under which licence they may use it."""
    if subject.shared and not subject.spec.licence:
        hint = "write @component(…, licence=…) with an SPDX name such as 'Apache-2.0'"
        yield Finding(f"component {subject.spec.name!r} has no licence", subject.spec.name, hint)
