"""Rename a step wherever the text names it: its key, its place on the canvas, its group, and every reference."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.ids import NAME, RESERVED_STEP_NAMES, StepName
from assay.model.codec.document import Document, EditError, load
from assay.model.codec.nodes import ListNode, MapNode, Node, ScalarNode
from assay.model.codec.scalars import write
from assay.model.codec.splice import Edit, Splice
from assay.model.expression import ExpressionError, reference_places


def rename(document: Document, old: StepName, new: StepName) -> Document:
    """Return the document with step ``old`` called ``new``; raises ``EditError`` when it cannot be."""
    pipeline = document.pipeline
    names = {*pipeline.steps, *pipeline.final} if pipeline is not None else set()
    if old not in names:
        raise EditError(f"there is no step {old!r}", culprit=old)
    if new in names or new in RESERVED_STEP_NAMES or not NAME.fullmatch(new):
        raise EditError(f"a step cannot be called {new!r}", culprit=new, hint="choose a name that is legal and free")
    changed = load(rename_edit(document, old, new).apply(document.text), document.file)
    renamed = {*changed.pipeline.steps, *changed.pipeline.final} if changed.pipeline is not None else set()
    if renamed != {*names, new} - {old} or len(changed.faults) > len(document.faults):
        raise EditError(f"step {old!r} cannot be renamed here", culprit=old, hint="change the text by hand")
    return changed


def rename_edit(document: Document, old: str, new: str) -> Edit:
    """Return the splices of a renaming."""
    return Edit.of(_splice(document.text, node, value) for node, value in _places(document, old, new))


def _splice(text: str, node: ScalarNode, value: str) -> Splice:
    """Replace the characters within the quotes where they stand as they are, the whole scalar where they are escaped."""
    inside = node.start + (1 if node.style in ("'", '"') else 0)
    if text.startswith(node.text, inside) and node.style in ("", "'", '"'):
        return Splice(inside, inside + len(node.text), value)
    return Splice(node.start, node.end, write(value, '"'))


def _places(document: Document, old: str, new: str) -> Iterator[tuple[ScalarNode, str]]:
    """Yield every scalar that names the step, with its new characters."""
    for top in ("steps", "finally", "layout"):
        group = document.node((top,))
        for name, key, value in group if isinstance(group, MapNode) else ():
            if name == old:
                yield key, new
            if top != "layout" and isinstance(value, MapNode):
                yield from _step_places(value, old, new)

    outputs = document.node(("outputs",))
    for _, _, body in outputs if isinstance(outputs, MapNode) else ():
        for node in _scalars(body.get("from") if isinstance(body, MapNode) else body):
            yield from _changed(node, re.sub(rf"^{re.escape(old)}(?=\.[\w-]+$)", new, node.text))
    groups = document.node(("groups",))
    for _, _, body in groups if isinstance(groups, MapNode) else ():
        for node in _scalars(body.get("steps") if isinstance(body, MapNode) else body):
            yield from _changed(node, new if node.text == old else node.text)


def _step_places(step: MapNode, old: str, new: str) -> Iterator[tuple[ScalarNode, str]]:
    source = re.compile(rf"(?<!\S){re.escape(old)}(?=\.)")
    value = re.compile(rf"^\${re.escape(old)}(?=\.)")
    foreach = step.get("foreach")
    files = foreach.get("files") if isinstance(foreach, MapNode) else None
    for node in _scalars(step.get("in")):
        yield from _changed(node, source.sub(new, node.text))
    for node in _scalars(step.get("with"), foreach):
        if node is not files and (node.style in ("'", '"') or not node.plain or node.text.startswith("$")):
            yield from _changed(node, value.sub(f"${new}", node.text))
    for node in _scalars(files):
        yield from _changed(node, re.sub(rf"^(\$?){re.escape(old)}(?=\.[\w-]+$)", rf"\g<1>{new}", node.text))
    for node in _scalars(step.get("after")):
        yield from _changed(node, new if node.text == old else node.text)
    for node in _scalars(step.get("if")):
        yield from _changed(node, _in_condition(node.text, old, new))


def _changed(node: ScalarNode, text: str) -> Iterator[tuple[ScalarNode, str]]:
    if text != node.text:
        yield node, text


def _in_condition(text: str, old: str, new: str) -> str:
    try:
        places = reference_places(text)
    except ExpressionError:
        return text
    for name, _, start in sorted(places, key=lambda place: -place[2]):
        if name == old:
            text = text[:start] + new + text[start + len(old) :]
    return text


def _scalars(*nodes: Node | None) -> Iterator[ScalarNode]:
    stack = [node for node in nodes if node is not None]
    while stack:
        node = stack.pop()
        match node:
            case ScalarNode():
                yield node
            case ListNode():
                stack.extend(node.items)
            case MapNode():
                stack.extend(value for _, _, value in node)
