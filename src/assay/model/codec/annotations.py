"""Nodes under ``layout:``, ``notes:`` and ``groups:``, and these three as text."""

from __future__ import annotations

from assay.ids import StepName
from assay.model.annotations import Colour, Group, Note
from assay.model.artifacts import Json
from assay.model.codec.nodes import ListNode, MapNode, Node
from assay.model.codec.reading import Reading

_NOTE_KEYS = ("text", "at", "size")
_GROUP_KEYS = ("title", "steps", "colour", "collapsed")
_FAR = 1e9
_LARGEST = 1000.0
_LONGEST_NOTE = 100_000


def read_layout(reading: Reading, node: Node | None) -> dict[str, tuple[float, float]]:
    """Return the places of steps."""
    layout: dict[str, tuple[float, float]] = {}
    for name, _, value in reading.map(node, "a map of steps: 'name: [x, y]'") or ():
        with reading.at(name):
            place = _read_pair(reading, value, -_FAR, _FAR, "[x, y]")
            if place is not None:
                layout[name] = place
    return layout


def read_notes(reading: Reading, node: Node | None) -> dict[str, Note]:
    """Return the notes of a map, each under a name of its own; one without a place stands at the origin."""
    notes: dict[str, Note] = {}
    for name, key, value in reading.map(node, "a map of notes: 'name: {text: …, at: [x, y]}'") or ():
        with reading.at(name):
            reading.name(key, "note")
            body = value if isinstance(value, MapNode) else None
            if body is None:
                reading.wrong(value, "a map with 'text:' and 'at:'")
                continue
            reading.leftovers(body, _NOTE_KEYS, "a note")
            at, size = body.get("at"), body.get("size")
            with reading.at("text"):
                text = reading.words(body.get("text")) or ""
                if len(text) > _LONGEST_NOTE:
                    reading.problems.add("out-of-range", "a note has at most 100,000 characters", at=body.start)
            with reading.at("at"):
                place = _read_pair(reading, at, -_FAR, _FAR, "[x, y]") if at is not None else None
            with reading.at("size"):
                extent = _read_pair(reading, size, 0.1, _LARGEST, "[width, height]") if size is not None else None
            notes[name] = Note(text, place or (0.0, 0.0), extent)
    return notes


def read_groups(reading: Reading, node: Node | None) -> dict[str, Group]:
    """Return the groups of a map: ``name: {steps: [a, b], title: …}``, or short, ``name: [a, b]``."""
    groups: dict[str, Group] = {}
    for name, key, value in reading.map(node, "a map of groups: 'name: {steps: [a, b]}'") or ():
        with reading.at(name):
            reading.name(key, "group")
            groups[name] = (
                _read_group(reading, value)
                if isinstance(value, MapNode)
                else Group(_read_members(reading, value, "a map with 'steps:', or a list of steps"))
            )
    return groups


def _read_group(reading: Reading, node: MapNode) -> Group:
    reading.leftovers(node, _GROUP_KEYS, "a group")
    members: tuple[StepName, ...] = ()
    if node.get("steps") is None:
        reading.missing(node, "steps", "the group does not say which steps are in it", "add 'steps: [a, b]'")
    with reading.at("steps"):
        members = _read_members(reading, node.get("steps"), "a list of steps")
    with reading.at("title"):
        title = reading.words(node.get("title")) or ""
    with reading.at("colour"):
        colour = reading.choice(node.get("colour"), [str(one) for one in Colour], "a colour")
    with reading.at("collapsed"):
        collapsed = reading.boolean(node.get("collapsed")) or False
    return Group(members, title, Colour(colour) if colour in set(Colour) else Colour.GREY, collapsed)


def _read_members(reading: Reading, node: Node | None, wish: str) -> tuple[StepName, ...]:
    if node is None:
        return ()
    if not isinstance(node, ListNode):
        reading.wrong(node, wish)
        return ()
    names = []
    for place, item in enumerate(node.items):
        with reading.at(place):
            name = reading.string(item, "the name of a step")
            if name is not None:
                names.append(StepName(name))
    return tuple(dict.fromkeys(names))


def _read_pair(reading: Reading, node: Node, low: float, high: float, wish: str) -> tuple[float, float] | None:
    if not isinstance(node, ListNode) or len(node.items) != 2:
        reading.wrong(node, wish)
        return None
    x, y = (reading.number(item, low, high) for item in node.items)
    return None if x is None or y is None else (x, y)


def note_json(note: Note) -> Json:
    """Return a note as it stands under its name."""
    body: dict[str, Json] = {"text": note.text, "at": list(note.at)}
    return body if note.size is None else body | {"size": list(note.size)}


def group_json(group: Group) -> Json:
    """Return a group as it stands under its name, defaults left out."""
    body: dict[str, Json] = {"steps": list[Json](group.steps)}
    if group.title:
        body["title"] = group.title
    if group.colour is not Colour.GREY:
        body["colour"] = str(group.colour)
    if group.collapsed:
        body["collapsed"] = True
    return body
