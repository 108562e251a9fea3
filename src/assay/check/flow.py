"""Rules on ``foreach:`` and ``$item``."""

from __future__ import annotations

from collections.abc import Iterator

from assay.check.checked import Finding
from assay.check.subject import Place, Subject, output_type, references, source_path
from assay.model.artifacts import FACTS, ArtifactType
from assay.model.component import ParamType
from assay.model.pipeline import FileItems, ItemRef, ListItems, ParamRef

_FILE_KEYS = ("name", "stem", "suffix")
RUN_FACTS = ("outcome", "id")


def item_outside_foreach(subject: Subject) -> Iterator[Finding]:
    """``$item`` is read where nothing is mapped over, or as something the element does not have.

    The element of ``files:`` has ``$item.name``, ``$item.stem`` and ``$item.suffix``; the file itself goes under ``in:``.
    """
    for step, path, _ in subject.steps():
        if subject.is_broken((*path, "foreach")):
            continue
        for port, sources in step.inputs.items():
            for number, source in enumerate(sources):
                if isinstance(source, ItemRef) and step.foreach is None:
                    yield _outside(source_path(path, port, number, len(sources)), step.name)
        for ref, where, place in references(subject, step, path):
            if not isinstance(ref, ItemRef):
                continue
            if step.foreach is None or place in (Place.ITEMS, Place.FILES):
                yield _outside(where, step.name)
            elif isinstance(step.foreach.over, FileItems) and ref.key not in _FILE_KEYS:
                yield Finding(
                    where,
                    f"the element of 'files:' has no value {ref.key!r}"
                    if ref.key
                    else "the element of 'files:' is a file, not a value",
                    ref.key or "item",
                    _FILE_KEYS if ref.key else (),
                    "wire it under 'in:', or take $item.name, $item.stem or $item.suffix",
                    before="item." if ref.key else "",
                )


def _outside(path: tuple[str | int, ...], step: str) -> Finding:
    return Finding(
        path, f"'item' has no meaning here: step {step!r} is not mapped over anything", "item", hint="add 'foreach:'"
    )


def run_fact(subject: Subject) -> Iterator[Finding]:
    """``run.…`` is read outside a final step's ``if:``, or is not one of ``run.outcome`` and ``run.id``.

    Only a step under ``finally:`` knows how the run went: ``run.outcome`` is ``succeeded``, ``failed`` or ``cancelled``.
    """
    for step, path, _ in subject.steps():
        for head, tail in sorted(step.condition.references) if step.condition is not None else ():
            if head != "run":
                continue
            if path[0] != "finally":
                yield Finding((*path, "if"), f"'run.{tail}' is known only to steps under 'finally:'", f"run.{tail}")
            elif tail not in RUN_FACTS:
                yield Finding((*path, "if"), f"there is no 'run.{tail}'", tail, RUN_FACTS, before="run.")


def foreach_list(subject: Subject) -> Iterator[Finding]:
    """``foreach:`` goes over a parameter that is not a list."""
    for step, path, _ in subject.steps():
        over = step.foreach.over if step.foreach is not None else None
        if not isinstance(over, ListItems) or not isinstance(over.items, ParamRef):
            continue
        spec = subject.pipeline.params.get(over.items.name)
        if spec is not None and spec.type is not ParamType.LIST and not subject.is_broken(("params", spec.name)):
            yield Finding(
                (*path, "foreach"),
                f"'foreach:' takes a list, {over.items} is {spec.type}",
                str(over.items),
                hint="declare it as 'type: list'",
            )


def foreach_folder(subject: Subject) -> Iterator[Finding]:
    """``foreach: {files: …}`` goes over something that is not a folder."""
    for read in subject.reads:
        given = output_type(subject, read.ref) if read.place is Place.FILES else None
        if given is None:
            continue
        if given.many or not FACTS[given.artifact].folder:
            yield Finding(read.path, f"'files:' takes a folder, {read.ref} carries {given}", str(read.ref))
    for step, path, _ in subject.steps():
        over = step.foreach.over if step.foreach is not None else None
        if isinstance(over, FileItems) and isinstance(over.folder, ParamRef):
            spec = subject.pipeline.params.get(over.folder.name)
            if spec is not None and spec.type not in (ParamType.PATH, ParamType.STR):
                yield Finding(
                    (*path, "foreach", "files"),
                    f"'files:' takes a folder, {over.folder} is {spec.type}",
                    str(over.folder),
                    hint="declare it as 'type: path'",
                )


def item_in_input(subject: Subject) -> Iterator[Finding]:
    """``in: {port: $item}`` needs a file: an element of ``files:``, wired to a port that takes a file."""
    for step, path, spec in subject.steps():
        for name, sources in step.inputs.items() if step.foreach is not None else ():
            for number, source in enumerate(sources):
                if not isinstance(source, ItemRef) or step.foreach is None:
                    continue
                where = source_path(path, name, number, len(sources))
                if isinstance(step.foreach.over, ListItems):
                    yield Finding(
                        where, "the elements of a list are values, not files", "item", hint="take it under 'with:'"
                    )
                    continue
                port = spec.inputs.get(name) if spec is not None else None
                if port is not None and (FACTS[port.type.artifact].folder or port.type.artifact is ArtifactType.VALUE):
                    yield Finding(where, f"'$item' is a file, input {name!r} takes {port.type}", "item")
