"""YAML text to a tree of nodes with places, by the event parser: no recursion, bounded depth, no anchors, no tags.

Scalars follow the YAML 1.2 core schema (``yes`` and ``on`` are texts, ``012`` is twelve).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from assay.model.codec.problems import Problems

try:
    from yaml._yaml import CParser as _EventParser
except ImportError:  # PyYAML was built without libyaml: the same events, some 20 times slower
    from yaml.loader import SafeLoader as _EventParser  # type: ignore[assignment]

_DEEPEST = 60


class ScalarNode:
    """A scalar: its characters, and whether it was written without quotes."""

    __slots__ = ("end", "plain", "start", "style", "text")

    def __init__(self, start: int, end: int, text: str, style: str) -> None:
        self.start = start
        self.end = end
        self.text = text
        self.style = style
        self.plain = style == ""


class MapNode:
    """A map: entries in order (of keys that stand twice only the first), ``cut`` when the text broke off inside it."""

    __slots__ = ("cut", "end", "entries", "flow", "start")

    def __init__(self, start: int, *, flow: bool) -> None:
        self.start = start
        self.end = start
        self.flow = flow
        self.cut = False
        self.entries: dict[str, tuple[ScalarNode, Node]] = {}

    def get(self, key: str) -> Node | None:
        """Return the value of ``key``."""
        entry = self.entries.get(key)
        return entry[1] if entry else None

    def __iter__(self) -> Iterator[tuple[str, ScalarNode, Node]]:
        for name, (key, value) in self.entries.items():
            yield name, key, value


class ListNode:
    """A list; ``cut`` when the text broke off inside it."""

    __slots__ = ("cut", "end", "flow", "items", "start")

    def __init__(self, start: int, *, flow: bool) -> None:
        self.start = start
        self.end = start
        self.flow = flow
        self.cut = False
        self.items: list[Node] = []


Node = ScalarNode | MapNode | ListNode


def parse_nodes(text: str, problems: Problems, offset: int) -> Node | None:
    """Return the root of the first document in ``text``, or ``None`` when there is none.

    Args:
        text: Printable characters only, without byte order mark.
        problems: Takes the faults; ``problems.broken_text`` is set when the text could not be read to its end.
        offset: Added to every place (the byte order mark).
    """
    builder = _Builder(problems, offset)
    parser: Any = _EventParser(text)
    try:
        while builder.take(parser.get_event()):
            pass
    except yaml.YAMLError as error:
        builder.break_off()
        place, message, hint = _explain(error, text)
        problems.add("yaml", message, at=place + offset, hint=hint)
        problems.broken_text = True
    return builder.root


class _Builder:
    """Takes events one by one. ``_open`` holds the containers around the next node, ``_keys`` the key each map waits with."""

    def __init__(self, problems: Problems, offset: int) -> None:
        self.root: Node | None = None
        self._problems = problems
        self._offset = offset
        self._open: list[MapNode | ListNode] = []
        self._keys: list[ScalarNode | None] = []
        self._skip = 0
        self._documents = 0

    def take(self, event: Any) -> bool:
        """Add one event; return whether to go on."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            style = event.style or ""
            self._add(self._scalar(event, "" if style == ":" else style))
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            return self._start(event, is_map=kind is yaml.MappingStartEvent)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._finish(event)
        elif kind is yaml.AliasEvent:
            start = event.start_mark.index + self._offset
            self._problems.add("yaml-alias", at=start, culprit=f"*{event.anchor}", break_path=False)
            self._add(ScalarNode(start, event.end_mark.index + self._offset, "", "alias"))
        elif kind is yaml.DocumentStartEvent:
            return self._start_document(event)
        return kind is not yaml.StreamEndEvent

    def break_off(self) -> None:
        """Close what is open, marked as cut."""
        for container in reversed(self._open):
            container.cut = True
        self._open.clear()

    def _start_document(self, event: Any) -> bool:
        self._documents += 1
        if self._documents > 1:
            self._problems.add("yaml-documents", at=event.start_mark.index + self._offset, culprit="---")
            return False
        return True

    def _scalar(self, event: Any, style: str) -> ScalarNode:
        start, end = event.start_mark.index + self._offset, event.end_mark.index + self._offset
        if event.anchor is not None or event.tag is not None:
            self._refuse_properties(event, start)
            style = style or "tagged"
        return ScalarNode(start, end, event.value, style)

    def _refuse_properties(self, event: Any, start: int) -> None:
        if event.anchor is not None:
            self._problems.add("yaml-alias", at=start, culprit=f"&{event.anchor}", break_path=False)
        if event.tag is not None:
            self._problems.add("yaml-tag", at=start, culprit=event.tag, break_path=False)

    def _start(self, event: Any, *, is_map: bool) -> bool:
        start = event.start_mark.index + self._offset
        if len(self._open) >= _DEEPEST:
            self._problems.add("yaml-depth", at=start)
            self._problems.broken_text = True
            self.break_off()
            return False
        if event.anchor is not None or event.tag is not None:
            self._refuse_properties(event, start)
        flow = bool(event.flow_style)
        node = MapNode(start, flow=flow) if is_map else ListNode(start, flow=flow)
        self._add(node)
        self._open.append(node)
        self._keys.append(None)
        return True

    def _finish(self, event: Any) -> None:
        node = self._open.pop()
        self._keys.pop()
        if node.flow:
            node.end = event.end_mark.index + self._offset
        if self._open:
            self._open[-1].end = node.end

    def _add(self, node: Node) -> None:
        if not self._open:
            if self.root is None:
                self.root = node
            return
        parent = self._open[-1]
        parent.end = node.end
        if isinstance(parent, ListNode):
            parent.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = self._as_key(node)
            return
        self._keys[-1] = None
        if key.style == "complex":
            return
        if key.text in parent.entries:
            first = self._problems.where(parent.entries[key.text][0].start)
            self._problems.add(
                "yaml-duplicate-key",
                f"key {key.text[:80]!r} stands twice, first in line {first.line}",
                at=key.start,
                culprit=key.text,
            )
            return
        parent.entries[key.text] = (key, node)

    def _as_key(self, node: Node) -> ScalarNode:
        if not isinstance(node, ScalarNode):
            self._problems.add("yaml-key", "a map or list cannot be a key", at=node.start)
            return ScalarNode(node.start, node.end, "", "complex")
        if node.style == "alias":
            return ScalarNode(node.start, node.end, "", "complex")
        return node


