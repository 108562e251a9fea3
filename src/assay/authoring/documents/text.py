"""A YAML file with places, and where the reading of it puts what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from assay.errors import Fault, Location, Severity, bounded
from assay.model.codec.nodes import ListNode, MapNode, Node, ScalarNode, parse_nodes
from assay.model.codec.problems import Problems
from assay.model.codec.reading import Reading

LARGEST_DOCUMENT = 2 * 2**20
"""Bytes of a component's description; more is data."""

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Text:
    """A YAML file that was parsed.

    Attributes:
        root: Its first document; ``None`` when it is empty or broken.
        reading: Reads values out of nodes, and notes those that do not suit.
    """

    file: Path
    root: Node | None
    reading: Reading

    @property
    def faults(self) -> list[Fault]:
        """Everything that is wrong with it so far."""
        return self.reading.problems.faults

    def error(self, code: str, message: str, node: Node, culprit: str = "", hint: str = "") -> None:
        """Note an error at a node."""
        self._add(code, message, node.start, culprit, hint, Severity.ERROR)

    def warning(self, code: str, message: str, node: Node, culprit: str = "", hint: str = "") -> None:
        """Note a warning at a node."""
        self._add(code, message, node.start, culprit, hint, Severity.WARNING)

    def error_inside(self, code: str, message: str, node: ScalarNode, part: str, hint: str = "") -> None:
        """Note an error at ``part`` of a scalar."""
        at = node.text.find(part)
        self._add(code, message, self.reading.span(node, max(at, 0))[0], part, hint, Severity.ERROR)

    def unsupported(self, what: str, node: Node, why: str, hint: str = "") -> None:
        """Note that something of a foreign description has no counterpart here."""
        self.error("unsupported", f"{what}: {why}", node, what, hint)

    def _add(self, code: str, message: str, at: int, culprit: str, hint: str, severity: Severity) -> None:
        place = self.reading.problems.where(at)
        self.faults.append(Fault(code, message, bounded(culprit, 120), place, hint, severity))

    def items(self, node: Node | None, wish: str) -> list[Node]:
        """Return the items of a list, a single scalar as one of them; a fault for anything else."""
        match node:
            case None:
                return []
            case ListNode(items=items):
                return items
            case ScalarNode() if not self.reading.is_null(node):
                return [node]
            case ScalarNode():
                return []
        self.reading.wrong(node, wish)
        return []

    def entries(self, node: Node | None, name_key: str, wish: str) -> list[tuple[str, Node, Node]]:
        """Return name, node of the name and value of a map's entries, or of a list of maps that hold their name under ``name_key``."""
        if isinstance(node, MapNode):
            return [(name, key, value) for name, key, value in node]
        found: list[tuple[str, Node, Node]] = []
        for item in self.items(node, wish):
            named = item.get(name_key) if isinstance(item, MapNode) else None
            if isinstance(named, ScalarNode) and named.text:
                found.append((named.text, named, item))
            else:
                self.reading.wrong(item, wish)
        return found


def read_text(file: Path, content: bytes, *, more_documents: bool = False) -> Text:
    """Return the parsed text; never raises for what is in it.

    Args:
        more_documents: Whether documents behind the first are passed over without a fault.
    """
    try:
        text = content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        bad = Location(str(file), content[: error.start].count(b"\n") + 1, 1)
        problems = Problems("", str(file))
        problems.faults.append(Fault("syntax", "not UTF-8 text", file.name, bad, "save it as UTF-8"))
        return Text(file, None, Reading("", problems))
    text = _UNPRINTABLE.sub("\ufffd", text)
    problems = Problems(text, str(file))
    root = parse_nodes(text, problems, 0)
    if more_documents:
        problems.faults[:] = [fault for fault in problems.faults if fault.code != "yaml-documents"]
    return Text(file, None if problems.broken_text else root, Reading(text, problems))
