"""Two outlines held against each other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from assay.model.artifacts import Json
from assay.views.difference.changes import (
    ABSENT,
    AnnotationDifference,
    Change,
    Difference,
    Side,
    StepDifference,
    WireDifference,
)
from assay.views.difference.renames import renamed
from assay.views.drawing.sketch import Mark
from assay.views.drawing.words import cut
from assay.views.outline import GroupOutline, Outline, StepOutline, Wire, WireKind, condition_places

_TITLE = 60
"""Columns that a note or a group is called by."""
_REFERENCE = re.compile(r"(?<!\$)\$([A-Za-z_][\w-]*)(?=\.)")


def compare(before: Outline, after: Outline, a: str = "before", b: str = "after") -> Difference:
    """Return what is different; the places of steps and their order in the file are not.

    Args:
        a: What the first is called.
        b: What the second is called.
    """
    was = renamed(before, after)
    now = {old: new for new, old in was.items()}
    head = _changes(
        {"name": before.name, "description": before.description, "params": dict(before.params), **before.rest},
        {"name": after.name, "description": after.description, "params": dict(after.params), **after.rest},
    )
    steps = [*_present(before, after, was), *_gone(before, after, now)]
    wires = tuple(_wires(before, after, now))
    annotations = (*_notes(before, after), *_groups(before, after, now))
    return Difference(a, b, tuple(head), tuple(steps), wires, before, after, annotations)


def _present(before: Outline, after: Outline, was: Mapping[str, str]) -> Iterator[StepDifference]:
    now = {old: new for new, old in was.items()}
    for name, step in after.steps.items():
        old = before.steps.get(was.get(name, name))
        if old is None:
            yield StepDifference(name, step.use, Mark.ADDED)
            continue
        changes = tuple(_changes(_entries(before, old, now), _entries(after, step, {})))
        if name in was or changes:
            mark = Mark.RENAMED if name in was else Mark.CHANGED
            yield StepDifference(name, step.use, mark, was.get(name, ""), changes)


def _gone(before: Outline, after: Outline, now: Mapping[str, str]) -> Iterator[StepDifference]:
    for name, step in before.steps.items():
        if name not in after.steps and name not in now:
            yield StepDifference(name, step.use, Mark.REMOVED)


def _wires(before: Outline, after: Outline, now: Mapping[str, str]) -> Iterator[WireDifference]:
    def moved(wire: Wire) -> Wire:
        return replace(wire, source=now.get(wire.source, wire.source), target=now.get(wire.target, wire.target))

    old = dict.fromkeys(moved(wire) for wire in before.wires())
    new = dict.fromkeys(after.wires())
    yield from (WireDifference(wire, Mark.ADDED) for wire in new if wire not in old)
    yield from (WireDifference(wire, Mark.REMOVED) for wire in old if wire not in new)


def _notes(before: Outline, after: Outline) -> Iterator[AnnotationDifference]:
    for name, one in {**after.notes, **before.notes}.items():
        old, new = before.notes.get(name), after.notes.get(name)
        title = cut(" ".join((new or one).note.text.split()), _TITLE)
        changes = tuple(_changes(old.entries, new.entries)) if old and new else ()
        if changes or not (old and new):
            yield AnnotationDifference("note", name, title, _came_or_went(old, new), changes)


def _groups(before: Outline, after: Outline, now: Mapping[str, str]) -> Iterator[AnnotationDifference]:
    for name, one in {**after.groups, **before.groups}.items():
        old, new = before.groups.get(name), after.groups.get(name)
        title = cut((new or one).title, _TITLE)
        changes = tuple(_changes(_members_sorted(old, now), _members_sorted(new, {}))) if old and new else ()
        if changes or not (old and new):
            yield AnnotationDifference("group", name, title, _came_or_went(old, new), changes)


def _came_or_went(old: object, new: object) -> Mark:
    return Mark.ADDED if old is None else Mark.REMOVED if new is None else Mark.CHANGED


def _members_sorted(found: GroupOutline, now: Mapping[str, str]) -> dict[str, Json]:
    """Return what a group says, in the names that its steps have now; their order is no difference."""
    steps = found.entries.get("steps")
    if not isinstance(steps, list):
        return dict(found.entries)
    members: list[Json] = [now.get(step, step) if isinstance(step, str) else step for step in steps]
    return {**found.entries, "steps": sorted(members, key=json.dumps)}


def _told_by_wires(wires: list[Wire], into: str, value: Json) -> bool:
    """Whether every source that stands there is a wire; one that leads nowhere is an entry like any other."""
    count = sum(wire.into == into and wire.kind is not WireKind.VALUE for wire in wires)
    return count == (len(value) if isinstance(value, list) else 1)


def _entries(outline: Outline, step: StepOutline, now: Mapping[str, str]) -> dict[str, Json]:
    """Return what a step says besides its wires, in the names that steps have now."""
    wires = [wire for wire in step.wires() if wire.source in outline.steps]
    loose = {port: value for port, value in step.inputs.items() if not _told_by_wires(wires, port, value)}
    others = {
        key: value for key, value in step.others.items() if key != "after" or not _told_by_wires(wires, key, value)
    }
    entries: dict[str, Json] = {"use": step.use, "with": dict(step.values), "in": loose, **others}
    if step.final:
        entries["finally"] = True
    if now:
        condition = entries.get("if")
        for name, _, place in sorted(condition_places(condition), key=lambda found: -found[2]):
            condition = f"{str(condition)[:place]}{now.get(name, name)}{str(condition)[place + len(name) :]}"
        entries = {key: _renamed(value, now) for key, value in entries.items()}
        if condition is not None:
            entries["if"] = condition
        foreach = entries.get("foreach")
        if isinstance(foreach, dict) and isinstance(files := foreach.get("files"), str):
            folder, dot, port = files.partition(".")
            entries["foreach"] = {**foreach, "files": f"{now.get(folder, folder)}{dot}{port}"}
    return entries


def _renamed(value: Json, now: Mapping[str, str]) -> Json:
    """Return a value with ``$old.port`` as ``$new.port``; the reader of files bounds how deep a value goes."""
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: f"${now.get(found[1], found[1])}", value)
    if isinstance(value, list):
        return [_renamed(item, now) for item in value]
    if isinstance(value, dict):
        return {key: _renamed(item, now) for key, item in value.items()}
    return value


def _changes(before: Mapping[str, Json], after: Mapping[str, Json], path: str = "") -> Iterator[Change]:
    """Yield every entry that differs; maps are looked into, lists are compared whole."""
    for key in dict.fromkeys([*before, *after]):
        old: Side = before.get(key, ABSENT)
        new: Side = after.get(key, ABSENT)
        if isinstance(old, dict) or isinstance(new, dict):
            inner_old, inner_new = _inside(old), _inside(new)
            if inner_old is not None and inner_new is not None:
                yield from _changes(inner_old, inner_new, f"{path}{key}.")
                continue
        if not _same(old, new):
            yield Change(path + key, old, new)


def _inside(side: Side) -> Mapping[str, Json] | None:
    """Return a map's entries; nothing is like an empty map, any other value is no map."""
    return side if isinstance(side, dict) else {} if side is ABSENT else None


def _same(old: Side, new: Side) -> bool:
    """Whether both are the same; true is not 1, and 1.0 is not 1."""
    if isinstance(old, list) and isinstance(new, list):
        return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)
    return type(old) is type(new) and old == new