_TAB = "a tab stands where YAML takes spaces only"
_EXPLANATIONS = {
    "mapping values are not allowed": (
        "a ':' stands where no key can be",
        "check the indentation, or put the text before it in quotes",
    ),
    "cannot start any token": ("this character cannot begin a value", "put the text in quotes"),
    "expected key": (
        "this line does not fit the lines before it",
        "write 'key: value' with the same indentation as its neighbours",
    ),
    "expected <block end>": (
        "this line does not fit the lines before it",
        "give it the same indentation as its neighbours",
    ),
    "expected '-' indicator": (
        "this line does not fit the list before it",
        "begin it with '- ' in the column of the others",
    ),
    "expected ':'": ("a key without ':'", "write 'key: value'"),
    "end of stream": ("a quote or bracket is not closed", "close it"),
    "expected ',' or '}'": ("a '{' is not closed, or a ',' is missing", "close it with '}'"),
    "expected ',' or ']'": ("a '[' is not closed, or a ',' is missing", "close it with ']'"),
    "unknown escape": ("an unknown escape in double quotes", "write \\\\ for a backslash, or use single quotes"),
    "expected <document start>": ("text stands after the end of the document", "check its quotes and indentation"),
    "undefined alias": ("an alias (*) of nothing", "put the text in quotes, or write the value out"),
}


def _explain(error: yaml.YAMLError, text: str) -> tuple[int, str, str]:
    """Return place, sentence and hint for what the YAML parser found."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = min(mark.index if mark is not None else 0, len(text))
    opened = getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", "") or getattr(error, "reason", "") or error)
    line = text[text.rfind("\n", 0, place) + 1 : place + 1]
    if not line.strip() and "\t" in line:
        return place, _TAB, "indent with spaces"
    for part, (message, hint) in _EXPLANATIONS.items():
        if part in problem:
            unclosed = "not closed" in message
            return opened.index if unclosed and opened is not None else place, message, hint
    return place, problem[:200], ""
