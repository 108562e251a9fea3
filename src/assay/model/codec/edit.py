"""Changes of one value as splices of the text: all else, comments and order and quotes, keeps its bytes.

Every change is read back; when the text does not say exactly what was asked (an exotic way of writing), it is refused.
"""

from __future__ import annotations

from typing import Any

from assay.model.artifacts import Json
from assay.model.codec.document import Document, EditError, load, newline
from assay.model.codec.nodes import ListNode, MapNode, Node, ScalarNode
from assay.model.codec.problems import Path
from assay.model.codec.reading import Reading
from assay.model.codec.scalars import UnfitNumber, literal_block, write, write_key
from assay.model.codec.splice import Edit, Splice

_BLOCK_STYLES = ("|", ">")


def set_value(document: Document, path: Path, value: Json) -> Document:
    """Return the document with ``value`` at ``path``, made with the maps around it when they are missing."""
    try:
        return confirmed(document, set_edit(document, path, value), _with(document.json(), path, value))
    except UnfitNumber as error:
        raise EditError("infinite numbers and NaN cannot be written", culprit=_show(path)) from error


def remove_value(document: Document, path: Path) -> Document:
    """Return the document without the entry at ``path``; a map of a step that becomes empty goes with it."""
    path = _emptied(document, path)
    return confirmed(document, remove_edit(document, path), _without(document.json(), path))


def confirmed(document: Document, edit: Edit, wanted: Json) -> Document:
    """Return the edited document when it says what is wanted; raises ``EditError`` otherwise."""
    changed = load(edit.apply(document.text), document.file)
    if changed.json() != wanted:
        raise EditError(
            "this change cannot be made here without rewriting its neighbours", hint="change the text by hand"
        )
    return changed


def set_edit(document: Document, path: Path, value: Json) -> Edit:
    """Return the splices that put ``value`` at ``path``."""
    if not path:
        raise EditError("a whole document cannot be set", hint="set one of its keys")
    depth = len(path)
    while depth and document.node(path[:depth]) is None:
        depth -= 1
    node = document.node(path[:depth])
    if depth == len(path) and node is not None:
        if isinstance(node, ScalarNode) and _same(document.json(path), value):
            return Edit(())
        return Edit((_replace(document, path, node, value),))
    wrapped = _wrap(path[depth + 1 :], value)
    if node is None or (depth and Reading.is_null(node)):
        if not depth:
            return Edit((_append_line(document.text, f"{write_key(str(path[0]))}: {write(wrapped)}"),))
        return Edit((_replace(document, path[:depth], node, _wrap(path[depth:], value)),))  # type: ignore[arg-type]  # depth > 0: a node
    return Edit((_insert(document, node, path[depth], wrapped, path),))


def remove_edit(document: Document, path: Path) -> Edit:
    """Return the splices that take the entry at ``path`` away."""
    parent = document.node(path[:-1])
    if document.node(path) is None or parent is None or isinstance(parent, ScalarNode):
        raise EditError(f"there is nothing at {_show(path)}", culprit=_show(path))
    spans = _spans(parent)
    place = list(parent.entries).index(str(path[-1])) if isinstance(parent, MapNode) else int(path[-1])
    if len(spans) == 1:
        empty: Json = {} if isinstance(parent, MapNode) else []
        if not path[:-1]:
            return Edit((Splice(_line_start(document.text, spans[0][0]), _entry_end(document.text, spans[0][1]), ""),))
        return Edit((_replace(document, path[:-1], parent, empty),))
    if parent.flow:
        return Edit((_remove_flow(document.text, spans, place),))
    return Edit((_remove_block(document.text, parent, spans, place),))


def _replace(document: Document, path: Path, node: Node, value: Json) -> Splice:
    text = document.text
    if isinstance(node, ScalarNode):
        return _replace_scalar(text, node, value, document.key(path))
    if node.flow:
        return Splice(node.start, node.end, write(value))
    key = document.key(path)
    if key is None:
        return Splice(node.start, _trimmed(text, node.start, node.end), write(value))
    colon = text.index(":", key.end) + 1
    first = _line_start(text, node.start)
    end = _entry_end(text, node.end) if first > colon else _trimmed(text, node.start, node.end)
    between = text[colon:first].rstrip("\r\n") if first > colon else ""
    ending = _line_break_before(text, end) if first > colon else ""
    return Splice(colon, end, f" {write(value)}{between}{ending}")


def _replace_scalar(text: str, node: ScalarNode, value: Json, key: ScalarNode | None) -> Splice:
    if node.style in _BLOCK_STYLES:
        return _replace_block(text, node, value)
    new = write(value, node.style if node.style in ("'", '"') else "")
    if node.start < node.end:
        return Splice(node.start, node.end, new)
    before = text[node.start - 1 : node.start]
    colon = "" if key is None or ":" in text[key.end : node.start] else ":"
    after = text[node.start : node.start + 1]
    return Splice(
        node.start,
        node.end,
        f"{colon}{'' if before in (' ', '[') and not colon else ' '}{new}{' ' if after == '#' else ''}",
    )


def _replace_block(text: str, node: ScalarNode, value: Json) -> Splice:
    end = _trimmed(text, node.start, node.end)
    if isinstance(value, str) and node.style == "|":
        header_end = text.index("\n", node.start) + 1
        body = text[header_end:end].lstrip("\r\n")
        indent = body[: len(body) - len(body.lstrip(" "))]
        block = literal_block(value, indent, newline(text)) if indent else None
        if block is not None:
            return Splice(node.start, end, block)
    return Splice(node.start, end, write(value))


