"""Rules on names: said twice, said of nothing, never used."""

from __future__ import annotations

from collections.abc import Iterator

from assay.check.checked import Finding
from assay.check.subject import Subject, references
from assay.model.codec.problems import Path
from assay.model.pipeline import ParamRef


def step_twice(subject: Subject) -> Iterator[Finding]:
    """A step stands both under ``steps:`` and ``finally:``. Names are shared by both; rename one."""
    for name in subject.pipeline.final:
        if name in subject.pipeline.steps:
            yield Finding(
                ("finally", name), f"step {name!r} stands under 'steps' too", name, hint="rename one of them", key=True
            )


def unknown_layout(subject: Subject) -> Iterator[Finding]:
    """``layout:`` places a step that the pipeline does not have. It is kept and ignored."""
    known = (*subject.pipeline.steps, *subject.pipeline.final)
    names = set(known)
    for name in subject.pipeline.layout:
        if name not in names and not subject.is_broken(("steps", name)):
            yield Finding(
                ("layout", name), f"there is no step {name!r} to place", name, known, hint="delete this line", key=True
            )


def unknown_member(subject: Subject) -> Iterator[Finding]:
    """A group counts a step that the pipeline does not have. It is kept and ignored."""
    known = (*subject.pipeline.steps, *subject.pipeline.final)
    names = set(known)
    for path, name in _members(subject):
        if name not in names and not subject.is_broken(("steps", name)):
            yield Finding(path, f"there is no step {name!r} to group", name, known, hint="take it out of the list")


def member_twice(subject: Subject) -> Iterator[Finding]:
    """A step is in two groups. The first one has it."""
    first: dict[str, str] = {}
    for path, name in _members(subject):
        group = str(path[1])
        if first.setdefault(name, group) != group:
            message = f"step {name!r} is in the group {first[name]!r} already"
            yield Finding(path, message, name, hint="take it out of one of them")


def _members(subject: Subject) -> Iterator[tuple[Path, str]]:
    for group, body in subject.pipeline.groups.items():
        whole: Path = ("groups", group, "steps")
        path = whole if subject.document.node(whole) is not None else ("groups", group)
        for number, name in enumerate(body.steps):
            yield (*path, number), name


def unused_parameter(subject: Subject) -> Iterator[Finding]:
    """A parameter of the pipeline is declared and no step uses it."""
    if not subject.pipeline.params or subject.document.broken:
        return
    used = {
        ref.name
        for step, path, _ in subject.steps()
        for ref, _, _ in references(subject, step, path)
        if isinstance(ref, ParamRef)
    }
    for name in subject.pipeline.params:
        if name not in used:
            yield Finding(
                ("params", name),
                f"no step uses parameter {name!r}",
                name,
                hint=f"write $params.{name} under 'with:'",
                key=True,
            )
