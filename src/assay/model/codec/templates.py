"""What stands under ``with:``, ``in:`` and ``foreach:``: literals and references."""

from __future__ import annotations

import re

from assay.errors import Fix, bounded
from assay.ids import ParamName, PortName, StepName
from assay.model.artifacts import Json
from assay.model.codec.nodes import ListNode, MapNode, Node, ScalarNode
from assay.model.codec.reading import Reading
from assay.model.pipeline import (
    FileItems,
    Foreach,
    ItemRef,
    ListItems,
    ListTemplate,
    Literal,
    MapTemplate,
    ParamRef,
    PortRef,
    Source,
    Template,
)

_NAME = r"[A-Za-z_][A-Za-z0-9_-]{0,62}"
REFERENCE = re.compile(rf"\$({_NAME})(?:\.({_NAME}))?")
PORT = re.compile(rf"({_NAME})\.({_NAME})")
_MOST_PARALLEL = 10_000


def parse_reference(text: str) -> PortRef | ParamRef | ItemRef | None:
    """Return the reference that ``text`` (beginning with ``$``) writes, or ``None``."""
    match = REFERENCE.fullmatch(text)
    if match is None:
        return None
    head, tail = match[1], match[2]
    if head == "item":
        return ItemRef(tail or "")
    if tail is None:
        return None
    return ParamRef(ParamName(tail)) if head == "params" else PortRef(StepName(head), PortName(tail))


def read_template(reading: Reading, node: Node) -> Template:
    """Return the template of a value; a list or map without references is one literal."""
    match node:
        case ScalarNode():
            return _read_scalar(reading, node)
        case ListNode():
            items = []
            for place, item in enumerate(node.items):
                with reading.at(place):
                    items.append(read_template(reading, item))
            return joined_list(items)
        case MapNode():
            pairs = []
            for name, key, value in node:
                with reading.at(name):
                    pairs.append((reading.key(key), read_template(reading, value)))
            return joined_map(pairs)


def joined_list(items: list[Template]) -> Template:
    """Return a list of templates as one template."""
    values: list[Json] = []
    for item in items:
        if not isinstance(item, Literal):
            return ListTemplate(tuple(items))
        values.append(item.value)
    return Literal(values)


def joined_map(pairs: list[tuple[str, Template]]) -> Template:
    """Return a map of templates as one template."""
    values: dict[str, Json] = {}
    for key, item in pairs:
        if not isinstance(item, Literal):
            return MapTemplate(tuple(pairs))
        values[key] = item.value
    return Literal(values)


def _read_scalar(reading: Reading, node: ScalarNode) -> Template:
    value = reading.scalar(node)
    if not isinstance(value, str) or not value.startswith("$"):
        return Literal(value)
    if value.startswith("$$"):
        return Literal(value[1:])
    reference = parse_reference(value)
    if reference is not None:
        return reference
    reading.problems.add("bad-reference", f"{bounded(value, 60)!r} is not a reference", at=node.start, culprit=value)
    return Literal(None)


def read_sources(reading: Reading, node: Node) -> tuple[Source, ...]:
    """Return the sources of an input port."""
    if isinstance(node, ListNode):
        found = []
        for place, item in enumerate(node.items):
            with reading.at(place):
                found.append(_read_source(reading, item))
        return tuple(source for source in found if source is not None)
    source = _read_source(reading, node)
    return (source,) if source is not None else ()


def _read_source(reading: Reading, node: Node) -> Source | None:
    text = reading.string(node, "'step.port' or '$item'")
    if text is None:
        return None
    if text == "$item":
        return ItemRef()
    match = PORT.fullmatch(text)
    if match is not None:
        return PortRef(StepName(match[1]), PortName(match[2]))
    fix = None
    if text.startswith("$") and PORT.fullmatch(text[1:]) and not text.startswith(("$item", "$params")):
        fix = Fix(f"write {text[1:]!r}", *reading.span(node), text[1:])
    message = f"{bounded(text, 60)!r} is not a source of an input"
    hint = f"write {text[1:]!r}: only values have a '$'" if fix else ""
    reading.problems.add("bad-source", message, at=node.start, culprit=text, hint=hint, fix=fix)
    return None


def read_foreach(reading: Reading, node: Node | None) -> Foreach | None:
    """Return what a step is mapped over."""
    if node is None:
        return None
    if isinstance(node, MapNode):
        return _read_foreach_map(reading, node)
    items = _read_items(reading, node)
    return Foreach(items) if items is not None else None


def _read_items(reading: Reading, node: Node) -> ListItems | None:
    template = read_template(reading, node)
    if isinstance(template, Literal) and not isinstance(template.value, list):
        if tuple(reading.problems.path) not in reading.problems.broken:
            reading.problems.add("bad-foreach", at=node.start, culprit=bounded(str(template.value), 60))
        return None
    return ListItems(template)


def _read_foreach_map(reading: Reading, node: MapNode) -> Foreach | None:
    reading.leftovers(node, ("items", "files", "pattern", "parallel"), "foreach")
    with reading.at("parallel"):
        parallel = reading.whole(node.get("parallel"), 1, _MOST_PARALLEL)
    items, files = node.get("items"), node.get("files")
    if (items is None) == (files is None):
        reading.problems.add("bad-foreach", at=node.start)
        return None
    if items is not None:
        with reading.at("items"):
            over = _read_items(reading, items)
        return Foreach(over, parallel) if over is not None else None
    with reading.at("files"):
        folder = reading.string(files, "a folder")
    with reading.at("pattern"):
        pattern = reading.string(node.get("pattern"))
    if folder is None:
        return None
    return Foreach(FileItems(_folder(reading, folder, files or node), pattern or "*"), parallel)


def _folder(reading: Reading, text: str, node: Node) -> str | PortRef | ParamRef:
    match = PORT.fullmatch(text)
    if match is not None:
        return PortRef(StepName(match[1]), PortName(match[2]))
    if not text.startswith("$"):
        return text
    reference = parse_reference(text)
    if reference is None or isinstance(reference, ItemRef):
        reading.problems.add(
            "bad-reference", f"{bounded(text, 60)!r} is not a reference to a folder", at=node.start, culprit=text
        )
        return text
    return reference