def _insert(document: Document, node: Node, step: str | int, value: Json, path: Path) -> Splice:
    if isinstance(node, MapNode) and isinstance(step, str):
        line = f"{write_key(step)}: {write(value)}"
    elif isinstance(node, ListNode) and step == len(node.items):
        line = write(value) if node.flow else f"- {write(value)}"
    else:
        raise EditError(
            f"nothing can be put at {_show(path)}", culprit=_show(path), hint="there is another kind of value around it"
        )
    spans = _spans(node)
    text = document.text
    if node.flow:
        if not spans:
            closing = text[node.start + 1]
            return Splice(node.start + 1, node.start + 1, line if closing in "}]" else f"{line} ")
        end = spans[-1][1]
        return Splice(end, end, f", {line}")
    start = node.entries[next(iter(node.entries))][0].start if isinstance(node, MapNode) else node.start
    indent = " " * _column(text, start)
    end = _line_end(text, _trimmed(text, start, node.end))
    return Splice(end, end, f"{newline(text)}{indent}{line}")


def _append_line(text: str, line: str) -> Splice:
    ending = newline(text)
    before = "" if not text or text.endswith(("\n", "\ufeff")) else ending
    return Splice(len(text), len(text), f"{before}{line}{ending}")


def _remove_flow(text: str, spans: list[tuple[int, int]], place: int) -> Splice:
    start, end = spans[place]
    if place + 1 < len(spans):
        following = spans[place + 1][0]
        if "\n" not in text[end:following]:
            return Splice(start, following, "")
        return Splice(start, text.index(",", end) + 1, "")
    before = spans[place - 1][1]
    return Splice(start, end, "") if "\n" in text[before:start] else Splice(before, end, "")


def _remove_block(text: str, parent: MapNode | ListNode, spans: list[tuple[int, int]], place: int) -> Splice:
    start, end = spans[place]
    if isinstance(parent, ListNode):
        start = text.rindex("-", _line_start(text, start), start) if place else parent.start
    line = _line_start(text, start)
    if text[line:start].strip(" \ufeff"):
        following = spans[place + 1][0]
        return Splice(start, following if isinstance(parent, MapNode) else text.rindex("-", end, following), "")
    stop = _entry_end(text, end)
    if stop == len(text) and not text.endswith("\n") and line:
        line -= 2 if text.startswith("\r\n", line - 2) else 1
    return Splice(line, stop, "")


def _spans(node: MapNode | ListNode) -> list[tuple[int, int]]:
    """Return where each entry stands, from its key to the end of its value."""
    if isinstance(node, MapNode):
        return [(key.start, max(key.end, value.end)) for _, key, value in node]
    return [(item.start, item.end) for item in node.items]


def _trimmed(text: str, start: int, end: int) -> int:
    """Return ``end`` without the line breaks that a block scalar takes with it."""
    return start + len(text[start:end].rstrip())


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    if end < 0:
        return len(text)
    return end - 1 if text[end - 1] == "\r" and end > place else end


def _entry_end(text: str, end: int) -> int:
    """Return where the line of an entry's last character ends, its line break included."""
    while end > 0 and text[end - 1] in "\r\n ":
        end -= 1
    stop = text.find("\n", end)
    return len(text) if stop < 0 else stop + 1


def _line_break_before(text: str, end: int) -> str:
    if text.endswith("\r\n", 0, end):
        return "\r\n"
    return "\n" if text.endswith("\n", 0, end) else ""


def _column(text: str, place: int) -> int:
    return len(text[_line_start(text, place) : place].lstrip("\ufeff"))


def _wrap(path: Path, value: Json) -> Json:
    for step in reversed(path):
        value = {step: value} if isinstance(step, str) else [value]
    return value


def _emptied(document: Document, path: Path) -> Path:
    """Climb from an only entry to the map around it, but never to a step or to ``steps`` itself."""
    while len(path) > 1 and not (len(path) == 2 and path[0] == "steps") and len(path) != 3:
        parent = document.node(path[:-1])
        if parent is None or isinstance(parent, ScalarNode) or len(_spans(parent)) != 1:
            break
        path = path[:-1]
    return path


def _same(left: Json, right: Json) -> bool:
    return left == right and type(left) is type(right)


def _with(tree: Any, path: Path, value: Json) -> Any:
    """Return a copy of ``tree`` with ``value`` at ``path``."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = list(tree) if isinstance(tree, list) else []
        return [*items[:step], _with(items[step] if step < len(items) else None, rest, value), *items[step + 1 :]]
    entries = dict(tree) if isinstance(tree, dict) else {}
    entries[step] = _with(entries.get(step), rest, value)
    return entries


def _without(tree: Any, path: Path) -> Any:
    step, rest = path[0], path[1:]
    if rest:
        changed = _without(tree[step], rest)
        if isinstance(tree, list):
            return [changed if place == step else item for place, item in enumerate(tree)]
        return {key: changed if key == step else item for key, item in tree.items()}
    if isinstance(tree, list):
        return [item for place, item in enumerate(tree) if place != step]
    return {key: item for key, item in tree.items() if key != step}


def _show(path: Path) -> str:
    return ".".join(str(step) for step in path)
